"""Recipes put in: for each node that uses one, and each point of its axes, the recipe's own instances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from callsheet.dsl.axes.axis import Branch, NotGrown, Point, points
from callsheet.dsl.axes.elements import most_of
from callsheet.dsl.axes.resolve import ListAwaited, ResolvedAxis, list_address, lists, resolve_axes
from callsheet.dsl.axes.scope import pending
from callsheet.dsl.check.nodes import CheckedNode
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expand.deferred import late_list
from callsheet.dsl.expand.expand import MAX_INSTANCES, Expansion, Filler, Home, within
from callsheet.dsl.expand.recipe_bodies import Body, Workbench
from callsheet.dsl.graph import Instance, PendingList
from callsheet.dsl.resolve.alternatives import alternatives_in
from callsheet.dsl.resolve.recipe import Recipe, RecipeSpec
from callsheet.dsl.values.bindings import Maker
from callsheet.dsl.values.inputs import Inputs
from callsheet.spec.rules import instances as rules
from callsheet.spec.values import Ref, addresses_in, refs_in

Spot = tuple[str, Point]
"""A node and a point of its axes."""


class NotMade(Exception):
    """The use of a recipe waits for that of another."""

    def __init__(self, spot: Spot) -> None:
        super().__init__(spot)
        self.spot = spot


class Awaited(NotGrown):
    """The use of a recipe waits for the list of one of its axes, which is given to it during the run."""

    def __init__(self, pending: PendingList) -> None:
        super().__init__(pending.address, ())
        self.pending = pending


class Outputs(dict[str, object]):
    """What a recipe gives. Asking for what is not known yet raises NotGrown."""

    def __init__(self, known: Mapping[str, object], waiting: Mapping[str, NotGrown]) -> None:
        super().__init__(known)
        self.waiting = waiting

    def __missing__(self, name: str) -> object:
        raise self.waiting[name]


class Use:
    """A recipe put in at one point, as far as the lists of its axes are known.

    pending: the lists that it waits for. fresh: those that became known with this step, address → keys;
    skipped: what turned out to be skipped. taken: the points whose instances were asked for. lacking: the
    instances that were asked for and cannot be known → the list that they lack.
    """

    def __init__(
        self, recipe: Recipe, body: Body, expansion: Expansion, bench: Workbench, before: Use | None = None
    ) -> None:
        self.recipe, self.body, self.expansion, self.bench = recipe, body, expansion, bench
        self.uses: Uses = Uses(expansion, bench, before.uses if before else None)
        self.taken: set[Spot] = set(before.taken) if before else set()
        self.decided: set[Spot] = set(before.decided) if before else set()
        self.pending: dict[str, PendingList] = {}
        self.lacking: dict[str, str] = {}
        self.fresh: dict[str, tuple[str, ...]] = {}
        self.skipped: list[str] = []
        if before is None and bench.lists:
            self.fresh.update(self._came())
        if before is None and not recipe.nesting.late:
            self.skipped += expansion.skipped()
        self._know()
        self.results: Outputs = self._results(body.outputs, before.results if before else {})

    def grown(self, findings: Report, bench: Workbench) -> Use:
        """The same with the lists that are on the bench. Raises RuleBroken."""
        return Use(self.recipe, self.body, self.expansion.copy(findings), bench, self)

    def _came(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The lists for which the recipe was not put in before."""
        for address, keys in lists(self.expansion.axes):
            if (whole := self.expansion.home.prefix + address) in self.bench.lists:
                yield whole, keys

    def _know(self) -> None:
        late = self.recipe.nesting.late
        if late:
            self._decide()
        for name in (name for name in self.recipe.nesting.order if name in late):
            self.uses.make()
            self._know_lists(name)
            self._decide()
        self.uses.make()
        self.pending.update(self.uses.pending())
        self.fresh.update(self.uses.fresh)
        self.skipped += self.uses.skipped

    def _decide(self) -> None:
        for name, shape in self.expansion.shapes.items():
            new = [point for point in shape.points() if (name, point) not in self.decided]
            self.decided.update((name, point) for point in new)
            self.skipped += self.expansion.decide(name, new)

    def _know_lists(self, name: str) -> None:
        around, known = self.expansion.around(name), self.expansion.axes[name].axis.branches
        found: dict[Point, Branch] = {}
        for point in points(around):
            if point in known:
                continue
            try:
                made = late_list(self.expansion, name, point, self.bench.lists)
            except (NotGrown, NotMade):
                continue
            if isinstance(made, PendingList):
                self.pending[made.address] = made
            elif made is not None:
                found[point] = made
        self.expansion.know(name, found)
        self.fresh.update((self._list_address(name, point), found[point].keys) for point in found)

    def _list_address(self, axis: str, point: Point) -> str:
        return self.expansion.home.prefix + list_address(axis, self.expansion.around(axis), point)

    def _results(self, makers: Mapping[str, Maker], before: Mapping[str, object]) -> Outputs:
        known, waiting = dict(before), {}
        for name, maker in makers.items():
            if name not in known:
                try:
                    known[name] = pending(self.expansion.result(maker))
                except (NotGrown, NotMade) as error:
                    waiting[name] = self._awaited(error)
        return Outputs(known, waiting)

    def _awaited(self, error: NotGrown | NotMade) -> NotGrown:
        """What is awaited, by an address that is understood outside too."""
        waits = error if isinstance(error, NotGrown) else self.uses.unmade[error.spot]
        if waits.axis in self.expansion.axes:
            return NotGrown(self._list_address(waits.axis, waits.point), ())
        return waits

    def instances(self) -> Iterator[Instance]:
        """Those that are known and were not asked for before."""
        for name, shape in self.expansion.shapes.items():
            for point in shape.points():
                if point in shape.skipped or (name, point) in self.taken:
                    continue
                try:
                    yield from self.expansion.at(name, point)
                except (NotGrown, NotMade) as error:
                    self.lacking[shape.address(point)] = self._awaited(error).axis
                    continue
                if shape.use is None:
                    self.taken.add((name, point))

    def lacks(self) -> Iterator[tuple[str, str]]:
        """What is lacking in it, and in the recipes inside of it."""
        yield from self.lacking.items()
        yield from self.uses.lacks()

    def waiting(self) -> Iterator[Spot]:
        """The points that are known, of which something is still unknown."""
        for name, shape in self.expansion.shapes.items() if self.pending else ():
            for point in shape.points():
                made = (name, point) in (self.taken if shape.use is None else self.uses.made)
                if point not in shape.skipped and (not made or (name, point) in self.uses.partial):
                    yield name, point

    def addresses(self) -> Iterator[str]:
        """All that it stands for. Raises NotGrown when that is not known."""
        for address in self.pending:
            raise NotGrown(address, ())
        for shape in self.expansion.shapes.values():
            for point in shape.points():
                if point not in shape.skipped:
                    yield from [shape.address(point)] if shape.use is None else shape.use(point).addresses()


