"""What a shell offers after the Tab key: pipelines, addresses, models and recipes. It offers nothing where a
file has mistakes, and sends nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from callsheet.errors import CallsheetError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from callsheet.dsl.graph import Graph

MOST: Final = 200
"""Words that a shell gets at most."""
UNQUOTED: Final = re.compile(r"[\w./#-]+")
"""What means the same to every shell."""


def pipelines(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """The pipelines of the folder; where there are none, and for a path, whatever the shell finds."""
    return _files(begun) or [_item(begun, "file")]


def pipelines_or_addresses(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """For the first word of a verb that may leave FILE out."""
    found = [*_files(begun), *map(_item, _begun_so(_addresses(None), begun))]
    return found or [_item(begun, "file")]


def addresses(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """The nodes and instances of the pipeline that is typed before."""
    given = context.params.get("file")
    return _begun_so(_addresses(given if isinstance(given, Path) else None), begun)


def models(_: click.Context, __: click.Parameter, begun: str) -> list[str]:
    """Names of models that begin so, with or without their owner, the most used first."""
    from callsheet.nodes.openapi.project_models import FOLDER, Models
    from callsheet.nodes.registry import Registry
    from callsheet.spec.project import project_root

    names = [entry.uses for entry in Registry(Models(project_root(Path()) / FOLDER)).entries()]
    return [name for name in names if name.startswith(begun) or f"/{begun}" in name][:MOST]


def recipes(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """The recipes that ship; for a path, whatever the shell finds."""
    from callsheet.dsl.resolve.recipe_files import shipped

    if context.params.get("words") or begun.startswith((".", "/")):
        return [_item(begun, "file")]
    names = [uses.partition("/")[2] for uses in shipped()]
    return [_item(name) for name in _begun_so([*names, "outdated"], begun)]


def _item(word: str, kind: str = "plain") -> CompletionItem:
    from click.shell_completion import CompletionItem  # which no command needs that is not typed with Tab

    return CompletionItem(word, type=kind)


def _files(begun: str) -> list[CompletionItem]:
    from callsheet.spec.pipeline_files import pipeline_files

    return [_item(path.name) for path in pipeline_files(Path()) if path.name.startswith(begun)]


def _addresses(file: Path | None) -> list[str]:
    from callsheet.runtime.check import load
    from callsheet.spec.pipeline_files import pipeline_in

    try:
        graph = load(pipeline_in(file), {}, ())
    except (CallsheetError, OSError):
        return []
    return [name for name in dict.fromkeys(_names(graph)) if UNQUOTED.fullmatch(name)]


def _names(graph: Graph) -> Iterator[str]:
    """As people type them: `clip`, `clip.dawn`."""
    from callsheet.runtime.graph.spelling import plain

    yield from (instance.node for instance in graph.instances.values())
    yield from (plain(instance.address) for instance in graph.instances.values())


def _begun_so(names: list[str], begun: str) -> list[str]:
    return [name for name in names if name.startswith(begun)][:MOST]
