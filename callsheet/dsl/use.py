"""Recipes put in: for each node that uses one, and each point of its axes, the recipe's own instances."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from callsheet.dsl.axes import ListAwaited, ResolvedAxis, resolve_axes
from callsheet.dsl.axis import NotGrown
from callsheet.dsl.axis_list import most_of
from callsheet.dsl.build import Maker
from callsheet.dsl.check import CheckedNode, Checker
from callsheet.dsl.diagnostic import Report
from callsheet.dsl.expand import MAX_INSTANCES, Expansion, Filler, Home, within
from callsheet.dsl.graph import Instance, PendingList, Ref, refs_in
from callsheet.dsl.inputs import Inputs
from callsheet.dsl.origins import Origins
from callsheet.dsl.recipe import Recipe, RecipeSpec
from callsheet.dsl.scope import pending
from callsheet.dsl.source import Span
from callsheet.dsl.types import Type
from callsheet.nodes.spec import NodeSpec

MAX_USES: Final = 50_000

Point = tuple[int, ...]
Spot = tuple[str, Point]
"""A node and a point of its axes."""


class NotMade(Exception):
    """The use of a recipe waits for that of another."""

    def __init__(self, spot: Spot) -> None:
        super().__init__(spot)
        self.spot = spot


class TooMany(Exception):
    """There are more instances, or uses of recipes, than a graph may have. span: the use that is too much."""

    def __init__(self, span: Span, what: str) -> None:
        super().__init__(span)
        self.span, self.what = span, what


@dataclass(frozen=True, slots=True)
class Body:
    """A recipe checked for certain inputs: those that are late, and the types of its axes' items."""

    late: frozenset[str]
    items: Mapping[str, Type]
    checked: Mapping[str, CheckedNode]
    outputs: Mapping[str, Maker]
    report: Report

    @property
    def whole(self) -> bool:
        return not self.report.failed


class Awaited(NotGrown):
    """The use of a recipe waits for the list of one of its axes, which is given to it during the run."""

    def __init__(self, pending: PendingList) -> None:
        super().__init__(pending.address, ())
        self.pending = pending


@dataclass(slots=True)
class Workbench:
    """What all uses of a graph share: bodies that are checked, how many instances there may still be.

    lists: those that came for axes inside of recipes, by their address.
    """

    find: Callable[[str], NodeSpec | None]
    room: int
    uses: int = field(default_factory=lambda: MAX_USES)
    lists: Mapping[str, object] = field(default_factory=dict)
    bodies: dict[int, list[Body]] = field(default_factory=dict)
    origins: Origins = field(default_factory=Origins)

    def body(
        self, recipe: Recipe, inputs: Inputs, axes: Mapping[str, ResolvedAxis], late: frozenset[str]
    ) -> Body:
        """The recipe's nodes and outputs, checked once for the same kind of inputs."""
        items = {name: axis.item for name, axis in axes.items()}
        known = self.bodies.setdefault(id(recipe), [])
        for body in known:
            if body.late == late and body.items == items:
                return body
        known.append(_check(recipe, inputs, axes, items, late, self.find))
        self.origins.nodes.update((node.decl.span, node) for node in known[-1].checked.values())
        return known[-1]

    def take(self, expansion: Expansion, span: Span) -> None:
        """Take the room that the expansion needs. Raises TooMany."""
        self.room -= expansion.count()
        self.uses -= 1
        if self.room < 0:
            raise TooMany(span, f"has more than {MAX_INSTANCES:,} instances")
        if self.uses < 0:
            raise TooMany(span, f"puts in more than {MAX_USES:,} recipes")


def _check(
    recipe: Recipe,
    inputs: Inputs,
    axes: Mapping[str, ResolvedAxis],
    items: Mapping[str, Type],
    late: frozenset[str],
    find: Callable[[str], NodeSpec | None],
) -> Body:
    report, document = Report(), recipe.document
    checker = Checker(document, inputs, axes, recipe.nodes, recipe.nesting, find, recipe.origin, late)
    nodes = {n: checker.node(decl, recipe.specs.get(n), report) for n, decl in document.nodes.items()}
    makers = {n: checker.output(decl, report) for n, decl in document.outputs.items()}
    checked = {n: node for n, node in nodes.items() if node is not None}
    outputs = {n: maker for n, maker in makers.items() if maker is not None}
    return Body(late, items, checked, outputs, report)


def _refuse_late_axes(recipe: Recipe, report: Report) -> None:
    for name in sorted(recipe.nesting.late):
        report.error(
            "not-supported",
            recipe.document.axes[name].key.span,
            "an axis over an output inside of a recipe is not in this version yet",
            "put the axis into the pipeline, and use the recipe once for each element",
        )


@dataclass(frozen=True, slots=True)
class Use:
    """A recipe put in at one point."""

    expansion: Expansion | None
    results: Mapping[str, object]

    def instances(self) -> Iterator[Instance]:
        if self.expansion is not None:
            yield from self.expansion.instances()

    def addresses(self) -> Iterator[str]:
        for shape in self.expansion.shapes.values() if self.expansion is not None else ():
            for point in shape.points():
                if point not in shape.skipped:
                    yield from [shape.address(point)] if shape.use is None else shape.use(point).addresses()


