"""The names that expressions can use in one place, and the functions of the language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from callsheet.dsl.axes.axis import Axis, Indices, Point, key_at, neighbour, points
from callsheet.dsl.expression.values import (
    Absent,
    Element,
    EvaluationError,
    Keyed,
    NotYet,
    Pending,
)
from callsheet.dsl.graph import Instance
from callsheet.spec.rules import expressions as rules
from callsheet.spec.values import Deferred, Ref, map_leaves, refs_in

Lookup = Callable[[Ref], object]


class Used(Protocol):
    """One use of a recipe: its outputs, with `Pending` for those that are not known yet, and its
    instances."""

    @property
    def results(self) -> Mapping[str, object]: ...

    def addresses(self) -> Iterator[str]: ...

    def instances(self) -> Iterator[Instance]: ...


@dataclass(slots=True)
class NodeShape:
    """A node as references see it: its axes, and which of its points are skipped.

    prefix: the address of the recipe that it is in, with a slash. use: for a node that uses a recipe,
    point → the use.
    """

    name: str
    axes: tuple[Axis, ...]
    outputs: frozenset[str]
    skipped: set[Point]
    prefix: str = ""
    use: Callable[[Point], Used] | None = None

    def points(self) -> Iterator[Point]:
        """Every point of its axes, in order; the skipped ones too."""
        return points(self.axes)

    def key(self, point: Point) -> tuple[str, ...]:
        return key_at(self.axes, point)

    def address(self, point: Point) -> str:
        return self.prefix + address(self.name, self.key(point))

    def inside(self, axis: str) -> tuple[str, ...]:
        """Its axes that lie inside `axis`."""
        return tuple(a.name for a in self.axes if axis in a.around)

    def axis(self, name: str) -> Axis:
        return next(axis for axis in self.axes if axis.name == name)


def address(node: str, key: Sequence[str]) -> str:
    """`clip["dawn", "noir"]`; quotes and backslashes in a key are escaped."""
    if not key:
        return node
    quoted = ('"' + k.replace("\\", "\\\\").replace('"', '\\"') + '"' for k in key)
    return f"{node}[{', '.join(quoted)}]"


@dataclass(frozen=True, slots=True)
class KnownValues:
    """The values during a run, of the instances at `addresses`, which an expression refers to."""

    find: Lookup
    addresses: frozenset[str]

    def __call__(self, ref: Ref) -> object:
        return self.find(ref) if ref.address in self.addresses else Pending(ref)

    def value(self, pending: Pending) -> object:
        part = pending.ref
        if any(ref.address not in self.addresses for ref in refs_in(part)):
            return pending
        try:
            return self.find(part) if isinstance(part, Ref) else part.compute(self.find)
        except NotYet:
            return pending


def pending(value: object) -> object:
    """A value tree as expressions see it before the run."""
    return map_leaves(value, lambda leaf: Pending(leaf) if isinstance(leaf, Ref | Deferred) else leaf)


class KnownNames(dict[str, object]):
    """Names whose values are looked up during the run, each when it is used."""

    def __init__(self, values: Mapping[str, object], known: KnownValues) -> None:
        super().__init__(values)
        self.known = known

    def __getitem__(self, name: str) -> object:
        return with_known(super().__getitem__(name), self.known)


def with_known(value: object, known: KnownValues | None) -> object:
    """A value tree of `pending`, with the values that are known by now in it."""
    match value:
        case _ if known is None:
            return value
        case Pending():
            return known.value(value)
        case list():
            return [v for part in value if not isinstance(v := with_known(part, known), Absent)]
        case dict():
            parts = {k: with_known(v, known) for k, v in value.items()}
            return Element(parts, value.optional) if isinstance(value, Element) else parts
    return value


class Handle(Keyed):
    """A node as an expression refers to it: one instance, or the list along the axes that are not `fixed`.

    Its outputs are `Pending` before the run; with a `lookup` they are the values.
    """

    __slots__ = ("_point", "fixed", "lookup", "node")

    def __init__(self, node: NodeShape, fixed: Indices, lookup: KnownValues | None = None) -> None:
        self.node, self.fixed, self.lookup = node, fixed, lookup
        self._point = [fixed.get(axis.name) for axis in node.axes]

    @property
    def single(self) -> bool:
        return None not in self._point

    def at_key(self, key: str | int) -> object:
        if self.single:
            return self._output(str(key))
        elements = list(self)
        if isinstance(key, int):
            if -len(elements) <= key < len(elements):
                return elements[key]
            return self._no_element(len(elements), key)
        found = (element.at_key(key) for element in elements)
        return [value for value in found if not isinstance(value, Absent)]

    def _no_element(self, count: int, index: int) -> Absent:
        """What stands for an instance at an index that is not there. Raises EvaluationError for a key."""
        name = self.node.name
        axis = next(axis for axis, i in zip(self.node.axes, self._point, strict=True) if i is None)
        if str(index) in axis.branch(self.fixed).keys:
            raise EvaluationError(rules.key_as_position(name, index, count))
        return Absent(f"`{name}` has {count} instance{'s' if count != 1 else ''}, no [{index}]")

    def by_key(self, key: str) -> object:
        """The instance with that key, along the first free axis; an output, where there is only one."""
        if self.single:
            return self._output(key)
        return self.at(
            next(a.name for a, i in zip(self.node.axes, self._point, strict=True) if i is None), key
        )

    def _output(self, name: str) -> object:
        point = tuple(i for i in self._point if i is not None)
        where = self.node.address(point)
        if point in self.node.skipped:
            return Absent(f"{where} is skipped (its `when` is false)")
        if self.node.use is not None:
            return with_known(self.node.use(point).results[name], self.lookup)
        ref = Ref(where, (name,))
        return self.lookup(ref) if self.lookup else Pending(ref)

    def addresses(self) -> Iterator[str]:
        """The address of the instance, or those of the instances of the recipe that it uses."""
        point = tuple(i for i in self._point if i is not None)
        if point in self.node.skipped:
            return
        if self.node.use is None:
            yield self.node.address(point)
        else:
            yield from self.node.use(point).addresses()

    def __iter__(self) -> Iterator[Handle]:
        """The instances along the first free axis; skipped ones are left out."""
        axis = next(axis for axis, i in zip(self.node.axes, self._point, strict=True) if i is None)
        for i in range(len(axis.branch(self.fixed).keys)):
            element = Handle(self.node, {**self.fixed, axis.name: i}, self.lookup)
            if not element.single or tuple(element._point) not in self.node.skipped:
                yield element

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def moved(self, axis: str, step: int, wrap: bool = False) -> Handle | Absent:
        """The neighbour along an axis; along the axes inside it, all of them. wrap: see `neighbour`."""
        keys = self.node.axis(axis).branch(self.fixed).keys
        at = self.fixed[axis]
        index = neighbour(at, step, len(keys), wrap)
        return no_neighbour(axis, keys[at], step) if index is None else self._placed(axis, index)

    def at(self, axis: str, key: object) -> Handle:
        """The instance with that key along `axis`; along the axes inside it, all of them."""
        keys = self.node.axis(axis).branch(self.fixed).keys
        if str(key) not in keys:
            raise EvaluationError(rules.no_such_key(self.node.name, key, keys))
        return self._placed(axis, keys.index(str(key)))

    def _placed(self, axis: str, index: int) -> Handle:
        inside = self.node.inside(axis)
        fixed = {name: i for name, i in self.fixed.items() if name not in inside}
        return Handle(self.node, {**fixed, axis: index}, self.lookup)

    def everything(self) -> Handle:
        """All instances of the row that this is in; without rows, all of the node."""
        rows = {axis.name for axis in self.node.axes if axis.of_rows}
        fixed = {name: i for name, i in self.fixed.items() if name in rows}
        return Handle(self.node, fixed, self.lookup)


def no_neighbour(axis: str, key: str, step: int) -> Absent:
    """The value of `next` or `prev` at an end of an axis. key: of the element there."""
    side = "after the last" if step > 0 else "before the first"
    return Absent(f'there is no neighbour {side} `{axis}` ("{key}")')


class Scope(dict[str, object]):
    """The names that the expressions of an instance can use. Handles on nodes are made when they are used."""

    def __init__(
        self,
        names: Mapping[str, object],
        nodes: Mapping[str, NodeShape],
        fixed: Indices,
        lookup: KnownValues | None = None,
    ) -> None:
        super().__init__(names)
        self.nodes, self.fixed, self.lookup = nodes, fixed, lookup

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.nodes

    def __missing__(self, name: str) -> Handle:
        shape = self.nodes[name]
        shared = {axis.name: self.fixed[axis.name] for axis in shape.axes if axis.name in self.fixed}
        handle = self[name] = Handle(shape, shared, self.lookup)
        return handle
