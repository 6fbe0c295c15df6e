"""Lays a graph out in lanes: shots are rows, stages are columns. A layered layout of a thousand instances
is a ribbon that nobody reads; a film has rows and columns of its own.

The axis with the most instances gives the main rows. What belongs to the whole film, and elements of other
axes (a cast, say), stand in rows above them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from callsheet.dsl.graph import Instance
from callsheet.page.document import Lanes, Row

Element = tuple[tuple[str, str], ...]
"""The point of an instance: (axis, key) for each of its axes."""


def lanes(instances: Sequence[Instance]) -> Lanes:
    """The place of each instance, in the order given. Instances have to follow what they need."""
    depths = _depths(instances)
    if not any(instance.axes for instance in instances):
        return _by_depth(instances, depths)
    columns = _columns(instances, depths)
    rows = _rows(instances)
    places = tuple((rows[_element(instance)], columns[instance.node]) for instance in instances)
    main = _main_axis(instances)
    return Lanes(tuple(columns), tuple(_row(element, main) for element in rows), places)


def row_title(instance: Instance) -> str:
    """What the row of an instance is called: its keys; "" for what belongs to the whole film."""
    return " · ".join(instance.key)


def _element(instance: Instance) -> Element:
    return tuple(zip(instance.axes, instance.key, strict=False))


def _main_axis(instances: Iterable[Instance]) -> str:
    counts = Counter(axis for instance in instances for axis in instance.axes[:1])
    return counts.most_common(1)[0][0]


def _rows(instances: Sequence[Instance]) -> dict[Element, int]:
    """Point → row: the whole film first, then other axes, then the main axis, each in the order of the
    file."""
    main = _main_axis(instances)
    seen = dict.fromkeys(_element(instance) for instance in instances)
    first: dict[str, int] = {}
    for element in seen:
        if element and element[0][0] == main:
            first.setdefault(element[0][1], len(first))
    order = {element: number for number, element in enumerate(seen)}

    def place(element: Element) -> tuple[int, int, int]:
        if not element:
            return 0, 0, 0
        if element[0][0] != main:
            return 1, 0, order[element]
        return 2, first[element[0][1]], order[element]

    return {element: number for number, element in enumerate(sorted(seen, key=place))}


def _row(element: Element, main: str) -> Row:
    if not element:
        return Row("")
    axis = element[0][0]
    return Row(" · ".join(key for _, key in element), axis, axis == main)


def _depths(instances: Sequence[Instance]) -> dict[str, int]:
    """Address → how many steps lie before it."""
    found: dict[str, int] = {}
    for instance in instances:
        found[instance.address] = 1 + max((found.get(need, -1) for need in instance.needs), default=-1)
    return found


def _columns(instances: Sequence[Instance], depths: Mapping[str, int]) -> dict[str, int]:
    """Node → column: what is made first stands left."""
    earliest: dict[str, int] = {}
    for instance in instances:
        depth = depths[instance.address]
        earliest[instance.node] = min(depth, earliest.get(instance.node, depth))
    return {node: number for number, node in enumerate(sorted(earliest, key=earliest.__getitem__))}


def _by_depth(instances: Sequence[Instance], depths: Mapping[str, int]) -> Lanes:
    """The lanes of a film without axes: steps from left to right, what is beside each other below each
    other."""
    filled: Counter[int] = Counter()
    known: dict[str, tuple[int, int]] = {}
    for instance in instances:
        if instance.base not in known:
            column = depths[instance.address]
            known[instance.base] = filled[column], column
            filled[column] += 1
    columns = tuple(f"step {number + 1}" for number in range(max(depths.values(), default=-1) + 1))
    rows = tuple(Row("") for _ in range(max(filled.values(), default=0)))
    return Lanes(columns, rows, tuple(known[instance.base] for instance in instances))
