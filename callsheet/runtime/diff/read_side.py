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


def read_side(state: State, name: Path | None, given: Given) -> Side:
    """The film at `name` in a state of the project; an empty one for None. Raises SideError."""
    if name is None:
        return side_of(state.label, None)
    here = Path.cwd()
    with state.entered(), each_row_of(_table(EACH.get(), here)):
        return read_file(state.label, name, given)


def _table(table: Path | None, here: Path) -> Path | None:
    """The table of a batch (`--each`) for the state whose folder is the current one: None where it has none,
    because it was one film then. here: the folder that the person is in."""
    only_here = table is not None and not table.exists() and (here / table).exists()
    return None if only_here else table


def read_file(label: str, path: Path, given: Given) -> Side:
    """The film that the file at `path` describes. Raises SideError."""
    checked = check(path, given.sets, given.inputs, workspace=Workspace(state=given.state))
    if checked.graph is None:
        raise SideError(label, checked.diagnostics)
    return side_of(label, checked.graph)
