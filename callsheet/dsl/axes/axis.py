"""An axis with its lists, and the points of several axes together."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

Indices = Mapping[str, int]
Point = tuple[int, ...]
"""An index for each of several axes."""
Place = tuple[str, Point]
"""An axis, or a node, and a point: of the axes around the one, or of the other's own."""


class ListUnknown(Exception):
    """The list of `axis`, at `point` of the axes around it, comes from an output that is not there yet."""

    def __init__(self, axis: str, point: Point) -> None:
        super().__init__(axis, point)
        self.axis, self.point = axis, point


@dataclass(frozen=True, slots=True)
class Branch:
    """One list of an axis: its items in order, and their keys."""

    items: Sequence[object]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """A resolved axis.

    branches: its lists, each at a point of the axes `around` it, outermost first; an ordinary axis lies
    in none and has one list. A list that is an output is not there until it is known.
    of_rows: its elements are films of their own, and no expression leaves its element.
    """

    name: str
    branches: Mapping[Point, Branch]
    around: tuple[str, ...] = ()
    of_rows: bool = False

    def branch(self, fixed: Indices) -> Branch:
        """The list at the indices of the axes around this one. Raises ListUnknown."""
        point = tuple(fixed[name] for name in self.around) if self.around else ()
        try:
            return self.branches[point]
        except KeyError:
            raise ListUnknown(self.name, point) from None

    def length(self, point: Point) -> int:
        """How many elements it is known to have at a point of the axes around it."""
        branch = self.branches.get(point)
        return len(branch.keys) if branch else 0

    def extended(self, more: Mapping[Point, Branch]) -> Axis:
        """The axis with more of its lists known."""
        return replace(self, branches={**self.branches, **more})


def points(axes: Sequence[Axis], pinned: Indices | None = None) -> Iterator[Point]:
    """Every combination of indices that is known, in order; each axis stands after those around it.

    pinned: the index of some axes, for the combinations with it alone.
    """
    if not pinned and not any(axis.around for axis in axes):
        yield from itertools.product(*(range(axis.length(())) for axis in axes))
        return
    outer = _places(axes)
    stack: list[Point] = [()]
    while stack:
        point = stack.pop()
        if len(point) == len(axes):
            yield point
            continue
        axis = axes[len(point)]
        length = axis.length(tuple(point[i] for i in outer[len(point)]))
        at = pinned.get(axis.name) if pinned else None
        indices = range(length) if at is None else range(at, min(at + 1, length))
        stack.extend((*point, i) for i in reversed(indices))


def count(axes: Sequence[Axis], limit: int) -> int:
    """How many points there are; where axes lie inside others, no more than `limit` are counted."""
    if not any(axis.around for axis in axes):
        return math.prod(axis.length(()) for axis in axes)
    return sum(1 for _ in itertools.islice(points(axes), limit))


def _places(axes: Sequence[Axis]) -> list[Point]:
    """For each axis where, among `axes`, those around it stand."""
    at = {axis.name: i for i, axis in enumerate(axes)}
    return [tuple(at[name] for name in axis.around) for axis in axes]


def branches_at(axes: Sequence[Axis], point: Point) -> tuple[Branch, ...]:
    """The list of each axis at a point."""
    fixed = {axis.name: i for axis, i in zip(axes, point, strict=True)}
    return tuple([axis.branch(fixed) for axis in axes])


def key_at(axes: Sequence[Axis], point: Point) -> tuple[str, ...]:
    """The key of the element of each axis at a point."""
    return tuple(branch.keys[i] for branch, i in zip(branches_at(axes, point), point, strict=True))


def along(axes: Sequence[Axis], point: Point) -> dict[str, object]:
    """The names of axes that expressions can use at a point: each item, and `axis` with its facts. How
    many rows there are, and which one this is, no expression may see: another row would change it."""
    scope: dict[str, object] = {}
    facts: dict[str, object] = {}
    for axis, branch, i in zip(axes, branches_at(axes, point), point, strict=True):
        scope[axis.name] = branch.items[i]
        if not axis.of_rows:
            facts[axis.name] = AxisFacts(i, branch.keys[i], branch.items)
    return {**scope, "axis": facts}


def neighbour(at: int, step: int, length: int, wrap: bool = False) -> int | None:
    """The index `step` away from `at` in a list; None beyond its ends. wrap: the ends follow each other."""
    index = at + step
    if wrap:
        return index % length
    return index if 0 <= index < length else None


class AxisFacts(dict[str, object]):
    """The value of `axis.<name>` at one element. elements: all elements of the list."""

    __slots__ = ("elements",)

    def __init__(self, index: int, key: str, elements: Sequence[object]) -> None:
        length = len(elements)
        super().__init__(index=index, key=key, first=index == 0, last=index == length - 1, length=length)
        self.elements = elements
