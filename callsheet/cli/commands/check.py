"""`callsheet check`: every error of a file at once."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.cli.options import parse_sets, pipeline_options

if TYPE_CHECKING:
    from callsheet.api import Checked
    from callsheet.dsl.graph import Graph


@click.command("check")
@pipeline_options
@click.option("as_json", "--json", is_flag=True, help="Print the result as one JSON object.")
def command(file: Path, sets: tuple[str, ...], inputs: Path | None, as_json: bool) -> int:
    """Say precisely what is wrong with a pipeline."""
    from callsheet.api import check

    checked = check(file, parse_sets(sets), inputs)
    if as_json:
        click.echo(json.dumps(_to_json(file, checked), ensure_ascii=False, indent=2))
    else:
        _print(file, checked)
    return 0 if checked.ok else 1


def _to_json(file: Path, checked: Checked) -> dict[str, object]:
    graph = checked.graph
    unknown = _unknown(graph)
    return {
        "path": str(file),
        "ok": checked.ok,
        "nodes": len({i.node for i in graph.instances.values()}) if graph else None,
        "instances": len(graph.instances) if graph else None,
        **({"pending": sum(unknown.values())} if unknown else {}),
        "diagnostics": [d.to_json() for d in checked.diagnostics],
    }


def _unknown(graph: Graph | None) -> dict[str, int]:
    """Node → how many instances of it may come with lists that are not known yet."""
    found: dict[str, int] = {}
    for unknown in graph.growing.unknown() if graph and graph.growing else ():
        found[unknown.node] = found.get(unknown.node, 0) + unknown.most
    return found


def _print(file: Path, checked: Checked) -> None:
    if checked.diagnostics:
        from callsheet.dsl.diagnostics.render import render_all

        click.echo(render_all(checked.diagnostics, color=sys.stderr.isatty()), err=True)
    if checked.graph:
        graph, unknown = checked.graph, _unknown(checked.graph)
        nodes = len({i.node for i in graph.instances.values()} | set(unknown))
        more = f", at most {sum(unknown.values()):,} more during the run" if unknown else ""
        click.echo(f"{file}: ok, {_count(nodes, 'node')}, {_count(len(graph.instances), 'instance')}{more}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
