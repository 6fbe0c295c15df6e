"""What a value tree may hold beside JSON: files, references, expressions of the run, names of secrets.

Value trees are dicts and lists whose leaves are JSON scalars or one of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from callsheet.spec.types import MediaKind


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A media file of the user's."""

    kind: MediaKind
    path: Path


@dataclass(frozen=True, slots=True)
class Ref:
    """`path` inside the outputs of the instance at `address`: ("images", 0)."""

    address: str
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Late:
    """An expression that can only be computed once `refs` are known.

    `compute` takes a look-up (Ref → value) and gives the value; it raises `NodeError` when the values
    that came do not allow it. gathered: the addresses that it sees as elements of lists alone; of these
    the look-up may give NOTHING. text: the expression as it is written.
    """

    refs: tuple[Ref, ...]
    compute: Callable[[Callable[[Ref], object]], object]
    gathered: frozenset[str] = frozenset()
    text: str = ""


@dataclass(frozen=True, slots=True)
class SecretName:
    """A parameter that is itself a secret: the name of an environment variable, never its value."""

    variable: str


class NotThere:
    """The base of values that are absent on purpose; an element that is not there is left out of its list."""

    __slots__ = ()


def refs_in(value: object) -> Iterator[Ref]:
    """Every reference inside a value tree."""
    match value:
        case Ref():
            yield value
        case Late(refs):
            yield from refs
        case dict():
            for v in value.values():
                yield from refs_in(v)
        case list() | tuple():
            for v in value:
                yield from refs_in(v)


def addresses_in(value: object) -> tuple[str, ...]:
    """The addresses that a value tree refers to, each once."""
    return tuple(dict.fromkeys(ref.address for ref in refs_in(value)))


def gathered(value: object) -> set[str]:
    """The addresses whose outputs a value tree sees as elements of lists alone; it can bear to lack some."""
    elements: set[str] = set()
    alone: set[str] = set()
    _sort(value, elements, alone)
    return elements - alone


def _sort(value: object, elements: set[str], alone: set[str]) -> None:
    match value:
        case Ref(address):
            alone.add(address)
        case Late(refs, gathered=some):
            elements |= some
            alone.update(ref.address for ref in refs if ref.address not in some)
        case dict():
            for v in value.values():
                _sort(v, elements, alone)
        case list() | tuple():
            elements.update(ref.address for ref in refs_in(value))
