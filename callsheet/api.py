"""The Python API, the same as the command line: load, check, plan, run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from callsheet.dsl.diagnostic import Diagnostic, Report
from callsheet.dsl.front import read_graph
from callsheet.dsl.graph import Graph
from callsheet.dsl.inputs import Given
from callsheet.errors import PipelineError


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found. `graph` is None when there are errors."""

    graph: Graph | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        return self.graph is not None


def check(
    path: str | Path, sets: Mapping[str, str] | None = None, inputs: str | Path | None = None
) -> Checked:
    """Check a pipeline file.

    sets: input name → text, as `--set` takes it. inputs: a YAML or JSON file of input values.
    Returns every diagnostic of the file, warnings included; raises nothing for the user's mistakes.
    """
    from callsheet.nodes.registry import Registry

    report = Report()
    given = Given(dict(sets or {}), Path(inputs) if inputs is not None else None)
    graph = read_graph(Path(path), given, Registry(), report)
    return Checked(graph, report.sorted())


def load(path: str | Path, sets: Mapping[str, str] | None = None, inputs: str | Path | None = None) -> Graph:
    """The checked graph of a pipeline file; raises `PipelineError` with every diagnostic."""
    checked = check(path, sets, inputs)
    if checked.graph is None:
        raise PipelineError(checked.diagnostics)
    return checked.graph
