"""`callsheet`: finds the command, runs it, and turns every failure into a message and an exit code."""

from __future__ import annotations

import errno
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from contextvars import copy_context
from typing import Final

import click

from callsheet._version import __version__
from callsheet.cli.answer import ON_FAILURE
from callsheet.cli.kept_code import kept_code
from callsheet.cli.leave import leave
from callsheet.cli.output import safe_output
from callsheet.cli.pages import OTHER, PAGES

GROUPS: Final[dict[str, dict[str, str]]] = {
    "Write": {
        "init": "Create a first pipeline and its editor schema.",
        "check": "Check a pipeline, and show every error with its place.",
        "graph": "Show the graph as text, Mermaid, DOT or JSON.",
        "models": "Search models; show their parameters, outputs and prices.",
        "recipes": "List the recipes that ship with callsheet, or show one.",
        "test": "Test recipes: check, compare and preview their examples.",
        "substitute": "Replace a model in a pipeline with another one.",
        "schema": "Print JSON Schemas: for your editor, and of JSON output.",
        "doctor": "Look at what works here, as a report to paste.",
    },
    "Plan": {
        "plan": "Show what a run would make, why, and what it costs.",
        "explain": "Show what an instance is made of, and what changed.",
        "diff": "Compare two files, revisions or runs.",
    },
    "Run": {
        "run": "Run a pipeline (--preview: offline and free).",
        "resume": "Continue a stopped run, and fetch what is paid for.",
        "cancel": "Cancel pending requests.",
        "worker": "Start workers for runs on other machines.",
        "engine": "Show the workers of an engine, and why a task waits.",
        "open": "Open a media file in its program.",
        "origin": "Show what made a media file, or restore its pipeline.",
        "report": "Write a page about a film, with its money and runs.",
        "export": "Hand the shots of a film over to an editing program.",
        "conform": "Take a cut over that was made in an editing program.",
    },
    "Choose": {
        "takes": "Show the takes of an instance side by side.",
        "pick": "Choose the take that counts.",
        "retake": "Ask for one more take.",
        "approve": "Approve results that later nodes wait for.",
        "reject": "Reject a result; the film goes on without it.",
        "notes": "List, add, answer and close notes on the film.",
        "watch": "Preview a film at each save, on a live page.",
        "review": "Look at a film on a live page: notes, takes, approvals.",
    },
    "Share": {
        "lock": "Write the lock file, or compare it with the pipeline.",
        "log": "Tell the history of a film from git.",
        "merge-driver": "Merge lock files, for git.",
        "archive": "Write a film with all its results into one file.",
        "cache": "Show, verify and clean up the content store.",
    },
    "Money": {
        "runs": "List past runs and what they cost.",
        "show": "Show one run, request by request.",
        "costs": "Add up what was spent, by film, shot, model, take or month.",
        "reconcile": "Resolve requests whose outcome is unknown.",
        "adopt-state": "Take over what was bought in another folder.",
        "emulator": "Emulate a provider on this machine, for tests.",
    },
}
"""The verbs by what people do, each with its line in the help."""
VERBS: Final = {verb: line for verbs in GROUPS.values() for verb, line in verbs.items()}
COLLECT_AFTER: Final = 200_000
"""New objects between two rounds of the garbage collector; nearly all that a start makes stay."""


class Verbs(click.Group):
    """Verbs are imported only when they are used, so that help is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = cmd_name.replace("-", "_")
        command: click.Command = importlib.import_module(f"callsheet.cli.commands.{module}").command
        command.epilog = f"Read more: {PAGES.get(cmd_name, OTHER)}"
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from callsheet.spec.suggest import suggest

            step = suggest(args[0], VERBS, "commands") or "callsheet --help lists them"
            ctx.fail(f"there is no command '{args[0]}'; {step}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Raises what the verb raises, after the program that asked for JSON is told."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if tell := ctx.meta.get(ON_FAILURE):
                tell(error)
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for group, verbs in GROUPS.items():
            with formatter.section(group):
                formatter.write_dl([(verb.ljust(max(map(len, VERBS))), line) for verb, line in verbs.items()])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="callsheet")
def callsheet() -> None:
    """Make films with AI models.

    One YAML file describes a film as a graph of model calls. callsheet checks it, shows what it costs before
    you pay, and makes only what changed.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point of the `callsheet` script; never returns."""
    gc.set_threshold(COLLECT_AFTER)
    try:
        with safe_output(), kept_code(_verb(arguments)):
            copy_context().run(_main, arguments)  # what one command allows, the next does not
    except SystemExit as end:
        if arguments is None and isinstance(end.code, int):
            leave(end.code)
        raise


def _verb(arguments: Sequence[str] | None) -> str:
    """The verb that was typed, "" for none."""
    return next((word for word in (sys.argv[1:] if arguments is None else arguments) if word in VERBS), "")


def _main(arguments: Sequence[str] | None) -> None:
    try:
        sys.exit(callsheet.main(arguments, standalone_mode=False) or 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except Exception as error:
        if _nobody_reads(error):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        from callsheet.cli.errors import explain

        sys.exit(explain(error))


def _nobody_reads(error: Exception) -> bool:
    """Whether the program that our output goes to has ended, as `more` does after `q`."""
    if isinstance(error, OSError) and os.name != "posix" and error.errno == errno.EINVAL:
        return error.filename is None
    return isinstance(error, BrokenPipeError)
