"""Lays a graph out in lanes: shots are rows, stages are columns. A layered layout of a thousand instances
is a ribbon that nobody reads; a film has rows and columns of its own.

The axis of the film's shots gives the main rows; before there is a film, the axis with the most elements.
What belongs to the whole film, and elements of other axes (a cast, say), stand in rows above them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from callsheet.dsl.graph import Instance
from callsheet.page.document.lanes import Lanes, Row

Element = tuple[tuple[str, str], ...]
"""The point of an instance: (axis, key) for each of its axes."""


def lanes(instances: Sequence[Instance], shots: Collection[str] = ()) -> Lanes:
    """The place of each instance, in the order given. Instances have to follow what they need. shots: the
    addresses of those that are shots of the film."""
    depths = _depths(instances)
    if not any(instance.axes for instance in instances):
        return _by_depth(instances, depths)
    columns = _columns(instances, depths)
    main = _main_axis(instances, shots)
    rows = _rows(instances, main)
    places = tuple((rows[_element(instance)], columns[instance.node]) for instance in instances)
    return Lanes(tuple(columns), tuple(_row(element, main) for element in rows), places)


def row_title(instance: Instance) -> str:
    """What the row of an instance is called: its keys; "" for what belongs to the whole film."""
    return " · ".join(instance.key)


def _element(instance: Instance) -> Element:
    return tuple(zip(instance.axes, instance.key, strict=False))


def _main_axis(instances: Sequence[Instance], shots: Collection[str]) -> str:
    film = Counter(i.axes[0] for i in instances if i.axes and i.address in shots)
    elements = {(i.axes[0], i.key[0]) for i in instances if i.axes}
    counts = film or Counter(axis for axis, _ in sorted(elements))
    return counts.most_common(1)[0][0]


def _rows(instances: Sequence[Instance], main: str) -> dict[Element, int]:
    """Point → row: the whole film first, then other axes, then the main axis, each in the order of the
    file."""
    seen = dict.fromkeys(_element(instance) for instance in instances)
    first: dict[tuple[str, str], int] = {}
    for element in seen:
        if element:
            first.setdefault(element[0], len(first))
    order = {element: number for number, element in enumerate(seen)}

    def place(element: Element) -> tuple[int, int, int, int]:
        if not element:
            return 0, 0, 0, 0
        group = 2 if element[0][0] == main else 1
        return group, first[element[0]], len(element), order[element]

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