class Uses:
    """The uses in one expansion. References to them work once `make` has made them.

    made: those that are there. unmade: those that wait, for what. skipped: what is skipped inside of those
    that were made here. before: what was made for the same nodes when fewer of their lists were known.
    """

    def __init__(self, expansion: Expansion, bench: Workbench, before: Uses | None = None) -> None:
        self.expansion, self.bench = expansion, bench
        self.made: dict[Spot, Use] = dict(before.made) if before else {}
        self.unmade: dict[Spot, NotGrown] = {}
        self.skipped: list[str] = []
        self.recipes = {n: c for n, c in expansion.checked.items() if isinstance(c.spec, RecipeSpec)}
        for name in self.recipes:
            expansion.shapes[name].use = partial(self._use, name)

    def _use(self, name: str, point: Point) -> Use:
        if (name, point) not in self.made:
            raise NotMade((name, point))
        return self.made[name, point]

    def make(self) -> None:
        """Make all that can be made, each after those that it refers to. Raises TooMany."""
        self.unmade.clear()
        for name in self.recipes:
            shape = self.expansion.shapes[name]
            for point in shape.points():
                if point not in shape.skipped and (name, point) not in self.made:
                    self._make((name, point))

    def _make(self, first: Spot) -> None:
        waiting = {first: None}
        while waiting:
            spot = next(reversed(waiting))
            try:
                if spot not in self.made:
                    self.made[spot] = self._open(spot)
                waiting.pop(spot)
            except NotGrown as error:
                self.unmade.update(dict.fromkeys(waiting, error))
                return
            except NotMade as error:
                if error.spot in self.unmade:
                    self.unmade.update(dict.fromkeys(waiting, self.unmade[error.spot]))
                    return
                if error.spot in waiting:
                    self._refuse([*waiting][[*waiting].index(error.spot) :])
                    self.made[spot] = self._nothing(spot)
                else:
                    waiting[error.spot] = None

    def _open(self, spot: Spot) -> Use:
        name, point = spot
        node, shape = self.recipes[name], self.expansion.shapes[name]
        assert isinstance(node.spec, RecipeSpec)
        recipe, address = node.spec.recipe, shape.address(point)
        params = self.expansion.params(node, point, address)
        late = frozenset(f"inputs.{name}" for name, value in params.items() if any(refs_in(value)))
        own, home = Report(), self._home(node, point, late)
        inputs = recipe.inputs(params, own)
        _refuse_late_axes(recipe, own)
        axes = self._axes(recipe, inputs, home, late, own)
        body = self.bench.body(recipe, inputs, axes, late)
        home.findings.repeat(own)
        home.findings.repeat(body.report)
        if own.failed or not body.whole or len(body.checked) < len(recipe.document.nodes):
            return self._nothing(spot)
        inside = Expansion(body.checked, inputs, axes, recipe.origin, home)
        self.bench.take(inside, node.decl.uses.span)
        self.bench.origins.uses[home.prefix] = home.findings.used
        uses = Uses(inside, self.bench)
        skipped = inside.skipped()
        uses.make()
        for waits in uses.unmade.values():
            return self._waiting(spot, waits, home)
        self.skipped += (*skipped, *uses.skipped)
        return Use(inside, {name: pending(inside.result(maker)) for name, maker in body.outputs.items()})

    def _axes(
        self, recipe: Recipe, inputs: Inputs, home: Home, late: frozenset[str], report: Report
    ) -> dict[str, ResolvedAxis]:
        """The axes inside. Raises Awaited."""
        came = {
            address.removeprefix(home.prefix): value
            for address, value in self.bench.lists.items()
            if address.startswith(home.prefix)
        }
        try:
            return resolve_axes(recipe.document, inputs, recipe.nodes, recipe.nesting, report, late, came)
        except ListAwaited as error:
            inside = Expansion({}, inputs, {}, recipe.origin, home)
            address = home.prefix + error.address
            tree = Filler(inside, error.outer, error.point, address).fill(error.maker)
            needs = tuple(dict.fromkeys(ref.address for ref in refs_in(tree)))
            most = most_of(error.decl) or MAX_INSTANCES
            raise Awaited(PendingList(address, address, (), tree, needs, most)) from None

    def _waiting(self, spot: Spot, waits: NotGrown, home: Home) -> Use:
        """Wait for what a recipe inside of this one waits for, unless that is made in here."""
        if not isinstance(waits, Awaited) or not any(n.startswith(home.prefix) for n in waits.pending.needs):
            raise waits
        self.expansion.findings.add(
            "not-supported",
            self.recipes[spot[0]].decl.uses.span,
            f"the list of `{waits.pending.address}` is made inside of it; that is not in this version yet",
            "give the list to the recipe",
            "",
        )
        return self._nothing(spot)

    def _home(self, node: CheckedNode, point: Point, late: frozenset[str]) -> Home:
        outer, shape = self.expansion.home, self.expansion.shapes[node.decl.name]
        return Home(
            findings=outer.findings.within(node.decl.uses.span),
            programs=outer.programs,
            prefix=shape.address(point) + "/",
            node=f"{outer.node}{node.decl.name}/",
            key=(*outer.key, *shape.key(point)),
            axes=(*outer.axes, *(axis.name for axis in shape.axes)),
            options=within(outer.options, node.decl.options),
            after=tuple(self.expansion.ordered_after(node, point)),
            late=bool(late),
        )

    def _refuse(self, circle: list[Spot]) -> None:
        names = [self.expansion.shapes[name].address(point) for name, point in circle]
        node = self.recipes[circle[0][0]]
        self.expansion.findings.add(
            "cycle",
            node.decl.uses.span,
            f"these wait for each other: {' → '.join([*names, names[0]])}",
            "take one of the references out",
            names[0],
        )

    def _nothing(self, spot: Spot) -> Use:
        """In place of what could not be made, so that nothing more is said about it."""
        name, point = spot
        address = self.expansion.shapes[name].address(point)
        outputs = self.recipes[name].spec.outputs
        return Use(None, {output: pending(Ref(address, (output,))) for output in outputs})
