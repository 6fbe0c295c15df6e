"""Resolves the axes of a document: their lists, and the types of their elements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from callsheet.dsl.axes.axis import Axis, Branch, Point, along, branches_at, points
from callsheet.dsl.axes.elements import branch_of, most_of
from callsheet.dsl.axes.functions import functions
from callsheet.dsl.axes.resolved_document import ResolvedDocument
from callsheet.dsl.axes.scope import address
from callsheet.dsl.diagnostics.diagnostic import RuleBroken
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.context import Context, chains
from callsheet.dsl.expression.filter_types import plain
from callsheet.dsl.expression.infer import infer
from callsheet.dsl.expression.values import Absent, EvaluationError, NotYet, Pending
from callsheet.dsl.syntax.ast import AxisDecl, expressions_in
from callsheet.dsl.values.bindings import Maker, compile_value
from callsheet.dsl.values.inputs import Inputs, infer_type
from callsheet.spec.rules import axes as rules
from callsheet.spec.types import JSON, Field, ListOf, Type


class ListAwaited(Exception):
    """An axis of a recipe ranges over an input that is known only during the run."""

    def __init__(
        self, decl: AxisDecl, address: str, outer: tuple[Axis, ...], point: Point, maker: Maker
    ) -> None:
        super().__init__(address)
        self.decl, self.address, self.outer, self.point, self.maker = decl, address, outer, point, maker


MAX_ELEMENTS = 1_000_000
"""How many elements the lists of one axis may have together."""


@dataclass(frozen=True, slots=True)
class ResolvedAxis:
    """An axis with the lists that are known. maker: makes each list. dynamic: they are made from outputs.
    bound: how many elements a list can have, where that follows from where the axis is used."""

    axis: Axis
    item: Type
    decl: AxisDecl
    maker: Maker
    dynamic: bool = False
    bound: int | None = None

    @property
    def most(self) -> int | None:
        """How many elements a list may have."""
        stated = most_of(self.decl)
        return self.bound if stated is None else stated


def list_address(axis: str, outer: Sequence[Axis], point: Point) -> str:
    """The address of a list of `axis`, at a point of the axes around it: `scene`, `shot["act1"]`."""
    return address(axis, [b.keys[i] for b, i in zip(branches_at(outer, point), point, strict=True)])


def lists(axes: Mapping[str, ResolvedAxis]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The keys of every list that is known, by its address."""
    for name, resolved in axes.items():
        outer = [axes[around].axis for around in resolved.axis.around]
        for point, branch in resolved.axis.branches.items():
            yield list_address(name, outer, point), branch.keys


def resolve_axes(
    resolved: ResolvedDocument,
    inputs: Inputs,
    report: Report,
    deferred: frozenset[str] = frozenset(),
    came: Mapping[str, object] | None = None,
    wait: bool = True,
) -> dict[str, ResolvedAxis]:
    """The axes that could be resolved; the others are reported.

    deferred: see `Context`. came: lists that came during the run, by their address. wait: whether an axis
    whose list is not known yet raises ListAwaited; otherwise it is returned without lists.
    """
    document, nesting = resolved.document, resolved.nesting
    found: dict[str, ResolvedAxis] = {}
    for name in nesting.order:
        if any(outer not in found for outer in nesting.around[name]):
            continue
        own = Report()
        around = {outer: found[outer] for outer in nesting.around[name]}
        context = Context(
            inputs.types,
            {outer: axis.item for outer, axis in around.items()},
            resolved.types,
            document.axis_lists,
            around=nesting.around,
            deferred=deferred,
            rows=document.each,
        )
        outer = tuple(axis.axis for axis in around.values())
        resolver = _Resolver(document.axes[name], context, inputs, outer, own, came or {})
        axis = resolver.dynamic() if name in nesting.dynamic else resolver.resolve(report.failed, wait)
        if axis is not None and not own.failed:
            found[name] = axis
        report.merge(own)
    return found


