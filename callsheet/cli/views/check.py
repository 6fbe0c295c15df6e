"""The result of `check` as one line and as JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.runtime.check import Checked
from callsheet.spec.plural import plural


def check_line(file: Path, graph: Graph) -> str:
    """`film.yaml: ok, 3 nodes, 10 instances`."""
    unknown = _unknown(graph)
    nodes = len({i.node for i in graph.instances.values()} | set(unknown))
    more = f", at most {sum(unknown.values()):,} more during the run" if unknown else ""
    return f"{file}: ok, {plural(nodes, 'node')}, {plural(len(graph.instances), 'instance')}{more}"


def check_total(found: Sequence[Checked]) -> str:
    """`3 pipelines: 2 ok, 1 with errors`."""
    failed = sum(not checked.ok for checked in found)
    errors = f", {failed} with errors" if failed else ""
    return f"{plural(len(found), 'pipeline')}: {len(found) - failed} ok{errors}"


def check_json(file: Path, checked: Checked) -> dict[str, object]:
    """The counts and every diagnostic."""
    graph = checked.graph
    unknown = _unknown(graph) if graph else {}
    return {
        "path": str(file),
        "ok": checked.ok,
        "nodes": len({i.node for i in graph.instances.values()}) if graph else None,
        "instances": len(graph.instances) if graph else None,
        **({"pending": sum(unknown.values())} if unknown else {}),
        "diagnostics": [d.to_json() for d in checked.diagnostics],
    }


def _unknown(graph: Graph) -> dict[str, int]:
    """Node → how many instances of it at most come with lists that are not known yet."""
    found: dict[str, int] = {}
    for unknown in graph.dynamic.unknown() if graph.dynamic else ():
        found[unknown.node] = found.get(unknown.node, 0) + unknown.most
    return found
