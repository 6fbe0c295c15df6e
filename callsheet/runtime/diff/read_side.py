"""Reads one side of a comparison from a pipeline file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from callsheet.dsl.diagnostics.diagnostic import Diagnostic
from callsheet.errors import PipelineError
from callsheet.runtime.check import check
from callsheet.runtime.diff.side import Side, side_of
from callsheet.runtime.diff.states import State
from callsheet.runtime.workspace import Workspace
from callsheet.spec.batch import EACH, each_row_of


class SideError(PipelineError):
    """One of the two states has errors. label: which one. help: what else may be the cause, "" for
    nothing."""

    def __init__(self, label: str, diagnostics: Sequence[Diagnostic], help: str = "") -> None:
        super().__init__(diagnostics)
        self.label, self.help = label, help

    def with_help(self, help: str) -> SideError:
        """The same error with more to say."""
        return SideError(self.label, self.diagnostics, help)


@dataclass(frozen=True, slots=True)
class Given:
    """What holds for both states. state: an absolute path, so that recipes that were fetched once are found
    from the folder of a revision, too."""

    sets: Mapping[str, str]
    inputs: tuple[Path, ...]
    state: Path


def read_side(state: State, name: Path | None, given: Given, folder: Path) -> Side:
    """The film at `name` in a state of the project; an empty one for None. folder: that of the project now.
    Raises SideError."""
    if name is None:
        return side_of(state.label, None)
    table = EACH.get()
    with each_row_of(table and _table_in(state, table, folder)), state.entered():
        return read_file(state.label, name, given)


def _table_in(state: State, table: Path, folder: Path) -> Path | None:
    """The table of a batch (`--each`) as a state has it: None where the film was no batch yet. One that lies
    outside of the project's folder has no states: it is the same in all of them."""
    now = table.parent.resolve() / table.name
    if not now.is_relative_to(folder):
        return now
    name = now.relative_to(folder)
    return None if now.exists() and not (state.folder / name).exists() else name


def read_file(label: str, path: Path, given: Given) -> Side:
    """The film that the file at `path` describes. Raises SideError."""
    checked = check(path, given.sets, given.inputs, workspace=Workspace(state=given.state))
    if checked.graph is None:
        raise SideError(label, checked.diagnostics)
    return side_of(label, checked.graph)