class _Resolver:
    def __init__(
        self,
        decl: AxisDecl,
        context: Context,
        inputs: Inputs,
        outer: tuple[Axis, ...],
        report: Report,
        came: Mapping[str, object],
    ) -> None:
        self.decl, self.context, self.outer, self.report, self.came = decl, context, outer, report, came
        self.scope = {"inputs": inputs.values, **functions()}

    def resolve(self, reported: bool, wait: bool) -> ResolvedAxis | None:
        """reported: an error in the inputs was reported already."""
        item = self._item_type()
        maker = compile_value(self.decl.over, Field(JSON), self.context, self.report)
        if item is None or self.report.failed:
            return None
        try:
            values = self._values(maker)
        except ListAwaited:
            if wait:
                raise
            return ResolvedAxis(self._axis({}), item, self.decl, maker, dynamic=True)
        if values is None or (reported and any(isinstance(v, Absent) for v in values.values())):
            return None
        if item == JSON:
            item = _item_of(values)
        self._check_key(item)
        branches = None if self.report.failed else self._branches(values)
        if branches is None:
            return None
        return ResolvedAxis(self._axis(branches), item, self.decl, maker)

    def dynamic(self) -> ResolvedAxis | None:
        """The axis without its lists, which come from outputs."""
        item = self._item_type()
        maker = compile_value(self.decl.over, Field(JSON), self.context, self.report)
        if self.decl.most is None:
            self.report.add(self.decl.key.span, rules.no_max(self.decl.name))
        if item is None:
            return None
        self._check_key(item)
        return ResolvedAxis(self._axis({}), item, self.decl, maker, dynamic=True)

    def _axis(self, branches: Mapping[Point, Branch]) -> Axis:
        name, around = self.decl.name, tuple(axis.name for axis in self.outer)
        return Axis(name, branches, around, name in self.context.rows)

    def _item_type(self) -> Type | None:
        for expression in expressions_in(self.decl.over):
            found = plain(infer(expression, self.context, self.report))
            if expression is self.decl.over:
                if not isinstance(found, ListOf) and found != JSON:
                    self.report.add(expression.span, rules.type_not_a_list(self.decl.name, found))
                    return None
                return found.item if isinstance(found, ListOf) else JSON
        return JSON

    def _values(self, maker: Maker) -> dict[Point, object] | None:
        """What the axis ranges over at each point of the axes around it."""
        values: dict[Point, object] = {}
        size = 0
        for point in points(self.outer):
            try:
                values[point] = self._value(maker, point)
            except EvaluationError as error:
                self.report.add(self.decl.over.span, error.problem.under(self._in_branch(point)))
                return None
            found = values[point]
            size += len(found) if isinstance(found, list) else 1
            if size > MAX_ELEMENTS:
                self.report.add(self.decl.over.span, rules.too_many_elements(self.decl.name, MAX_ELEMENTS))
                return None
        return values

    def _value(self, maker: Maker, point: Point) -> object:
        """The list at a point. Raises EvaluationError, ListAwaited."""
        where = list_address(self.decl.name, self.outer, point)
        if where in self.came:
            return self.came[where]
        awaited = ListAwaited(self.decl, where, self.outer, point, maker)
        try:
            value = maker.make({**self.scope, **along(self.outer, point)})
        except NotYet:
            raise awaited from None
        if isinstance(value, Pending):
            raise awaited
        return value

    def _in_branch(self, point: Point) -> str:
        return f"for `{list_address(self.decl.name, self.outer, point)}`: " if point else ""

    def _check_key(self, item: Type) -> None:
        """A key is made from inputs and from the items of the axis and of those around it."""
        expression = self.decl.item_key
        if expression is None:
            return
        context = self.context.along(self.decl.name, item)
        infer(expression, context, self.report)
        if any(True for _ in chains(expression, context)):
            self.report.add(expression.span, rules.late_key())

    def _branches(self, values: Mapping[Point, object]) -> dict[Point, Branch] | None:
        found = {}
        for point, value in values.items():
            where = list_address(self.decl.name, self.outer, point)
            scope = {**self.scope, **along(self.outer, point)}
            try:
                found[point] = branch_of(self.decl, where, value, scope)
            except RuleBroken as error:
                self.report.add(error.span, error.problem)
                return None
        return found


def _item_of(values: Mapping[Point, object]) -> Type:
    """The type that all elements of the lists have in common."""
    every = [item for value in values.values() if isinstance(value, list) for item in value]
    found = infer_type(every) if every else JSON
    return found.item if isinstance(found, ListOf) else JSON
