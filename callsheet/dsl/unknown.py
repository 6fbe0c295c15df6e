"""What is not known of a pipeline before a list is: how many instances at most, and what they look like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NoReturn

from callsheet.dsl.axes import ResolvedAxis
from callsheet.dsl.axis import Axis, NotGrown, Point
from callsheet.dsl.build import Constant, Dynamic, Fields, Items, Maker
from callsheet.dsl.expand import Expansion, settle
from callsheet.dsl.expression.values import Absent, EvaluationError, NotYet, Pending
from callsheet.dsl.graph import Instance, Late, Ref, Unknown
from callsheet.dsl.scope import address
from callsheet.dsl.use import NotMade
from callsheet.errors import NodeError

SOME = "…"
"""Stands for the key that is not known in the address of a sample."""


def unknown(
    expansion: Expansion,
    waiting: Iterable[tuple[str, Point]],
    held: Iterable[Instance],
    sources: Mapping[str, tuple[str, ...]],
) -> Iterator[Unknown]:
    """waiting: nodes and points whose instances need a list. held: instances that need such instances."""
    for name, shape in expansion.shapes.items():
        for point, most in _ends(shape.axes, expansion.axes):
            yield Unknown(name, most, _sample(expansion, name, point), sources[name])
    for name, point in waiting:
        yield Unknown(name, 1, _sample(expansion, name, point), sources[name])
    for instance in held:
        yield Unknown(instance.node, 1, instance, sources.get(instance.node.partition("/")[0], ()))


def _ends(axes: tuple[Axis, ...], resolved: Mapping[str, ResolvedAxis]) -> Iterator[tuple[Point, int]]:
    """Where what is known ends: the point up to there, and how many instances may follow."""
    stack: list[Point] = [()]
    while stack:
        point = stack.pop()
        if len(point) == len(axes):
            continue
        try:
            length = len(axes[len(point)].branch(_fixed(axes, point)).keys)
        except NotGrown:
            yield point, _most(axes, point, resolved)
            continue
        if any(resolved[axis.name].late for axis in axes[len(point) :]):
            stack.extend((*point, i) for i in reversed(range(length)))


def _fixed(axes: tuple[Axis, ...], point: Point) -> dict[str, int]:
    return {axis.name: i for axis, i in zip(axes, point, strict=False)}


def _most(axes: tuple[Axis, ...], point: Point, resolved: Mapping[str, ResolvedAxis]) -> int:
    most = 1
    fixed = _fixed(axes, point)
    for axis in axes[len(point) :]:
        late = resolved[axis.name].most
        known = all(name in fixed for name in axis.around) and axis.branches.get(
            tuple(fixed[name] for name in axis.around)
        )
        most *= len(known.keys) if known else late or 1
    return most


def _sample(expansion: Expansion, name: str, point: Point) -> Instance:
    """An instance as far as it is known at a point that may end before the node's last axis."""
    node, shape = expansion.checked[name], expansion.shapes[name]
    known = shape.axes[: len(point)]
    scope = expansion.scope(known, point)
    facts = scope["axis"]
    assert isinstance(facts, dict)
    for axis in shape.axes[len(point) :]:
        scope[axis.name] = Pending(Ref(axis.name, ()))
        facts[axis.name] = Pending(Ref("axis", (axis.name,)))
    makers = expansion.makers(node)
    params = dict(makers.constants)
    for parameter, maker in makers.others.items():
        try:
            value = settle(maker.make(scope))
        except (NotYet, NotGrown, NotMade, EvaluationError):
            value = Late((), _not_known, text=_written(maker))
        if not isinstance(value, Absent):
            params[parameter] = value
    keys = tuple(axis.branch(_fixed(known, point)).keys[i] for axis, i in zip(known, point, strict=True))
    keys += (SOME,) * (len(shape.axes) - len(point))
    return Instance(address(name, keys), name, keys, node.spec, params, (), node.decl.span, node.decl.options)


def _written(maker: Maker) -> str:
    """What stands in the file, to compare by."""
    match maker:
        case Dynamic(expression):
            return expression.scalar.text
        case Items(makers):
            return ", ".join(map(_written, makers))
        case Fields(makers):
            return ", ".join(f"{name}: {_written(m)}" for name, m in makers.items())
        case Constant(value):
            return repr(value)


def _not_known(_: object) -> NoReturn:
    raise NodeError("this is not known yet", "bug")
