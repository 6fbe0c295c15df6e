"""`callsheet models`: the models that can be used, their parameters and prices."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

import click

from callsheet.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from callsheet.nodes.registry import Registry

SCREEN: Final = 40


@click.command("models")
@click.argument("words", nargs=-1, metavar="[QUERY… | show ID | add ID… | diff [ID…]]")
@click.option("--task", default="", help="Only this task, such as image-to-video.")
@click.option("--all", "every", is_flag=True, help="Every match, however many.")
@click.option("as_json", "--json", is_flag=True, help="Print JSON.")
@click.option("--offline", is_flag=True, help="diff: do not fetch the live documents.")
@click.option("--exit-code", is_flag=True, help="diff: exit with 2 if a live document differs.")
def command(
    words: tuple[str, ...], task: str, every: bool, as_json: bool, offline: bool, exit_code: bool
) -> int:
    """Search the models, show one, or keep the description of an endpoint in the project.

    \b
    callsheet models kling image-to-video
    callsheet models show fal-ai/pika/v2.2/image-to-video
    callsheet models add fal-ai/new-model/text-to-video     save its live document in models/
    callsheet models diff                                   compare catalogue, models/ and live documents
    """
    from callsheet.nodes.registry import Registry

    registry = Registry()
    match words:
        case ("show", uses):
            _show(registry, uses, as_json)
        case ("add", first, *rest):
            _add(registry, tuple(dict.fromkeys((first, *rest))))
        case ("diff", *asked):
            drifted = _diff(registry, tuple(dict.fromkeys(asked)), offline, as_json)
            return 2 if exit_code and drifted else 0
        case _:
            _list(registry, " ".join(words), task, every, as_json)
    return 0


def _list(registry: Registry, query: str, task: str, every: bool, as_json: bool) -> None:
    from callsheet.cli.views.models import list_json, list_text
    from callsheet.runtime.models import models

    found = models(registry, query, task)
    if as_json:
        click.echo(json.dumps(list_json(found), ensure_ascii=False, indent=2))
        return
    if not found:
        raise InputError(f"no model matches {query or task!r}", "try fewer words: callsheet models kling")
    person = sys.stdout.isatty()
    shown = found if every or not person else found[:SCREEN]
    click.echo(list_text(shown, table=person))
    if len(shown) < len(found):
        click.echo(f"… and {len(found) - len(shown):,} more: add a word, --task or --all")


def _show(registry: Registry, uses: str, as_json: bool) -> None:
    from callsheet.cli.views.models import model_text
    from callsheet.runtime.models import model

    found = model(registry, uses)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else model_text(found))


def _add(registry: Registry, endpoints: Sequence[str]) -> None:
    from callsheet.runtime.models import add_models

    for document in add_models(registry, endpoints):
        click.echo(f"wrote {document.path}" if document.changed else f"{document.path} is unchanged")


def _diff(registry: Registry, endpoints: Sequence[str], offline: bool, as_json: bool) -> bool:
    """Print the comparison; whether a live document differs."""
    from callsheet.cli.views.models import drift_json, drift_text
    from callsheet.runtime.models import compare_models

    found = compare_models(registry, endpoints, live=not offline)
    click.echo(json.dumps(drift_json(found), ensure_ascii=False, indent=2) if as_json else drift_text(found))
    return any(each.drifted for each in found)
