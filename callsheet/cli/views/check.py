"""The result of `check` as lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.runtime.check import Checked
from callsheet.spec.plural import plural


def check_line(file: Path, graph: Graph, checked: Checked) -> str:
    """`film.yaml: ok, 3 nodes, 10 instances`."""
    more = f", at most {checked.pending:,} more during the run" if checked.pending else ""
    counts = f"{plural(checked.nodes, 'node')}, {plural(len(graph.instances), 'instance')}"
    return f"{file}: ok, {counts}{more}"


def check_total(found: Sequence[Checked]) -> str:
    """`3 pipelines: 2 ok, 1 with errors`."""
    failed = sum(not checked.ok for checked in found)
    errors = f", {failed} with errors" if failed else ""
    return f"{plural(len(found), 'pipeline')}: {len(found) - failed} ok{errors}"
