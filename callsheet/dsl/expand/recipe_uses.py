"""Uses of recipes: for each node that uses one, at each point of its axes, the instances of the recipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from callsheet.dsl.axes.axis import Branch, ListUnknown, Place, Point, points
from callsheet.dsl.axes.elements import most_of
from callsheet.dsl.axes.resolve import ListAwaited, ResolvedAxis, list_address, lists, resolve_axes
from callsheet.dsl.axes.scope import pending
from callsheet.dsl.check.nodes import CheckedNode
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expand.dynamic_list import dynamic_list
from callsheet.dsl.expand.expansion import Evaluator, Expansion, Placement, within
from callsheet.dsl.expand.recipe_bodies import Body, RecipeBodies
from callsheet.dsl.graph import Instance, PendingList
from callsheet.dsl.resolve.alternatives import alternatives_in
from callsheet.dsl.resolve.recipe import Recipe, RecipeSpec
from callsheet.dsl.values.bindings import Maker
from callsheet.dsl.values.inputs import Inputs
from callsheet.spec.rules import instances as rules
from callsheet.spec.values import Ref, addresses_in, refs_in


class UseUnknown(Exception):
    """The use of a recipe cannot be expanded before another one."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.place = place


class Awaited(ListUnknown):
    """The use of a recipe waits for a list that is given to it during the run."""

    def __init__(self, pending: PendingList) -> None:
        super().__init__(pending.address, ())
        self.pending = pending


class Outputs(dict[str, object]):
    """The outputs of a recipe. Reading one that is not known yet raises ListUnknown."""

    def __init__(self, known: Mapping[str, object], waiting: Mapping[str, ListUnknown]) -> None:
        super().__init__(known)
        self.waiting = waiting

    def __missing__(self, name: str) -> object:
        raise self.waiting[name]


