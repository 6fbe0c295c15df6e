"""Finds the films that names and patterns mean, and which film of one state is which of the other.

git says which file was renamed. What it calls renamed is two films if they have no request and no name in
common; a film that is gone and one that is new are one film if they have the same name.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.diff.read_side import Given, SideError, read_side
from callsheet.runtime.diff.side import Side, side_of
from callsheet.runtime.diff.states import AllStates, States
from callsheet.spec.pipeline_files import ENDINGS, is_pipeline
from callsheet.spec.project import LOCK

MODULES: Final = "git submodule update --init; in GitHub Actions, `submodules: true` for actions/checkout"


@dataclass
class Pair:
    """A film in both states. old, new: its paths from the folder of its project, None where it is not.
    sides: None where it has errors."""

    states: States
    old: Path | None
    new: Path | None
    sides: tuple[Side, Side] | None = None
    error: SideError | None = None

    @property
    def path(self) -> str:
        """Where the film is, or was."""
        return (self.new or self.old or Path()).as_posix()

    @property
    def is_moved(self) -> bool:
        return self.old is not None and self.new is not None and self.old != self.new

    @property
    def names(self) -> tuple[str, str]:
        """The `name` of the film in both states; "" where it is not, or has errors."""
        if self.sides is None:
            return "", ""
        old, new = (side.graph.name if side.graph else "" for side in self.sides)
        return old, new


def film_pairs(states: AllStates, names: Sequence[str], given: Given) -> list[Pair]:
    """The films that names and patterns mean, with both sides read as far as they have no errors.

    Raises InputError for a file that neither state has.
    """
    pairs = list(_meant_pairs(states, names))
    for pair in pairs:
        _read(pair, given)
    return _joined([part for pair in pairs for part in _parted(pair)])


def _meant_pairs(all_states: AllStates, names: Sequence[str]) -> Iterator[Pair]:
    """What is meant by the names, each film once."""
    seen: set[tuple[int, Path | None, Path | None]] = set()
    for name in names:
        for states, path in _meant(all_states, name):
            pair = _pair(states, path)
            mark = id(states), pair.old, pair.new
            if mark not in seen:
                seen.add(mark)
                yield pair


def _meant(all_states: AllStates, name: str) -> Iterator[tuple[States, Path]]:
    """The files that a name or pattern means. A pattern means pipelines alone."""
    if not glob.has_magic(name):
        yield all_states.of(Path(name))
        return
    parts = Path(name).parts
    fixed = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    states, start = all_states.of(Path(*parts[:fixed], "x"))
    pattern = (start.parent / Path(*parts[fixed:])).as_posix()
    literal = Path(pattern)
    found = {literal} if _is_there(states, literal) else set()
    for state in (states.old, states.new):
        found |= {p.relative_to(state.folder) for p in state.folder.glob(pattern) if _is_film(p)}
    for path in sorted(found):
        yield all_states.of(states.repository.folder / path)


def _is_there(states: States, path: Path) -> bool:
    return any((state.folder / path).is_file() for state in (states.old, states.new))


def _is_film(path: Path) -> bool:
    return path.suffix in ENDINGS and not path.name.endswith(LOCK) and is_pipeline(path)


def _pair(states: States, path: Path) -> Pair:
    """The film at `path` in both states. Raises InputError where neither has it."""
    there = [(state.folder / path).is_file() for state in (states.old, states.new)]
    match there:
        case [True, True]:
            return Pair(states, path, path)
        case [False, True]:
            return Pair(states, states.source_of(path), path)
        case [True, False]:
            later = (new for new, old in states.moved.items() if old == path)
            return Pair(states, path, next(later, None))
    modules = [name for name in states.repository.absent if path.is_relative_to(name)]
    if modules:
        raise InputError(f"{path} lies in the submodule {modules[0]}, which is not here", MODULES)
    raise InputError(f"there is no file {path} on either side", "paths start at the current folder")


def _read(pair: Pair, given: Given) -> None:
    """Read both sides of a film, as far as it has no errors."""
    states = pair.states
    folder = states.repository.folder
    try:
        pair.sides = (
            read_side(states.old, pair.old, given, folder),
            read_side(states.new, pair.new, given, folder),
        )
    except SideError as error:
        absent = ", ".join(states.repository.absent)
        pair.error = error.with_help(f"not here: the submodule {absent}: {MODULES}") if absent else error


def _parted(pair: Pair) -> Iterator[Pair]:
    """The pair, or two where git calls a file renamed that is another film."""
    if pair.sides is None or not pair.is_moved or pair.names[0] == pair.names[1]:
        yield pair
        return
    old, new = pair.sides
    if set(old.keys.values()) & set(new.keys.values()):
        yield pair
        return
    yield Pair(pair.states, pair.old, None, (old, side_of(new.label, None)))
    yield Pair(pair.states, None, pair.new, (side_of(old.label, None), new))


def _joined(pairs: list[Pair]) -> list[Pair]:
    """The pairs; a film that is gone and one of the same name that is new are one that was moved."""
    come = {(id(p.states), p.names[1]): p for p in pairs if p.sides and p.old is None}
    found = []
    for pair in pairs:
        later = come.pop((id(pair.states), pair.names[0]), None) if pair.new is None else None
        if later is not None and pair.sides and later.sides:
            pair = Pair(pair.states, pair.old, later.new, (pair.sides[0], later.sides[1]))
        found.append(pair)
    joined = {(id(p.states), p.new) for p in found if p.is_moved}
    return [p for p in found if p.old is not None or (id(p.states), p.new) not in joined]
