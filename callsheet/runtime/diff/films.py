"""Compares films between two revisions: each by itself, and what all of it costs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from callsheet.errors import PipelineError
from callsheet.runtime.diff.changes import Changes
from callsheet.runtime.diff.compare import compare
from callsheet.runtime.diff.film_changes import FilmChanges, FilmsChanges, LockFault, What
from callsheet.runtime.diff.film_pairs import Pair, film_pairs
from callsheet.runtime.diff.locked import Locked, locked
from callsheet.runtime.diff.pictures import Gallery
from callsheet.runtime.diff.read_side import Given, SideError
from callsheet.runtime.diff.side import Side
from callsheet.runtime.diff.states import AllStates, State
from callsheet.spec.project import lock_path


def compare_films(
    text: str, names: Sequence[str], given: Given, gallery: Gallery | None = None
) -> FilmsChanges:
    """Compare films between two revisions, or a revision and the working tree. Makes nothing.

    text: `old..new`, `old...new` or a revision. names: files, or patterns such as `films/*.yaml`, which are
    matched in both states, so that films that are deleted are found. gallery: where strips of what changes
    are drawn. Raises InputError for revisions that git
    does not have, and for a file that neither state has; what is wrong in one film is its `error`.
    """
    with ExitStack() as stack:
        states = AllStates(text, stack)
        pairs = film_pairs(states, names, given)
        made = _made_before(pairs)
        films = sorted((_film(pair, made, gallery) for pair in pairs), key=lambda film: film.path)
        labels = next(((s.old.label, s.new.label) for s in states.known.values()), ("", ""))
    return FilmsChanges(*labels, tuple(films))


def _made_before(pairs: Sequence[Pair]) -> dict[int, dict[str, str]]:
    """For each project: key of a request → the file of a film that makes it in the old state."""
    found: dict[int, dict[str, str]] = {}
    for pair in pairs:
        if pair.sides is not None and pair.old is not None:
            known = found.setdefault(id(pair.states), {})
            for key in pair.sides[0].keys.values():
                known.setdefault(key, pair.old.as_posix())
    return found


def _film(pair: Pair, made: dict[int, dict[str, str]], gallery: Gallery | None) -> FilmChanges:
    """What differs in one film. Its requests count as made for the films after it."""
    if pair.error is not None or pair.sides is None:
        return FilmChanges(pair.path, "failed", error=pair.error)
    known = made.setdefault(id(pair.states), {})
    old, new = pair.sides
    changes = compare(old, new, known)
    try:
        if new.graph is not None and (changes.any or _is_lock_other(pair)):
            old, new = _with_locks(pair, old, new)
            changes = compare(old, new, known)
    except PipelineError as error:
        return FilmChanges(pair.path, "failed", error=SideError(new.label, error.diagnostics))
    for key in new.keys.values():
        known.setdefault(key, pair.path)
    if pair.is_moved:
        assert pair.old is not None
        changes = replace(changes, moved_from=pair.old.as_posix())
    if gallery is not None:
        changes = gallery.drawn(changes, old, new, (pair.states.old, pair.states.new))
    return FilmChanges(pair.path, _what(pair, changes), changes, lock=_fault(pair, new.locked))


def _what(pair: Pair, changes: Changes) -> What:
    if pair.old is None or pair.new is None:
        return "added" if pair.old is None else "deleted"
    if pair.is_moved:
        return "moved"
    return "changed" if changes.any else "same"


def _lock(state: State, name: Path | None) -> bytes:
    """The lock file of a film, b"" where there is none."""
    try:
        return lock_path(state.folder / name).read_bytes() if name else b""
    except OSError:
        return b""


def _is_lock_other(pair: Pair) -> bool:
    return _lock(pair.states.old, pair.old) != _lock(pair.states.new, pair.new)


def _with_locks(pair: Pair, old: Side, new: Side) -> tuple[Side, Side]:
    """Both sides with what the lock files of the project say. Raises PipelineError."""
    before, now = pair.states.old, pair.states.new
    assert new.graph is not None
    with now.entered():
        found = locked(new.graph, {**before.results, **now.results})
    return replace(old, locked=Locked(results=before.results)), replace(new, locked=found)


def _fault(pair: Pair, found: Locked | None) -> LockFault:
    """What is wrong with the lock file of the film that the new state has."""
    if pair.new is None or found is None:
        return LockFault()
    path = lock_path(pair.new).as_posix()
    if found.is_there:
        return LockFault("differs", path, differences=found.differences) if found.differences else LockFault()
    if not _lock(pair.states.old, pair.old):
        return LockFault()
    assert pair.old is not None
    before = lock_path(pair.old)
    stayed = pair.is_moved and (pair.states.new.folder / before).is_file()
    return LockFault("left behind" if stayed else "gone", path, before.as_posix())
