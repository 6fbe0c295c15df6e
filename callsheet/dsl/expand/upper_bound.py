"""How many instances may still come with lists that are not known yet, and a sample of each kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Final, NoReturn

from callsheet.dsl.address import node_of
from callsheet.dsl.axes.axis import Axis, ListUnknown, Point
from callsheet.dsl.axes.resolve import ResolvedAxis, resolve_axes
from callsheet.dsl.axes.scope import address
from callsheet.dsl.check.nodes import CheckedNode
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expand.expansion import Expansion, Placement, within, without_handles
from callsheet.dsl.expand.pipeline_info import sources_of
from callsheet.dsl.expand.recipe_bodies import RecipeBodies
from callsheet.dsl.expand.recipe_uses import Use, Uses, UseUnknown
from callsheet.dsl.expression.template import Expression, names_in
from callsheet.dsl.expression.values import Absent, EvaluationError, NotYet, Pending
from callsheet.dsl.graph import Instance, Unknown
from callsheet.dsl.resolve.recipe import Recipe, RecipeSpec
from callsheet.dsl.values.bindings import Computed, Constant, Fields, Items, Maker
from callsheet.errors import NodeError
from callsheet.spec.values import Deferred, Ref, leaves

LIST: Final = re.compile(r"\$\{\{\s*(?P<head>\w+)\.(?P<part>\w+)\s*(\|\s*map\([^()|]*\)\s*)*\}\}\s*")
"""A list that is passed on, as it is or each element of it by one of its parts."""
SOME = "…"
"""Stands for the key that is not known in the address of a sample."""


def unknown(
    uses: Uses,
    waiting: Iterable[tuple[str, Point]],
    held: Iterable[Instance],
    sources: Mapping[str, tuple[str, ...]],
) -> Iterator[Unknown]:
    """The instances of a pipeline and of its recipes that are not known yet, by node.

    uses: the uses of recipes. waiting: places of nodes whose instances need a list. held: instances that
    need such instances. sources: see `PipelineInfo`.
    """
    yield from _Level(uses, sources).unknown(waiting)
    for instance in held:
        yield Unknown(instance.node, 1, instance, tuple(dict.fromkeys(map(node_of, instance.needs))))


@dataclass(frozen=True, slots=True)
class _Level:
    """The nodes of one document. before: the nodes that the use of a recipe waits for as a whole. lists: how
    many elements an input has at most, where that is known."""

    uses: Uses
    sources: Mapping[str, tuple[str, ...]]
    before: tuple[str, ...] = ()
    lists: Mapping[str, int] = field(default_factory=dict)

    def unknown(self, waiting: Iterable[tuple[str, Point]]) -> Iterator[Unknown]:
        expansion = self.uses.expansion
        for name, shape in expansion.shapes.items():
            for point, most in _ends(shape.axes, expansion.axes):
                yield from self._node(name, point, most)
        for name, point in waiting:
            use = self.uses.made.get((name, point))
            if isinstance(use, Use):
                yield from self._inside(name, use.recipe, use.uses).unknown(use.waiting())
            else:
                yield from self._node(name, point, 1)

    def every(self, times: int) -> Iterator[Unknown]:
        """The largest number of instances of each node. times: how often the recipe may be used."""
        expansion = self.uses.expansion
        for name, shape in expansion.shapes.items():
            yield from self._node(name, (), times * _most(shape.axes, (), expansion.axes))

    def _node(self, name: str, point: Point, most: int) -> Iterator[Unknown]:
        if self._never(name):
            return
        expansion = self.uses.expansion
        elements = list(_choosing(expansion, name, point))
        for element in elements:
            sample = _sample(expansion, name, point, element)
            if (inside := self._imagined(name, sample)) is not None:
                yield from inside.every(most)
                continue
            yield Unknown(sample.node, most // len(elements), sample, self._after(name))

    def _inside(self, name: str, recipe: Recipe, uses: Uses) -> _Level:
        return _Level(uses, sources_of(recipe.document, recipe.resolved.nesting), self._after(name))

    def _never(self, name: str) -> bool:
        """Whether the inputs alone decide that no instance of a node is made."""
        expansion = self.uses.expansion
        try:
            return expansion.checked[name].when.make(expansion.scope((), ())) is False
        except (NotYet, ListUnknown, UseUnknown, EvaluationError):
            return False

    def _imagined(self, name: str, sample: Instance) -> _Level | None:
        """The recipe that a node uses, as if it were used where `sample` is; None for any other node, and
        where its axes give no upper bound."""
        if not isinstance(sample.spec, RecipeSpec):
            return None
        recipe = sample.spec.recipe
        makers = self.uses.expansion.checked[name].params
        lists = {
            p: most for p, maker in makers.items() if (most := self._length(_written(maker))) is not None
        }
        uses = _imagined(recipe, sample, self.uses.expansion, self.uses.bodies, lists)
        return None if uses is None else replace(self._inside(name, recipe, uses), lists=lists)

    def _length(self, text: str) -> int | None:
        """How many elements the list `${{ node.output }}` has at most; None for what nothing bounds."""
        found = LIST.fullmatch(text)
        if found is None:
            return None
        head, part, expansion = found["head"], found["part"], self.uses.expansion
        if head == "inputs":
            return self.lists.get(part)
        if (node := expansion.checked.get(head)) is None:
            return None
        if axes := expansion.shapes[head].axes:
            bounded = all(a.branches or expansion.axes[a.name].most is not None for a in axes)
            return _most(axes, (), expansion.axes) if bounded else None
        if isinstance(node.spec, RecipeSpec):
            inside = self._imagined(head, _sample(expansion, head, (), next(_choosing(expansion, head, ()))))
            output = node.spec.recipe.document.outputs.get(part)
            text = output.value.scalar.text if output and isinstance(output.value, Expression) else ""
            return inside._length(text) if inside else None
        answer = node.spec.answer.fields.get(part) if node.spec.answer else None
        return answer.max_items if answer else None

    def _after(self, name: str) -> tuple[str, ...]:
        within = self.uses.expansion.placement.node
        return tuple(within + node for node in self.sources[name]) or self.before


def _imagined(
    recipe: Recipe, sample: Instance, outer: Expansion, bodies: RecipeBodies, lists: Mapping[str, int]
) -> Uses | None:
    """The recipe as if it were used where `sample` is; None when its axes give no upper bound.

    lists: input → how many elements it has at most, where that is known.
    """
    report = Report()
    deferred = frozenset(f"inputs.{name}" for name, value in sample.params.items() if _is_deferred(value))
    inputs = recipe.inputs(sample.params, report)
    axes = {
        name: replace(axis, bound=lists.get(axis.decl.list_name.removeprefix("inputs.")))
        for name, axis in resolve_axes(recipe.resolved, inputs, report, deferred, wait=False).items()
    }
    if report.failed or any(axis.dynamic and axis.most is None for axis in axes.values()):
        return None
    body = bodies.body(recipe, inputs, axes, deferred)
    if not body.sound:
        return None
    placement = Placement(
        Report(),
        outer.programs,
        prefix=sample.address + "/",
        node=sample.node + "/",
        key=sample.key,
        options=sample.options,
        deferred=True,
    )
    return Uses(Expansion(body.checked.nodes, inputs, axes, recipe.resolved.origin, placement), bodies)


def _is_deferred(value: object) -> bool:
    return any(isinstance(leaf, Deferred | Ref) for leaf in leaves(value, object))


def _ends(axes: tuple[Axis, ...], resolved: Mapping[str, ResolvedAxis]) -> Iterator[tuple[Point, int]]:
    """The points up to which lists are known, each with the number of instances that may follow."""
    stack: list[Point] = [()]
    while stack:
        point = stack.pop()
        if len(point) == len(axes):
            continue
        try:
            length = len(axes[len(point)].branch(_fixed(axes, point)).keys)
        except ListUnknown:
            yield point, _most(axes, point, resolved)
            continue
        if any(resolved[axis.name].dynamic for axis in axes[len(point) :]):
            stack.extend((*point, i) for i in reversed(range(length)))


def _fixed(axes: tuple[Axis, ...], point: Point) -> dict[str, int]:
    return {axis.name: i for axis, i in zip(axes, point, strict=False)}


def _most(axes: tuple[Axis, ...], point: Point, resolved: Mapping[str, ResolvedAxis]) -> int:
    most = 1
    fixed = _fixed(axes, point)
    for axis in axes[len(point) :]:
        deferred = resolved[axis.name].most
        known = all(name in fixed for name in axis.around) and axis.branches.get(
            tuple(fixed[name] for name in axis.around)
        )
        most *= len(known.keys) if known else deferred or _longest(axis)
    return most


def _longest(axis: Axis) -> int:
    return max((len(branch.keys) for branch in axis.branches.values()), default=1)


def _choosing(expansion: Expansion, name: str, point: Point) -> Iterator[Mapping[str, int]]:
    """The elements, beyond a point, on which the model of a node depends: axis → index. Each combination
    stands for equally many instances; it is one without elements where the model does not depend on any."""
    node, shape = expansion.checked[name], expansion.shapes[name]
    read = {used.name for used in names_in(node.decl.choice)} if node.decl.choice else set()
    axes = [axis for axis in shape.axes[len(point) :] if axis.name in read and () in axis.branches]
    for indices in product(*(range(len(axis.branch({}).keys)) for axis in axes)):
        yield {axis.name: i for axis, i in zip(axes, indices, strict=True)}


def _sample(expansion: Expansion, name: str, point: Point, more: Mapping[str, int]) -> Instance:
    """An instance as far as it is known. point: may leave out the last axes of the node. more: elements of
    those that are known."""
    node, shape = expansion.checked[name], expansion.shapes[name]
    fixed = {**_fixed(shape.axes, point), **more}
    known = tuple(axis for axis in shape.axes if axis.name in fixed)
    place = tuple(fixed[axis.name] for axis in known)
    node = _with_model(expansion, node, known, place)
    scope = expansion.scope(known, place)
    facts = scope["axis"]
    assert isinstance(facts, dict)
    for axis in shape.axes:
        if axis.name not in fixed:
            scope[axis.name] = Pending(Ref(axis.name, ()))
            facts[axis.name] = Pending(Ref("axis", (axis.name,)))
    makers = expansion.makers(node)
    params = dict(makers.constants)
    for parameter, maker in makers.others.items():
        try:
            value = without_handles(maker.make(scope))
        except (NotYet, ListUnknown, UseUnknown, EvaluationError):
            value = Deferred((), _not_known, text=_written(maker))
        if not isinstance(value, Absent):
            params[parameter] = value
    keys = tuple(
        axis.branch(fixed).keys[fixed[axis.name]] if axis.name in fixed else SOME for axis in shape.axes
    )
    placement = expansion.placement
    return Instance(
        placement.prefix + address(name, keys),
        placement.node + name,
        (*placement.key, *keys),
        node.spec,
        params,
        (),
        node.decl.span,
        within(placement.options, node.decl.options),
    )


def _with_model(
    expansion: Expansion, node: CheckedNode, known: tuple[Axis, ...], point: Point
) -> CheckedNode:
    """The node with the model that it will use, if that is known, else with one of those that it may use."""
    if node.choice is None:
        return node
    try:
        uses = node.choice.make(expansion.scope(known, point, without_nodes=True))
    except (NotYet, EvaluationError):
        uses = None
    return node.options.get(str(uses), next(iter(node.options.values())))


def _written(maker: Maker) -> str:
    """The value as it is written in the file; used to compare samples."""
    match maker:
        case Computed(expression):
            return expression.scalar.text
        case Items(makers):
            return ", ".join(map(_written, makers))
        case Fields(makers):
            return ", ".join(f"{name}: {_written(m)}" for name, m in makers.items())
        case Constant(value):
            return repr(value)


def _not_known(_: object) -> NoReturn:
    raise NodeError("this is not known yet", "bug")