@dataclass(frozen=True, slots=True)
class Nothing:
    """In place of a recipe that could not be put in."""

    results: Mapping[str, object]

    def instances(self) -> Iterator[Instance]:
        yield from ()

    def addresses(self) -> Iterator[str]:
        yield from ()


class Uses:
    """The uses in one expansion. References to them work once `make` has made them.

    made: those that are there. partial: those of them that still grow → the lists they wait for. unmade:
    those that wait as a whole, for what. skipped, fresh: of those that were made or have grown here.
    before: what was made for the same nodes when fewer of their lists were known.
    """

    def __init__(self, expansion: Expansion, bench: Workbench, before: Uses | None = None) -> None:
        self.expansion, self.bench = expansion, bench
        self.made: dict[Spot, Use | Nothing] = dict(before.made) if before else {}
        self.partial: dict[Spot, Mapping[str, PendingList]] = dict(before.partial) if before else {}
        self.unmade: dict[Spot, NotGrown] = {}
        self.skipped: list[str] = []
        self.fresh: dict[str, tuple[str, ...]] = {}
        self.recipes = {n: c for n, c in expansion.checked.items() if isinstance(c.spec, RecipeSpec)}
        for name in self.recipes:
            expansion.shapes[name].use = partial(self._use, name)

    def pending(self) -> Iterator[tuple[str, PendingList]]:
        """The lists that uses wait for, by their address."""
        for awaited in self.unmade.values():
            if isinstance(awaited, Awaited):
                yield awaited.pending.address, awaited.pending
        for waits in self.partial.values():
            yield from waits.items()

    def lacks(self) -> Iterator[tuple[str, str]]:
        """Instances inside of the uses that grow → the list that each lacks."""
        for spot in self.partial:
            use = self.made[spot]
            if isinstance(use, Use):
                yield from use.lacks()

    def _use(self, name: str, point: Point) -> Use | Nothing:
        if (name, point) not in self.made:
            raise NotMade((name, point))
        return self.made[name, point]

    def make(self) -> None:
        """Make all that can be made, each after those that it refers to. Raises RuleBroken."""
        self.unmade.clear()
        came = self.bench.lists.keys()
        for spot in [spot for spot, waits in self.partial.items() if not came.isdisjoint(waits)]:
            self._grow(spot)
        for name in self.recipes:
            shape = self.expansion.shapes[name]
            for point in shape.points():
                if point not in shape.skipped and (name, point) not in self.made:
                    self._make((name, point))

    def _grow(self, spot: Spot) -> None:
        use, node = self.made[spot], self.recipes[spot[0]]
        assert isinstance(use, Use)
        self._put(spot, use.grown(self.expansion.findings.within(node.decl.uses.span), self.bench))

    def _put(self, spot: Spot, use: Use) -> None:
        self.made[spot] = use
        self.partial.pop(spot, None)
        if use.pending:
            self.partial[spot] = use.pending
        self.skipped += use.skipped
        self.fresh.update(use.fresh)

    def _make(self, first: Spot) -> None:
        waiting = {first: None}
        while waiting:
            spot = next(reversed(waiting))
            try:
                if spot not in self.made:
                    self._open(spot)
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

    def _open(self, spot: Spot) -> None:
        name, point = spot
        node, shape = self.recipes[name], self.expansion.shapes[name]
        assert isinstance(node.spec, RecipeSpec)
        recipe, address = node.spec.recipe, shape.address(point)
        params = self.expansion.params(node, point, address)
        late = frozenset(f"inputs.{name}" for name, value in params.items() if any(refs_in(value)))
        own, home = Report(), self._home(node, point, bool(late or recipe.nesting.late))
        inputs = recipe.inputs(params, own)
        axes = self._axes(recipe, inputs, home, late, own)
        body = self.bench.body(recipe, inputs, axes, late)
        home.findings.merge(own)
        home.findings.merge(body.report)
        if own.failed or not body.whole:
            self.made[spot] = self._nothing(spot)
            return
        inside = Expansion(body.checked, inputs, axes, recipe.origin, home)
        self.bench.take(inside, node.decl.uses.span)
        self.bench.origins.uses[home.prefix] = home.findings.used
        others = alternatives_in(body.checked)
        self.bench.others.update((home.node + first, [*names]) for first, names in others.items())
        self._put(spot, Use(recipe, body, inside, self.bench))

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
            needs = addresses_in(tree)
            most = most_of(error.decl) or MAX_INSTANCES
            raise Awaited(PendingList(address, address, (), tree, needs, most)) from None

    def _home(self, node: CheckedNode, point: Point, late: bool) -> Home:
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
            late=late,
        )

    def _refuse(self, circle: list[Spot]) -> None:
        names = [self.expansion.shapes[name].address(point) for name, point in circle]
        node = self.recipes[circle[0][0]]
        problem = rules.instances_in_a_circle(" → ".join([*names, names[0]]))
        self.expansion.findings.add(node.decl.uses.span, problem, names[0])

    def _nothing(self, spot: Spot) -> Nothing:
        """In place of what could not be made, so that nothing more is said about it."""
        name, point = spot
        address = self.expansion.shapes[name].address(point)
        outputs = self.recipes[name].spec.outputs
        return Nothing({output: pending(Ref(address, (output,))) for output in outputs})
