"""Value trees: JSON with files, references, expressions and secrets in it; and functions that walk through
them.

Value trees are dicts and lists whose leaves are JSON scalars or one of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from callsheet.spec.media import Inspector
from callsheet.spec.types import NOTHING, MediaKind

T = TypeVar("T")
Place = tuple[str | int, ...]
"""The place of a part in a value tree: names of fields and indices of elements."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A media file of the user's. inspector: reads it; None where nothing does."""

    kind: MediaKind
    path: Path
    inspector: Inspector | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Ref:
    """`path` inside the outputs of the instance at `address`: ("images", 0)."""

    address: str
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Deferred:
    """An expression that can only be computed once `refs` are known.

    compute: takes a look-up (Ref → value) and gives the value; raises `NodeError` when it cannot. gathered:
    the addresses that it uses only as elements of lists; for these the look-up may give NOTHING. text: the
    expression as it is written.
    """

    refs: tuple[Ref, ...]
    compute: Callable[[Callable[[Ref], object]], object]
    gathered: frozenset[str] = frozenset()
    text: str = ""


@dataclass(frozen=True, slots=True)
class SecretName:
    """A secret parameter: the name of an environment variable, never its value."""

    variable: str


class NotThere:
    """The base class of values that are absent on purpose; lists leave such elements out."""

    __slots__ = ()


SCALARS: Final = frozenset({str, int, float, bool, type(None)})


def leaves(tree: object, kind: type[T]) -> Iterator[T]:
    """Every leaf of `kind` in a value tree, in order. A leaf is whatever is neither an object nor a list."""
    stack = [tree]
    while stack:
        part = stack.pop()
        if part.__class__ in SCALARS:  # most are
            if isinstance(part, kind):
                yield part
        elif isinstance(part, dict):
            stack += reversed(part.values())
        elif isinstance(part, list | tuple):
            stack += reversed(part)
        elif isinstance(part, Mapping):
            stack += reversed([*part.values()])
        elif isinstance(part, kind):
            yield part


def placed_leaves(tree: object, kind: type[T], place: Place = ()) -> Iterator[tuple[Place, T]]:
    """As `leaves`, each with its place: ("images", 0)."""
    match tree:
        case Mapping():
            for name, part in tree.items():
                yield from placed_leaves(part, kind, (*place, str(name)))
        case list() | tuple():
            for i, part in enumerate(tree):
                yield from placed_leaves(part, kind, (*place, i))
        case _ if isinstance(tree, kind):
            yield place, tree


def map_leaves(tree: object, change: Callable[[object], object]) -> object:
    """A value tree with `change(leaf)` in place of each leaf. What becomes NOTHING is left out."""
    match tree:
        case None | str() | int() | float():
            return change(tree)
        case dict() | Mapping():  # nearly all are dicts, which costs less to ask
            fields = {name: map_leaves(part, change) for name, part in tree.items()}
            return {name: part for name, part in fields.items() if part is not NOTHING}
        case list() | tuple():
            return [part for part in (map_leaves(part, change) for part in tree) if part is not NOTHING]
    return change(tree)


def map_placed(tree: object, change: Callable[[Place, object], object], place: Place = ()) -> object:
    """As `map_leaves`, with `change(place, leaf)`."""
    match tree:
        case Mapping():
            fields = {name: map_placed(part, change, (*place, str(name))) for name, part in tree.items()}
            return {name: part for name, part in fields.items() if part is not NOTHING}
        case list() | tuple():
            parts = [map_placed(part, change, (*place, i)) for i, part in enumerate(tree)]
            return [part for part in parts if part is not NOTHING]
    return change(place, tree)


def place_name(place: Place) -> str:
    """A place as it is written: `images[0]`, `shots[2].prompt`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "".join(steps).removeprefix(".")


def first_step(place: str) -> str:
    """The output or the parameter that a written place is in: `images` of `images[0]`."""
    return place.partition("[")[0].partition(".")[0]


def refs_in(value: object) -> Iterator[Ref]:
    """Every reference inside a value tree."""
    for leaf in leaves(value, object):
        match leaf:
            case Ref():
                yield leaf
            case Deferred(refs):
                yield from refs


def addresses_in(value: object) -> tuple[str, ...]:
    """The addresses that a value tree refers to, each once."""
    return tuple(dict.fromkeys(ref.address for ref in refs_in(value)))


def gathered(value: object) -> set[str]:
    """The addresses whose outputs a value tree uses only as elements of lists, so that some may be
    missing."""
    elements: set[str] = set()
    alone: set[str] = set()
    _sort(value, elements, alone)
    return elements - alone


def _sort(value: object, elements: set[str], alone: set[str]) -> None:
    match value:
        case Ref(address):
            alone.add(address)
        case Deferred(refs, gathered=some):
            elements |= some
            alone.update(ref.address for ref in refs if ref.address not in some)
        case dict():
            for v in value.values():
                _sort(v, elements, alone)
        case list() | tuple():
            elements.update(ref.address for ref in refs_in(value))
