"""`callsheet models`: the models that can be used, their parameters and prices."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import click

from callsheet.cli import completion
from callsheet.cli.amounts import Number, Usd
from callsheet.cli.answer import json_option, print_json
from callsheet.cli.output import tell_progress
from callsheet.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from callsheet.nodes.registry import Registry

SCREEN: Final = 40
VERBS: Final = ("show", "compare", "add", "diff", "sync")
WORDS: Final = "[QUERY… | show ID | compare ID… | add ID… | diff [ID…] | sync]"
NARROWEST: Final = 60
"""Columns below which nothing is fitted."""


def _names(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """The words that a shell offers: the verbs, and names of models."""
    before = context.params.get("words") or ()
    verbs = [verb for verb in VERBS if verb.startswith(begun) and not before]
    return [*verbs, *completion.models(context, parameter, begun)]


@click.command("models")
@click.argument(
    "words",
    nargs=-1,
    shell_complete=_names,
    metavar=WORDS,
)
@click.option("--task", default="", help="Only this task, such as image-to-video.")
@click.option(
    "--for", "wanted", default="", metavar="TASK", help="The current models for this task, with prices."
)
@click.option(
    "--seconds",
    type=Number("seconds", 0, 86_400, "8"),
    default=None,
    help="--for, compare: of at least this length.",
)
@click.option("--audio/--silent", "audio", default=None, help="--for, compare: with sound, or without.")
@click.option("--max-usd", type=Usd(), default=None, help="--for, compare: at most this price for a call.")
@click.option("--all", "every", is_flag=True, help="Every match, however many.")
@click.option("--offline", is_flag=True, help="diff: do not fetch the live documents.")
@click.option("--only", multiple=True, metavar="PATTERN", help="sync: only these, such as fal-ai/kling*.")
@click.option("--dry-run", is_flag=True, help="sync: say what is new or changed, and write nothing.")
@click.option("--exit-code", is_flag=True, help="diff, sync: exit with 2 if something differs.")
@json_option
def command(
    words: tuple[str, ...],
    task: str,
    every: bool,
    as_json: bool,
    offline: bool,
    exit_code: bool,
    wanted: str,
    only: tuple[str, ...],
    dry_run: bool,
    **setting: Any,
) -> int:
    """Search the models, show one, or keep the description of an endpoint in the project.

    \b
    callsheet models kling image-to-video
    callsheet models show fal-ai/pika/v2.2/image-to-video
    callsheet models --for image-to-video --seconds 10 --audio --max-usd 1
    callsheet models compare fal-ai/veo3.1/fast fal-ai/kling-video/v3/pro/text-to-video --seconds 8
    callsheet models add fal-ai/new-model/text-to-video     save its live document in models/
    callsheet models diff                                   compare catalogue, models/ and live documents
    callsheet models sync                                   bring models/ up to the provider's list of today
    """
    from callsheet.runtime.project_registry import priced_registry
    from callsheet.runtime.workspace import Workspace

    registry = priced_registry(Workspace.here())
    match words:
        case ("show", uses):
            _show(registry, uses, as_json)
        case ("compare", first, *rest):
            _fitting(registry, (first, *rest), "", setting, as_json)
        case ("compare",):
            raise InputError("compare which models?", "callsheet models compare ID ID --seconds 8")
        case _ if wanted:
            _fitting(registry, (), wanted, setting, as_json)
        case ("add", first, *rest):
            _add(registry, tuple(dict.fromkeys((first, *rest))), as_json)
        case ("diff", *asked):
            drifted = _diff(registry, tuple(dict.fromkeys(asked)), offline, as_json)
            return 2 if exit_code and drifted else 0
        case ("sync", *more):
            return _sync(registry, (*more, *only), dry_run, as_json, exit_code)
        case _:
            _list(registry, " ".join(words), task, every, as_json)
    return 0


def _list(registry: Registry, query: str, task: str, every: bool, as_json: bool) -> None:
    from callsheet.cli.views.models import list_text
    from callsheet.runtime.models import models

    found = models(registry, query, task)
    if as_json:
        from callsheet.api.catalogue import Models

        print_json(Models(tuple(found)))
        return
    if not found:
        raise InputError(f"no model matches {query or task!r}", "try fewer words: callsheet models kling")
    person = sys.stdout.isatty()
    shown = found if every or not person else found[:SCREEN]
    click.echo(list_text(shown, _columns()))
    if len(shown) < len(found):
        click.echo(f"… and {len(found) - len(shown):,} more: add a word, --task or --all")


def _fitting(
    registry: Registry, uses: Sequence[str], task: str, asked: Mapping[str, Any], as_json: bool
) -> None:
    from callsheet.cli.views.fitting_models import fits_text
    from callsheet.runtime.fitting_models import Setting, fitting, side_by_side

    setting = Setting(**asked)
    found = side_by_side(registry, uses, setting) if uses else fitting(registry, task, setting)
    if not found:
        raise InputError(f"no model for {task!r} can do that", "ask for less, or for another task")
    if as_json:
        from callsheet.api.catalogue import Fits

        print_json(Fits(tuple(found)))
    else:
        click.echo(fits_text(found))


def _show(registry: Registry, uses: str, as_json: bool) -> None:
    from callsheet.cli.views.models import model_text
    from callsheet.runtime.models import model

    found = model(registry, uses)
    if as_json:
        from callsheet.api.catalogue import ModelPage

        print_json(ModelPage(found))
    else:
        click.echo(model_text(found, _columns() if sys.stdout.isatty() else None))


def _columns() -> int:
    """The columns of the terminal, 80 where there is none."""
    from shutil import get_terminal_size

    return max(get_terminal_size().columns, NARROWEST)


def _add(registry: Registry, endpoints: Sequence[str], as_json: bool) -> None:
    from callsheet.runtime.model_documents import add_models

    found = add_models(registry, endpoints)
    if as_json:
        from callsheet.api.catalogue import ModelDocuments

        print_json(ModelDocuments(tuple(found)))
        return
    for document in found:
        click.echo(f"wrote {document.path}" if document.changed else f"{document.path} is unchanged")


def _sync(registry: Registry, only: Sequence[str], dry: bool, as_json: bool, exit_code: bool) -> int:
    from callsheet.cli.views.sync import sync_text
    from callsheet.runtime.sync_models import sync_models
    from callsheet.runtime.workspace import Workspace

    found = sync_models(registry, Workspace.here(), only, dry, _progress)
    if as_json:
        print_json(found)
    else:
        click.echo(sync_text(found, dry))
    if found.incomplete:
        return 1
    return 2 if exit_code and found.differs else 0


def _progress(done: int, every: int) -> None:
    """Show how many models are read, where a person sits at the terminal."""
    tell_progress(f"{done:,} of {every:,} models read", done == every)


def _diff(registry: Registry, endpoints: Sequence[str], offline: bool, as_json: bool) -> bool:
    """Print the comparison; whether a live document differs."""
    from callsheet.cli.views.model_documents import drift_text
    from callsheet.runtime.model_documents import compare_models

    found = compare_models(registry, endpoints, live=not offline)
    if as_json:
        from callsheet.api.catalogue import ModelDrifts

        print_json(ModelDrifts(tuple(found)))
    else:
        click.echo(drift_text(found))
    return any(each.drifted for each in found)
