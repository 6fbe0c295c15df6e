"""`callsheet`: finds the verb, runs it, and turns every failure into a message and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final

import click

from callsheet._version import __version__

GROUPS: Final[dict[str, dict[str, str]]] = {
    "Write": {
        "init": "Write a first pipeline and its editor schema.",
        "check": "Say precisely what is wrong with a pipeline.",
        "graph": "Show the graph: text, Mermaid, DOT or JSON.",
        "models": "Explore the models: parameters, outputs, prices.",
        "recipes": "List the recipes that ship with callsheet, or show one.",
        "substitute": "Rewrite a file for another model.",
        "schema": "Print the JSON Schema for your editor.",
    },
    "Plan": {
        "plan": "Say what would be made, why, and for how much.",
        "explain": "Say what an instance is made of, and what changed.",
        "diff": "Say what differs between two files, revisions or runs.",
    },
    "Run": {
        "run": "Make the film (--preview: offline, free).",
        "resume": "Fetch what is paid for and go on.",
        "cancel": "Call requests back.",
        "open": "Say what made a media file, and write its pipeline back.",
    },
    "Choose": {
        "takes": "Look at the takes of an instance side by side.",
        "pick": "Say which take counts.",
        "retake": "Ask for one more take.",
        "approve": "Let through what waits for a person.",
    },
    "Share": {
        "lock": "Write the lock file anew, or check it.",
        "cache": "Look into the content store, and make room in it.",
    },
    "Money": {
        "runs": "List past runs and what they cost.",
        "show": "Show one run, call by call.",
        "reconcile": "Settle calls in doubt.",
        "emulator": "Serve a provider on this machine to test against, faults included.",
    },
}
"""The verbs by what people do, each with its line in the help."""
VERBS: Final = {verb: line for verbs in GROUPS.values() for verb, line in verbs.items()}


class Verbs(click.Group):
    """Verbs are imported only when they are used, so that help is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"callsheet.cli.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from callsheet.spec.suggest import suggest

            ctx.fail(f"there is no verb '{args[0]}'. {suggest(args[0], VERBS, 'verbs')}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for group, verbs in GROUPS.items():
            with formatter.section(group):
                formatter.write_dl([(verb.ljust(max(map(len, VERBS))), line) for verb, line in verbs.items()])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="callsheet")
def callsheet() -> None:
    """The make and the terraform plan of generative film.

    One YAML file describes a film as a graph of model calls.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point of the `callsheet` script; never returns."""
    try:
        sys.exit(callsheet.main(arguments, standalone_mode=False) or 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        from callsheet.cli.errors import explain

        sys.exit(explain(error))
