"""One step of a dynamic expansion: more lists are known, and what waited for them is expanded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NoReturn

from callsheet.dsl.axes.axis import Axis, Branch, ListUnknown, Place, Point, points
from callsheet.dsl.axes.scope import pending
from callsheet.dsl.check.cycles import find_cycle, shown
from callsheet.dsl.diagnostics.diagnostic import RuleBroken
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expand.dynamic_list import dynamic_list
from callsheet.dsl.expand.recipe_uses import Uses, UseUnknown
from callsheet.dsl.graph import Instance, PendingList
from callsheet.dsl.resolve.alternatives import alternative_address
from callsheet.errors import NodeError
from callsheet.spec.rules import instances as rules
from callsheet.spec.values import Deferred, refs_in

if TYPE_CHECKING:
    from callsheet.dsl.expand.dynamic import DynamicExpansion

HINT: Final = "ask for another list where it is written, and make it anew once with `cache: refresh`"


class ExpansionStep:
    """Expands what waited for the lists that are `given`. first: nothing was expanded before."""

    def __init__(self, before: DynamicExpansion, given: Mapping[str, object], first: bool = False) -> None:
        self.before, self.given, self.first = before, given, first
        self.expansion = before.expansion if first else before.expansion.copy()
        self.fresh: dict[str, list[Point]] = {}
        self.skipped = {name: list(found) for name, found in before.skipped.items()}
        inside = [a for a in given if before.pending[a].axis not in self.expansion.axes]
        came = {address: pending(given[address]) for address in inside}
        self.fresh.update({address: [()] for address in came})
        lists = {**before.bodies.lists, **came}
        self.bodies = before.bodies if first else replace(before.bodies, lists=lists)
        self.uses = Uses(self.expansion, self.bodies, before.uses)
        self.pending = {a: found for a, found in before.pending.items() if a not in given}
        self.waiting_lists = {place: list(found) for place, found in before.waiting_lists.items()}
        self.waiting_instances = {place: list(found) for place, found in before.waiting_instances.items()}
        self.made: dict[str, Instance] = {}
        self.due: list[Place] = []

    def after(self) -> DynamicExpansion:
        """The expansion after this step. Raises NodeError for an error, unless this is the first step."""
        self._know_lists()
        self._tell()
        self._make_instances()
        instances, held = self._released()
        outputs = self._outputs(instances)
        self._tell()
        return replace(
            self.before,
            expansion=self.expansion,
            bodies=self.bodies,
            uses=self.uses,
            instances=instances,
            skipped={name: tuple(found) for name, found in self.skipped.items()},
            outputs=outputs,
            held=held,
            pending=self.pending,
            inner={**self.before.inner, **self.uses.fresh},
            waiting_lists={place: tuple(found) for place, found in self.waiting_lists.items()},
            waiting_instances={place: tuple(found) for place, found in self.waiting_instances.items()},
        )

    def _know_lists(self) -> None:
        order = self.before.info.order
        last = {
            name: max((order.index(axis) for axis in node.axes), default=-1)
            for name, node in self.expansion.checked.items()
        }
        for i in range(-1, len(order)):
            if i >= 0 and order[i] in self.expansion.axes and self.expansion.axes[order[i]].dynamic:
                self._make_uses()
                self._know(order[i])
            for name in (name for name, at in last.items() if at == i):
                new = self._new_points(self.expansion.shapes[name].axes)
                self.skipped.setdefault(name, []).extend(self.expansion.decide(name, new))

    def _new_points(self, axes: tuple[Axis, ...]) -> Iterator[Point]:
        """The points that were not there before this step."""
        if self.first:
            yield from points(axes)
            return
        found: set[Point] = set()
        for axis in axes:
            for at in self.fresh.get(axis.name, ()):
                pinned = dict(zip(axis.around, at, strict=True))
                for point in points(axes, pinned):
                    if point not in found:
                        found.add(point)
                        yield point

    def _know(self, name: str) -> None:
        """Find the lists of an axis that can be known now."""
        around = self.expansion.around(name)
        due = dict.fromkeys(self._new_points(around) if around or self.first else ())
        self.due += self._taken_up(self.waiting_lists)
        due.update(dict.fromkeys(point for axis, point in self.due if axis == name))
        awaited = (self.before.pending[address] for address in self.given)
        due.update(dict.fromkeys(found.point for found in awaited if found.axis == name))
        branches = {}
        for point in due:
            branch = self._list(name, point)
            if branch is not None:
                branches[point] = branch
        self.expansion.know(name, branches)
        self.fresh[name] = list(branches)

    def _taken_up(self, waiting: dict[Place, list[Place]]) -> list[Place]:
        """Take from `waiting` what waited for the lists that are known now."""
        ready = [(name, at) for name, new in self.fresh.items() for at in new]
        return [place for key in ready for place in waiting.pop(key, ())]

    def _list(self, name: str, point: Point) -> Branch | None:
        """The list of an axis at a point, or None when it waits for something."""
        try:
            found = dynamic_list(self.expansion, name, point, self.given)
        except (ListUnknown, UseUnknown) as error:
            self.waiting_lists.setdefault(self._awaited(error), []).append((name, point))
            return None
        if isinstance(found, PendingList):
            self.pending[found.address] = found
            return None
        return found

    def _tell(self) -> None:
        if not self.first:
            raise_first(self.expansion.findings)

    def _make_uses(self) -> None:
        """Expand the recipes whose inputs are known now.

        Raises RuleBroken in the first step, else NodeError.
        """
        try:
            self.uses.make()
        except RuleBroken as error:
            if self.first:
                raise
            raise NodeError(error.problem.message, "failed", HINT) from None
        self.pending.update(self.uses.pending())
        self.fresh.update({address: [()] for address in self.uses.fresh})
        self._tell()

    def _make_instances(self) -> None:
        self._make_uses()
        self.skipped.setdefault("", []).extend(self.uses.skipped)
        again = self._taken_up(self.waiting_instances)
        for name, shape in self.expansion.shapes.items():
            retried = [point for node, point in again if node == name]
            for point in dict.fromkeys((*retried, *self._new_points(shape.axes))):
                if point not in shape.skipped:
                    self._make(name, point)

    def _make(self, name: str, point: Point) -> None:
        try:
            for instance in self.expansion.at(name, point):
                self.made[instance.address] = self._sound(instance)
        except (ListUnknown, UseUnknown) as error:
            self._wait((name, point), self._awaited(error))
            return
        for address in self.uses.partial.get((name, point), {}):
            self._wait((name, point), (address, ()))
        most = self.expansion.placement.most
        if len(self.before.instances) + len(self.made) > most:
            raise NodeError(rules.too_many(most).message, "failed", HINT)

    def _wait(self, place: Place, awaited: Place) -> None:
        waiting = self.waiting_instances.setdefault(awaited, [])
        if place not in waiting:
            waiting.append(place)

    def _sound(self, instance: Instance) -> Instance:
        """The instance; when there is an error in it, one that fails when it runs."""
        findings = self.expansion.findings
        if self.first or not findings.failed:
            return instance
        failing = _failing(instance, findings)
        findings.found.clear()
        return failing

    def _awaited(self, error: ListUnknown | UseUnknown) -> Place:
        """The list that is missing, in the pipeline or inside of a recipe."""
        waits = error if isinstance(error, ListUnknown) else self.uses.unmade[error.place]
        return waits.axis, waits.point

    def _released(self) -> tuple[dict[str, Instance], dict[str, Instance]]:
        """The instances whose needs are all known, and the others."""
        known = self.before.instances
        candidates = {**self.before.held, **self.made}
        if not self.first:
            refuse_circle(candidates)
        held: dict[str, Instance] = {}
        if self.pending or self.waiting_instances or self.waiting_lists:
            needed_by: dict[str, list[str]] = {}
            for address, instance in candidates.items():
                for need in (*instance.needs, *self._alternatives(instance)):
                    needed_by.setdefault(need, []).append(address)
            lacking = [need for need in needed_by if need not in known and need not in candidates]
            for need in lacking:
                for address in needed_by.get(need, ()):
                    if address not in held:
                        held[address] = candidates[address]
                        lacking.append(address)
        return {**known, **{a: i for a, i in candidates.items() if a not in held}}, held

    def _alternatives(self, instance: Instance) -> Iterator[str]:
        """The addresses of the alternatives of an instance; they have to be known before it can run."""
        for name in self.bodies.others.get(instance.node, ()):
            yield alternative_address(instance.address, name)

    def _outputs(self, instances: Mapping[str, Instance]) -> dict[str, object]:
        outputs = dict(self.before.outputs)
        for name, output in self.before.info.outputs.items():
            if name in outputs:
                continue
            try:
                tree = self.expansion.output(output)
            except (ListUnknown, UseUnknown):
                continue
            if all(ref.address in instances for ref in refs_in(tree)):
                outputs[name] = tree
        return outputs


def refuse_circle(instances: Mapping[str, Instance]) -> None:
    if circle := find_cycle(instances):
        raise NodeError(rules.instances_in_a_circle(shown(circle)).message, "failed", HINT)


def raise_first(findings: Report) -> None:
    """Raise the first finding as NodeError, if there is one."""
    for found in findings.found.values():
        where = f"{next(iter(found.addresses))}: " if found.addresses else ""
        raise NodeError(f"{where}{found.diagnostic.message}", "failed", found.diagnostic.help or HINT)


def _failing(instance: Instance, findings: Report) -> Instance:
    """The instance with a parameter that fails with the first finding. Other instances are not affected."""
    found = next(iter(findings.found.values())).diagnostic

    def compute(_: object) -> NoReturn:
        raise NodeError(found.message, "failed", found.help)

    name = next(iter(instance.params), next(iter(instance.spec.inputs), ""))
    return replace(instance, params={**instance.params, name: Deferred((), compute)})