class Use:
    """One use of a recipe, expanded as far as the lists of its axes are known.

    pending: the lists that it waits for. fresh: lists that became known in this step, address → keys.
    skipped: addresses of instances that are skipped. taken: the places whose instances were returned.
    lacking: address of an instance that is not known yet → the list that it needs.
    """

    def __init__(
        self,
        recipe: Recipe,
        body: Body,
        expansion: Expansion,
        bodies: RecipeBodies,
        before: Use | None = None,
    ) -> None:
        self.recipe, self.body, self.expansion, self.bodies = recipe, body, expansion, bodies
        self.uses: Uses = Uses(expansion, bodies, before.uses if before else None)
        self.taken: set[Place] = set(before.taken) if before else set()
        self.decided: set[Place] = set(before.decided) if before else set()
        self.pending: dict[str, PendingList] = {}
        self.lacking: dict[str, str] = {}
        self.fresh: dict[str, tuple[str, ...]] = {}
        self.skipped: list[str] = []
        if before is None and bodies.lists:
            self.fresh.update(self._came())
        if before is None and not recipe.resolved.nesting.dynamic:
            self.skipped += expansion.skipped()
        self._know()
        self.results: Outputs = self._results(body.checked.outputs, before.results if before else {})

    def extended(self, findings: Report, bodies: RecipeBodies) -> Use:
        """The same use with more lists known, those of `bodies`. Raises RuleBroken."""
        return Use(self.recipe, self.body, self.expansion.copy(findings), bodies, self)

    def _came(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The lists that the use waited for before it could be expanded at all."""
        for address, keys in lists(self.expansion.axes):
            if (whole := self.expansion.placement.prefix + address) in self.bodies.lists:
                yield whole, keys

    def _know(self) -> None:
        deferred = self.recipe.resolved.nesting.dynamic
        if deferred:
            self._decide()
        for name in (name for name in self.recipe.resolved.nesting.order if name in deferred):
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
                made = dynamic_list(self.expansion, name, point, self.bodies.lists)
            except (ListUnknown, UseUnknown):
                continue
            if isinstance(made, PendingList):
                self.pending[made.address] = made
            elif made is not None:
                found[point] = made
        self.expansion.know(name, found)
        self.fresh.update((self._list_address(name, point), found[point].keys) for point in found)

    def _list_address(self, axis: str, point: Point) -> str:
        return self.expansion.placement.prefix + list_address(axis, self.expansion.around(axis), point)

    def _results(self, makers: Mapping[str, Maker], before: Mapping[str, object]) -> Outputs:
        known, waiting = dict(before), {}
        for name, maker in makers.items():
            if name not in known:
                try:
                    known[name] = pending(self.expansion.result(maker))
                except (ListUnknown, UseUnknown) as error:
                    waiting[name] = self._awaited(error)
        return Outputs(known, waiting)

    def _awaited(self, error: ListUnknown | UseUnknown) -> ListUnknown:
        """The list that is awaited, with its address outside of the recipe."""
        waits = error if isinstance(error, ListUnknown) else self.uses.unmade[error.place]
        if waits.axis in self.expansion.axes:
            return ListUnknown(self._list_address(waits.axis, waits.point), ())
        return waits

    def instances(self) -> Iterator[Instance]:
        """The instances that are known and were not returned before."""
        for name, shape in self.expansion.shapes.items():
            for point in shape.points():
                if point in shape.skipped or (name, point) in self.taken:
                    continue
                try:
                    yield from self.expansion.at(name, point)
                except (ListUnknown, UseUnknown) as error:
                    self.lacking[shape.address(point)] = self._awaited(error).axis
                    continue
                if shape.use is None:
                    self.taken.add((name, point))

    def lacks(self) -> Iterator[tuple[str, str]]:
        """Address of an instance that is not known yet → the list that it needs, inner recipes included."""
        yield from self.lacking.items()
        yield from self.uses.lacks()

    def waiting(self) -> Iterator[Place]:
        """The places of nodes that are known, but not expanded completely."""
        for name, shape in self.expansion.shapes.items() if self.pending else ():
            for point in shape.points():
                made = (name, point) in (self.taken if shape.use is None else self.uses.made)
                if point not in shape.skipped and (not made or (name, point) in self.uses.partial):
                    yield name, point

    def addresses(self) -> Iterator[str]:
        """The addresses of all its instances. Raises ListUnknown when not all are known."""
        for address in self.pending:
            raise ListUnknown(address, ())
        for shape in self.expansion.shapes.values():
            for point in shape.points():
                if point not in shape.skipped:
                    yield from [shape.address(point)] if shape.use is None else shape.use(point).addresses()


@dataclass(frozen=True, slots=True)
class FailedUse:
    """Stands for a use of a recipe that has errors, so that nothing more is reported about it."""

    results: Mapping[str, object]

    def instances(self) -> Iterator[Instance]:
        yield from ()

    def addresses(self) -> Iterator[str]:
        yield from ()


class Uses:
    """All uses of recipes in one expansion. `make` expands them; only then can they be referred to.

    made: the uses that are expanded. partial: uses that are expanded in part → the lists that they wait
    for. unmade: uses that wait as a whole → for which list. skipped, fresh: see `Use`, of this step. before:
    the uses of the same nodes in the step before, when fewer lists were known.
    """

    def __init__(self, expansion: Expansion, bodies: RecipeBodies, before: Uses | None = None) -> None:
        self.expansion, self.bodies = expansion, bodies
        self.made: dict[Place, Use | FailedUse] = dict(before.made) if before else {}
        self.partial: dict[Place, Mapping[str, PendingList]] = dict(before.partial) if before else {}
        self.unmade: dict[Place, ListUnknown] = {}
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
        """Address of an instance inside of a use that is not known yet → the list that it needs."""
        for place in self.partial:
            use = self.made[place]
            if isinstance(use, Use):
                yield from use.lacks()

    def _use(self, name: str, point: Point) -> Use | FailedUse:
        if (name, point) not in self.made:
            raise UseUnknown((name, point))
        return self.made[name, point]

    def make(self) -> None:
        """Expand all uses that can be expanded, each after those that it refers to. Raises RuleBroken."""
        self.unmade.clear()
        came = self.bodies.lists.keys()
        for place in [place for place, waits in self.partial.items() if not came.isdisjoint(waits)]:
            self._grow(place)
        for name in self.recipes:
            shape = self.expansion.shapes[name]
            for point in shape.points():
                if point not in shape.skipped and (name, point) not in self.made:
                    self._make((name, point))

    def _grow(self, place: Place) -> None:
        use, node = self.made[place], self.recipes[place[0]]
        assert isinstance(use, Use)
        self._put(place, use.extended(self.expansion.findings.within(node.decl.uses.span), self.bodies))

    def _put(self, place: Place, use: Use) -> None:
        self.made[place] = use
        self.partial.pop(place, None)
        if use.pending:
            self.partial[place] = use.pending
        self.skipped += use.skipped
        self.fresh.update(use.fresh)

    def _make(self, first: Place) -> None:
        waiting = {first: None}
        while waiting:
            place = next(reversed(waiting))
            try:
                if place not in self.made:
                    self._open(place)
                waiting.pop(place)
            except ListUnknown as error:
                self.unmade.update(dict.fromkeys(waiting, error))
                return
            except UseUnknown as error:
                if error.place in self.unmade:
                    self.unmade.update(dict.fromkeys(waiting, self.unmade[error.place]))
                    return
                if error.place in waiting:
                    self._refuse([*waiting][[*waiting].index(error.place) :])
                    self.made[place] = self._failed_use(place)
                else:
                    waiting[error.place] = None

    def _open(self, place: Place) -> None:
        name, point = place
        node, shape = self.recipes[name], self.expansion.shapes[name]
        assert isinstance(node.spec, RecipeSpec)
        recipe, address = node.spec.recipe, shape.address(point)
        params = self.expansion.params(node, point, address)
        deferred = frozenset(f"inputs.{name}" for name, value in params.items() if any(refs_in(value)))
        own, dynamic = Report(), recipe.resolved.nesting.dynamic
        placement = self._placement(node, point, bool(deferred or dynamic))
        inputs = recipe.inputs(params, own)
        axes = self._axes(recipe, inputs, placement, deferred, own)
        body = self.bodies.body(recipe, inputs, axes, deferred)
        placement.findings.merge(own)
        placement.findings.merge(body.report)
        if own.failed or not body.sound:
            self.made[place] = self._failed_use(place)
            return
        inside = Expansion(body.checked.nodes, inputs, axes, recipe.resolved.origin, placement)
        self.bodies.reserve(inside, node.decl.uses.span)
        self.bodies.source_map.uses[placement.prefix] = placement.findings.used
        others = alternatives_in(body.checked.nodes)
        self.bodies.others.update((placement.node + first, [*names]) for first, names in others.items())
        self._put(place, Use(recipe, body, inside, self.bodies))

    def _axes(
        self, recipe: Recipe, inputs: Inputs, placement: Placement, deferred: frozenset[str], report: Report
    ) -> dict[str, ResolvedAxis]:
        """The axes of the recipe. Raises Awaited."""
        came = {
            address.removeprefix(placement.prefix): value
            for address, value in self.bodies.lists.items()
            if address.startswith(placement.prefix)
        }
        try:
            return resolve_axes(recipe.resolved, inputs, report, deferred, came)
        except ListAwaited as error:
            inside = Expansion({}, inputs, {}, recipe.resolved.origin, placement)
            address = placement.prefix + error.address
            tree = Evaluator(inside, error.outer, error.point, address).evaluate(error.maker)
            needs = addresses_in(tree)
            most = most_of(error.decl) or placement.most
            raise Awaited(PendingList(address, address, (), tree, needs, most)) from None

    def _placement(self, node: CheckedNode, point: Point, deferred: bool) -> Placement:
        outer, shape = self.expansion.placement, self.expansion.shapes[node.decl.name]
        return Placement(
            findings=outer.findings.within(node.decl.uses.span),
            programs=outer.programs,
            prefix=shape.address(point) + "/",
            node=f"{outer.node}{node.decl.name}/",
            key=(*outer.key, *shape.key(point)),
            axes=(*outer.axes, *(axis.name for axis in shape.axes)),
            point=(*outer.point, *point),
            options=within(outer.options, node.decl.options),
            after=tuple(self.expansion.ordered_after(node, point)),
            deferred=deferred,
            most=outer.most,
        )

    def _refuse(self, circle: list[Place]) -> None:
        names = [self.expansion.shapes[name].address(point) for name, point in circle]
        node = self.recipes[circle[0][0]]
        problem = rules.instances_in_a_circle(" → ".join([*names, names[0]]))
        self.expansion.findings.add(node.decl.uses.span, problem, names[0])

    def _failed_use(self, place: Place) -> FailedUse:
        """A placeholder for the use at `place`, which has errors."""
        name, point = place
        address = self.expansion.shapes[name].address(point)
        outputs = self.recipes[name].spec.outputs
        return FailedUse({output: pending(Ref(address, (output,))) for output in outputs})
