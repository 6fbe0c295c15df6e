"""Compares two files, two revisions in git, or two runs."""

from __future__ import annotations

import glob
from collections.abc import Mapping, Sequence
from pathlib import Path

from callsheet.dsl.values.inputs import Files, paths_of
from callsheet.errors import InputError
from callsheet.runtime.diff.changes import Changes
from callsheet.runtime.diff.compare import compare
from callsheet.runtime.diff.film_changes import FilmsChanges
from callsheet.runtime.diff.films import compare_films
from callsheet.runtime.diff.pictures import Gallery
from callsheet.runtime.diff.read_side import Given, SideError, read_file
from callsheet.runtime.diff.runs import RunChanges, compare_runs
from callsheet.runtime.runs import run_called
from callsheet.runtime.workspace import Workspace

__all__ = ["SideError", "diff", "diff_films"]


def diff(
    workspace: Workspace,
    old: str,
    new: str | None = None,
    sets: Mapping[str, str] | None = None,
    inputs: Files = None,
    pictures: Path | None = None,
) -> Changes | RunChanges:
    """What differs, what it affects, and what it costs. Makes nothing.

    old and new: two files, a revision or a range of revisions and a file, or two runs; a file alone is
    compared with HEAD. sets and inputs: input values for both sides, as in `check`. A revision is unpacked
    into a folder that is the current one of the process while it is read. pictures: a folder, which gets a
    strip of each shot of a film that changes, before and after.

    Raises SideError when one of the two states has errors, InputError for what does not exist.
    """
    if new is None:
        old, new = "HEAD", old
    if _are_runs(workspace, new):
        ledger = workspace.require_ledger()
        return compare_runs(ledger, run_called(workspace, old), run_called(workspace, new))
    if Path(old).is_file():
        return _files(Path(old), Path(new), _given(workspace, sets, inputs), _gallery(workspace, pictures))
    film = diff_films(workspace, old, [glob.escape(new)], sets, inputs, pictures).films[0]
    if film.error is not None:
        raise film.error
    assert film.changes is not None
    return film.changes


def diff_films(
    workspace: Workspace,
    revisions: str,
    names: Sequence[str],
    sets: Mapping[str, str] | None = None,
    inputs: Files = None,
    pictures: Path | None = None,
) -> FilmsChanges:
    """What differs in several films between two revisions, or a revision and the working tree; see
    `compare_films`. sets, inputs and pictures: as in `diff`. Raises InputError."""
    if revisions.endswith((".yaml", ".yml")):
        raise InputError(
            f"there is no file {revisions}",
            "before several films, name a revision; two files are OLD.yaml NEW.yaml",
        )
    return compare_films(revisions, names, _given(workspace, sets, inputs), _gallery(workspace, pictures))


def _gallery(workspace: Workspace, pictures: Path | None) -> Gallery | None:
    return Gallery.at(pictures, workspace.state) if pictures is not None else None


def _given(workspace: Workspace, sets: Mapping[str, str] | None, inputs: Files) -> Given:
    files = tuple(path.resolve() for path in paths_of(inputs))
    return Given(dict(sets or {}), files, workspace.state.absolute())


def _are_runs(workspace: Workspace, new: str) -> bool:
    """Whether names mean runs: there is a ledger, and the second is no file."""
    is_file = Path(new).exists() or new.endswith((".yaml", ".yml"))
    return not is_file and workspace.ledger_reader() is not None


def _files(old: Path, new: Path, given: Given, gallery: Gallery | None) -> Changes:
    if not new.is_file():
        raise InputError(f"there is no file {new}", "callsheet diff OLD.yaml NEW.yaml")
    before, after = read_file(str(old), old, given), read_file(str(new), new, given)
    changes = compare(before, after)
    return gallery.drawn(changes, before, after) if gallery else changes
