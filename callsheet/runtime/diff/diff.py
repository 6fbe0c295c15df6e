"""Compares two files, two revisions in git, or two runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.dsl.values.inputs import Files, paths_of
from callsheet.errors import InputError, PipelineError
from callsheet.runtime.check import Checked, check
from callsheet.runtime.diff.changes import Changes
from callsheet.runtime.diff.compare import compare
from callsheet.runtime.diff.runs import RunChanges, compare_runs
from callsheet.runtime.diff.side import Side, side_of
from callsheet.runtime.git_revision import COMMIT, Repository, split_range
from callsheet.runtime.runs import run_called
from callsheet.runtime.workspace import Workspace
from callsheet.spec.project import project_root

NOW: Final = "working tree"
SHORT: Final = 10
"""Characters of a commit's hash that people see."""


class SideError(PipelineError):
    """One of the two states has errors. label: which one."""

    def __init__(self, label: str, checked: Checked) -> None:
        super().__init__(checked.diagnostics)
        self.label = label


@dataclass(frozen=True, slots=True)
class Given:
    """What holds for both states. state: an absolute path, so that recipes that were fetched once are found
    from the folder of a revision, too."""

    sets: Mapping[str, str]
    inputs: tuple[Path, ...]
    state: Path


def diff(
    workspace: Workspace,
    old: str,
    new: str | None = None,
    sets: Mapping[str, str] | None = None,
    inputs: Files = None,
) -> Changes | RunChanges:
    """What differs, what it affects, and what it costs. Makes nothing.

    old and new: two files, a revision or a range of revisions and a file, or two runs; a file alone is
    compared with HEAD. sets and inputs: input values for both sides, as in `check`. A revision is unpacked
    into a folder that is the current one of the process while it is read.

    Raises SideError when one of the two states has errors, InputError for what does not exist.
    """
    if new is None:
        old, new = "HEAD", old
    if _are_runs(workspace, new):
        ledger = workspace.require_ledger()
        return compare_runs(ledger, run_called(workspace, old), run_called(workspace, new))
    files = tuple(path.resolve() for path in paths_of(inputs))
    given = Given(dict(sets or {}), files, workspace.state.absolute())
    sides = _sides(old, Path(new), given)
    if sides[0].draft is None and sides[1].draft is None:
        raise InputError(f"there is no file {new} on either side", "paths start at the current folder")
    return compare(*sides)


def _are_runs(workspace: Workspace, new: str) -> bool:
    """Whether names mean runs: there is a ledger, and the second is no file."""
    is_file = Path(new).exists() or new.endswith((".yaml", ".yml"))
    return not is_file and workspace.ledger_reader() is not None


def _sides(old: str, new: Path, given: Given) -> tuple[Side, Side]:
    if not Path(old).is_file():
        return _revisions(old, new, given)
    if not new.is_file():
        raise InputError(f"there is no file {new}", "callsheet diff OLD.yaml NEW.yaml")
    return _side(old, Path(old), given), _side(str(new), new, given)


def _side(label: str, path: Path, given: Given) -> Side:
    """The state that the file at `path` describes; an empty one when there is no such file."""
    if not path.exists():
        return side_of(label, None)
    checked = check(path, given.sets, given.inputs, workspace=Workspace(state=given.state))
    if checked.graph is None:
        raise SideError(label, checked)
    return side_of(label, checked.graph)


def _revisions(text: str, path: Path, given: Given) -> tuple[Side, Side]:
    """One state for each revision of `old..new`, or for a revision and the working tree."""
    if text.endswith((".yaml", ".yml")):
        raise InputError(f"there is no file {text}", "callsheet diff OLD.yaml NEW.yaml")
    folder = _folder(path)
    repository = Repository(folder)
    name = path.resolve().relative_to(folder)
    found = split_range(text)
    if found is None:
        before = _at(repository, _label(text), repository.commit(text), name, given)
        return before, _side(NOW, path, given)
    old, new, parted = found
    commits = repository.commit(old), repository.commit(new)
    base = repository.merge_base(*commits) if parted else commits[0]
    before = _at(repository, _label(old), base, name, given)
    return before, _at(repository, _label(new), commits[1], name, given)


def _label(revision: str) -> str:
    return revision[:SHORT] if COMMIT.match(revision) else revision or "HEAD"


def _folder(path: Path) -> Path:
    """The folder whose files the pipeline may name: this one, or its own where it lies elsewhere."""
    folder = project_root(path.parent).resolve()
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder}", "paths start at the current folder")
    return folder


def _at(repository: Repository, label: str, commit: str, name: Path, given: Given) -> Side:
    with repository.folder_at(commit) as folder, _inside(folder):
        return _side(label, name, given)


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Make `folder` the current one, so that files in it have the same names and limits."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
