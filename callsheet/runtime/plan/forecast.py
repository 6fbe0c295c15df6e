"""Predicts what a run does with each instance, and why, from the results of earlier runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from callsheet.dsl.graph import Graph, Instance
from callsheet.errors import FALLS, NodeError
from callsheet.runtime import keys
from callsheet.runtime.graph.arguments import LocalFiles, Results, known_by_now, parameters, without_lost
from callsheet.runtime.ledger import Attempt
from callsheet.runtime.lock.approvals import OPEN, Gates
from callsheet.runtime.lock.named_results import reason_of
from callsheet.runtime.plan.assume_lock import LockedOutputs
from callsheet.runtime.plan.draft import Draft, Step
from callsheet.runtime.plan.history import EarlierRuns, recipe_outputs
from callsheet.runtime.plan.reasons import differences, former, is_certain, recipe_differences
from callsheet.runtime.store.output_codec import Outputs
from callsheet.spec.media import Artifact
from callsheet.spec.node import NodeSpec, Worker
from callsheet.spec.price.call import NO_FACTS
from callsheet.spec.price.quote import quote
from callsheet.spec.values import leaves

Action = Literal["reuse", "make", "re-attach", "may change", "blocked", "declined", "skipped", "unknown"]
KEY: Final = re.compile(r'\["[^/]*"\](#\d+)?\Z')
"""The end of an address that tells an instance from the others of its node."""
COSTS: Final[tuple[Action, ...]] = ("make", "may change")
OTHER_HERE: Final = "as the lock names it; another result of this request was made here"
PICKED_BEFORE: Final = "picked when it was another result; look at it again: callsheet takes"
OTHER_RUN: Final = "another run is making it"
NOT_AS_NAMED: Final = "the lock names another result of this request, which is not here"
MAKES_NOTHING: Final[tuple[Action, ...]] = ("reuse", "skipped")
MadeOf = tuple[keys.Components, str]
"""The components of a local result's key, and its origin."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run does with one instance.

    action: *reuse*: the result exists. *make*: it is made, for `usd` (None if the price is unknown).
    *re-attach*: it is paid for, and its result has to be fetched. *may change*: something that it needs is
    made again, so it is made too, unless that gives the same result. *blocked*: a person has to approve or
    resolve something first. *declined*: a person rejected its result. *skipped*: only an alternative needs
    it. *unknown*: whether its request was accepted is unknown; see `callsheet reconcile`.

    reason: one sentence, "" if there is none. key: "" while it depends on results that are not made. outputs:
    of a reused result. alternative: the number of the alternative that made it, 0 for none. held: the result
    exists, and has to be approved. origin: of a local result that is to be made, its key as if every
    operation behind it had its first version. components: of the key of a reused bought result.
    """

    step: Step
    action: Action
    reason: str
    key: str = ""
    outputs: Outputs | None = None
    alternative: int = 0
    held: bool = False
    origin: str = ""
    components: keys.Components | None = None

    @property
    def usd(self) -> float | None:
        return self.step.usd if self.action in COSTS else 0.0


def forecast(
    draft: Draft,
    earlier: EarlierRuns,
    workers: Mapping[str, Worker],
    files: LocalFiles | None = None,
    gates: Gates = OPEN,
    without: bool = False,
) -> tuple[Forecast, ...]:
    """One forecast for each step of the draft, in its order.

    workers: name in `NodeSpec.provider` → who makes it on this machine; everything else is bought. files: the
    user's own media files, read once. without: a result counts that was made without what is not there, by a
    node that goes on without it (`missing: skip`).
    """
    files = files or LocalFiles(earlier.cache.store.inspector)
    forecaster = Forecaster(draft, earlier, workers, files, gates)
    forecaster.without = without
    return tuple(forecaster.see(step) for step in draft.steps)


def certain(graph: Graph, forecasts: Sequence[Forecast]) -> dict[str, Outputs]:
    """Address → outputs, for results that exist or whose identity is known before they are made."""
    found: dict[str, Outputs] = {}
    for f in forecasts:
        spec = graph.instances[f.step.address].as_alternative(f.alternative).spec
        outputs = recipe_outputs(f.key, f.origin, spec) if f.outputs is None and f.key else f.outputs
        if outputs is not None and (f.outputs is not None or _is_identified(spec, outputs)):
            found[f.step.address] = outputs
    return found


def _is_identified(spec: NodeSpec, outputs: Outputs) -> bool:
    """Whether these outputs, known from the key alone, are all outputs of `spec`."""
    return spec.counts_as_recipe and len(outputs) == len(spec.outputs)


def due(forecasts: Sequence[Forecast], whole: bool = False) -> tuple[float, int]:
    """USD that a run may spend, and how many calls have no known price. whole: as if nothing were made
    yet."""
    prices = [f.step.usd if whole else f.usd for f in forecasts if not f.step.spare]
    return sum(usd or 0.0 for usd in prices), prices.count(None)


def to_do(forecasts: Sequence[Forecast]) -> list[Forecast]:
    """The forecasts that need work. If only instances for alternatives are left, there is no work."""
    left = [f for f in forecasts if f.action != "reuse"]
    return [] if all(f.action == "skipped" for f in left) else left


def reused_later(forecasts: Sequence[Forecast]) -> list[Forecast]:
    """The reused results of which something is made again that they were made from, directly or not: they
    are published after it, since their notes name it."""
    again = {f.step.address for f in forecasts if f.action not in MAKES_NOTHING}
    found = []
    for f in forecasts if again else ():
        if f.action == "reuse" and not again.isdisjoint(f.step.needs):
            again.add(f.step.address)
            found.append(f)
    return found


@dataclass(frozen=True, slots=True)
class Blocker:
    """What a person has to do before an instance can be made. lost: until then the instance counts as failed,
    so that nodes which tolerate it go on."""

    reason: str
    lost: bool


class Forecaster:
    """Predicts one step after the other, in the order of the draft. results: address → outputs that exist or
    are certain. half_known: those of which some outputs are known only when they are made."""

    def __init__(
        self,
        draft: Draft,
        earlier: EarlierRuns,
        workers: Mapping[str, Worker],
        files: LocalFiles,
        gates: Gates,
    ) -> None:
        self.instances = draft.graph.instances
        self.earlier = earlier
        self.workers = workers
        self.files = files
        self.results: dict[str, Outputs] = {}
        self.new: set[str] = set()
        self.half_known: set[str] = set()
        self.gates = gates
        self.behind: dict[str, Blocker] = {}
        self.known_nodes: set[str] | None = None
        self.asked: dict[str, str] = {}
        self.fetched: set[str] = set()
        self.without = False

    def see(self, step: Step) -> Forecast:
        """The forecast of `step`."""
        instance = self.instances[step.address]
        found = self._see(step, instance)
        if instance.alternatives:
            found = self._way_of(step, instance, found)
        if found.action == "declined":
            self.behind[step.address] = Blocker(f"the result of {step.address} is {found.reason}", lost=True)
            self.results.pop(step.address, None)
            return found
        if step.spare and found.action not in ("reuse", "re-attach", "unknown"):
            return replace(found, action="skipped", reason="made only if something is refused")
        blocker = next(filter(None, (self._blocker(instance, need) for need in step.needs)), None)
        if blocker is not None and found.action not in ("reuse", "re-attach", "unknown"):
            self.behind[step.address] = blocker
            return replace(found, action="blocked", reason=blocker.reason)
        if found.action == "re-attach":
            self.fetched.add(step.address)
        if found.action == "unknown":
            self.behind[step.address] = Blocker(f"the outcome of {step.address} is unknown", lost=True)
        elif self.gates.closed(instance, found.outputs):
            reason = f"{step.address} waits for a person to approve it"
            self.behind[step.address] = Blocker(reason, lost=False)
            return replace(found, held=found.action == "reuse")
        return found

    def _way_of(self, step: Step, instance: Instance, found: Forecast) -> Forecast:
        """The forecast with the alternative that stands in for a refused instance.

        An alternative that took over when an earlier version gave a paid result up stays, so that nothing
        that was made from it is bought again.
        """
        if found.action == "declined":
            return self._instead(step, instance, found)
        if found.action == "make" and self.earlier.refused(found.key):
            return self._other(step, instance) or found
        if found.action in ("reuse", "re-attach") and self.earlier.given_up(found.key):
            other = self._other(step, instance)
            if other is not None and other.action == "reuse":
                return other
            self.results.pop(step.address, None)
            if found.outputs is not None:
                self.results[step.address] = found.outputs
        return found

    def _blocker(self, instance: Instance, need: str) -> Blocker | None:
        """What blocks `need`, unless `instance` tolerates that it is missing."""
        found = self.behind.get(need)
        return None if found and found.lost and need in instance.tolerates else found

    def _instead(self, step: Step, instance: Instance, declined: Forecast) -> Forecast:
        """The forecast with the first alternative that stands in for a rejected result, and all of whose
        needs are made."""
        for number, way in step.instead.items():
            if any(need not in self.results for need in way.needs):
                continue
            found = self._see(way, instance.as_alternative(number))
            if found.action != "declined":
                reason = found.reason if found.action == "reuse" else f"the first was {declined.reason}"
                return replace(found, alternative=number, reason=reason)
        return declined

    def _other(self, step: Step, instance: Instance) -> Forecast | None:
        """The forecast with the first alternative that was not refused, if that result exists; None
        otherwise."""
        for number, one in enumerate(instance.alternatives, 1):
            if set(one.kinds).isdisjoint(FALLS):
                continue
            other = instance.as_alternative(number)
            if any(need not in self.results for need in other.needs):
                return None
            way = replace(step, uses=other.spec.uses, provider=other.spec.provider, needs=other.needs)
            found = self._see(way, other)
            if found.action in ("reuse", "re-attach", "unknown", "declined"):
                return replace(found, alternative=number)
            self.results.pop(step.address, None)
            if not self.earlier.refused(found.key):
                return None
        return None

    def _see(self, step: Step, instance: Instance) -> Forecast:
        results = without_lost(instance, self.results) if self.without else self.results
        changed = next((need for need in step.needs if need not in results), None)
        if changed is not None:
            return self._later(step, instance, changed)
        lost = next((need for need in step.needs if need not in self.results), None)
        found = self._known(step, instance, results)
        if lost is not None and found.action != "reuse":
            self.results.pop(step.address, None)
            return self._later(step, instance, lost)
        return found

    def _known(self, step: Step, instance: Instance, results: Results) -> Forecast:
        """The forecast of a step all of whose inputs are known."""
        maker = self.workers.get(step.provider)
        try:
            params = parameters(instance, results, self.files, with_defaults=maker is not None)
        except NodeError as error:
            half_known = next((need for need in step.needs if need in self.half_known), None)
            if half_known is not None:
                return self._later(step, instance, half_known)
            return Forecast(step, "make", error.message)
        instance = self._as_kept(instance, maker, params)
        components = keys.components(instance, maker, params)
        key = keys.key(components)
        if maker is None:
            priced = replace(step, **_known_price(step, instance, params))
            found = self._once(self._bought(priced, instance, key, params), instance)
            found = replace(found, components=components) if found.action == "reuse" else found
        else:
            made_of = components, keys.origin(instance.spec, params, key)
            found = self._made(step, instance, key, made_of)
        if (decision := self.earlier.named.declined(key, found.outputs)) is not None:
            return Forecast(step, "declined", reason_of(decision), key)
        if found.outputs is not None:
            self.results[step.address] = found.outputs
        return found

    def _as_kept(self, instance: Instance, maker: Worker | None, params: Mapping[str, object]) -> Instance:
        """The instance under whose key a result is here; see `keys.with_crlf`."""
        other = keys.with_crlf(instance)
        if other is None:
            return instance
        key = keys.key(keys.components(other, maker, params))
        return instance if self.earlier.made(key, other.spec) is None else other

    def _later(self, step: Step, instance: Instance, need: str) -> Forecast:
        """The forecast of a step whose input is not known yet: new, changed by itself, or it may change."""
        local = step.provider in self.workers
        bought = [] if local else self.earlier.bought_at(step.address)
        new = not self.new.isdisjoint(instance.needs) if local else not bought
        if not new:
            reason = self._own_recipe_change(instance) if local else self._own_change(instance, bought)
            if reason:
                return Forecast(step, "make", reason)
            how = "is still to come" if need in self.fetched else "will change"
            return Forecast(step, "may change", f"input {need} {how}")
        added = next((n for n in step.needs if n in self.new), "")
        grown = bool(added) and not self.new.issuperset(step.needs)
        return Forecast(step, "make", f"input {added} is new" if grown else self._new(instance))

    def _own_change(self, instance: Instance, bought: Sequence[Attempt]) -> str:
        """What differs from everything that was bought for an instance, whatever its inputs come to; "" if it
        may come out the same."""
        params, unknown = known_by_now(instance, self.results, self.files, with_defaults=False)
        for attempt in bought:
            found = next(differences(attempt, params, instance, unknown), "")
            if not found or not is_certain(attempt, params, instance):
                return ""
        before = self.earlier.newest(instance.address)
        return self._new(instance) if before is None else next(differences(before, params, instance, unknown))

    def _own_recipe_change(self, instance: Instance) -> str:
        """The same for what is made on this machine: what differs from the last time."""
        before, worker = self.earlier.recipe(instance.address), self.workers[instance.spec.provider]
        if before is None:
            return ""
        params, unknown = known_by_now(instance, self.results, self.files)
        components = keys.components(instance, worker, params)
        return next(recipe_differences(before, components, instance, unknown), "")

    def _new(self, instance: Instance) -> str:
        """The reason for something new: "new", "new take", or "new shot" for another element of a known
        axis."""
        self.new.add(instance.address)
        if instance.take.number > 1 and instance.base not in self.new:
            return "new take"
        if self.known_nodes is None:
            self.known_nodes = {KEY.sub("", address) for address in self.earlier.addresses()}
        known = instance.axes and KEY.sub("", instance.address) in self.known_nodes
        return f"new {instance.axes[-1]}" if known else "new"

    def _made(self, step: Step, instance: Instance, key: str, made_of: MadeOf) -> Forecast:
        components, first = made_of
        found = self.earlier.made(key, instance.spec) if instance.options.cache == "auto" else None
        if found is not None:
            return Forecast(step, "reuse", "", key, keys.with_origin(found, instance.spec, key, first))
        outputs = recipe_outputs(key, first, instance.spec)
        if _is_identified(instance.spec, outputs):
            self.results[step.address] = outputs
        elif outputs and instance.spec.counts_as_recipe:
            self.half_known.add(step.address)
            self.results[step.address] = LockedOutputs(
                outputs, frozenset(instance.spec.outputs) - outputs.keys()
            )
        return Forecast(step, "make", self._recipe_difference(instance, components), key, origin=first)

    def _recipe_difference(self, instance: Instance, components: keys.Components) -> str:
        before = self.earlier.recipe(instance.address)
        if before is None:
            return self._new(instance)
        return next(recipe_differences(before, components, instance), "its result is not here any more")

    def _bought(self, step: Step, instance: Instance, key: str, params: Mapping[str, object]) -> Forecast:
        if (live := self.earlier.live(key)) is not None:
            if self.earlier.at_work(live.run):
                return Forecast(step, "re-attach", OTHER_RUN, key)
            return _under_way(step, live, key)
        if instance.options.cache == "auto":
            outputs = self.earlier.bought(key, instance.spec)
            if outputs is not None:
                why = self._which(key, outputs) or self._stale_pick(instance, key, outputs)
                why = why or self._former(instance, key, params)
                return Forecast(step, "reuse", why, key, outputs)
        if self.earlier.committed(key) is None:
            why = self._difference(instance, params)
            return Forecast(step, "make", self.earlier.elsewhere.lost(key) or why, key)
        if instance.options.cache == "auto":
            return Forecast(step, "re-attach", "its files are gone from the store", key)
        return Forecast(step, "make", f"cache: {instance.options.cache}", key)

    def _former(self, instance: Instance, key: str, params: Mapping[str, object]) -> str:
        """That a reused result was bought with what a former version of an operation made; "" if not."""
        if not any(artifact.origin for artifact in leaves(params, Artifact)):
            return ""
        attempt = self.earlier.committed(key)
        return former(attempt, params, instance, self.instances) if attempt is not None else ""

    def _which(self, key: str, outputs: Outputs) -> str:
        """Which of two results of one request is reused; "" where there is only one."""
        if not self.earlier.named.fits(key, outputs):
            return NOT_AS_NAMED
        mine = self.earlier.cache.find(key)
        return "" if mine is None or self.earlier.named.fits(key, mine) else OTHER_HERE

    def _stale_pick(self, instance: Instance, key: str, outputs: Outputs) -> str:
        """That the take that counts was picked when it was another result; "" if not."""
        if instance.take.of == 1 or not instance.take.picked:
            return ""
        return "" if self.earlier.named.is_picked(instance.base, key, outputs) else PICKED_BEFORE

    def _once(self, found: Forecast, instance: Instance) -> Forecast:
        """A second identical request costs nothing: only the first is sent, and all get its result."""
        if found.action != "make" or instance.options.cache != "auto":
            return found
        first = self.asked.setdefault(found.key, found.step.address)
        if first == found.step.address:
            return found
        free = replace(found.step, usd=0.0, most=0.0, quote=None)
        return replace(found, step=free, reason=f"the same request as {first}")

    def _difference(self, instance: Instance, params: Mapping[str, object]) -> str:
        """The reason why something is bought again: the first difference from the last time."""
        before = self.earlier.newest(instance.address)
        if before is None:
            return self._new(instance)
        return next(differences(before, params, instance), "its request changed")


def _known_price(step: Step, instance: Instance, params: Mapping[str, object]) -> dict[str, Any]:
    """What changes of a step whose price was a range, now that what goes in is here."""
    media = [one for one in leaves(params, Artifact) if one.kind != "file"]
    if step.quote is None or step.usd is None or step.quote.low == step.quote.high or not media:
        return {}
    if any(one.facts == NO_FACTS for one in media):
        return {}
    found = quote(instance.spec, params)
    if found.high is None:
        return {}
    more = (found.high - step.usd) * (instance.options.attempts or 1)
    return {"quote": found, "usd": found.high, "most": None if step.most is None else step.most + more}


def _under_way(step: Step, attempt: Attempt, key: str) -> Forecast:
    match attempt.state:
        case "ACCEPTED" | "RESULT" | "STORED":
            return Forecast(step, "re-attach", _paid(attempt), key)
        case "SENDING" | "UNKNOWN":
            reason = attempt.error or "the process ended while it was sent"
            return Forecast(step, "unknown", reason, key)
    return Forecast(step, "make", "begun, not sent", key)


def _paid(attempt: Attempt) -> str:
    """That a request is paid for, and what keeps its result from being here."""
    if attempt.error:
        return f"paid, not fetched ({attempt.error}), request {attempt.request_id}"
    return f"already paid, request {attempt.request_id}"
