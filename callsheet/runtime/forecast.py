"""What a run would do with each instance, and why: the plan, held against what earlier runs left."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from callsheet.dsl.fit import shown
from callsheet.dsl.graph import Instance
from callsheet.dsl.types import NOTHING
from callsheet.errors import NodeError
from callsheet.nodes.artifact import Artifact
from callsheet.nodes.job import Provider
from callsheet.nodes.spec import NodeSpec
from callsheet.nodes.text.asked import asked, comparable
from callsheet.nodes.text.chat import USES
from callsheet.runtime import keys
from callsheet.runtime.buyer import digests
from callsheet.runtime.gates import OPEN, Gates
from callsheet.runtime.ledger import Attempt
from callsheet.runtime.past import Past, foreseen
from callsheet.runtime.plan import Plan, Step
from callsheet.runtime.recorded import Outputs
from callsheet.runtime.resolve import LocalFiles, parameters

Action = Literal["reuse", "fetch", "make", "may change", "in doubt", "waits"]
WORDS_SHOWN: Final = 36
"""Characters of a text that a reason shows."""
COSTS: Final[tuple[Action, ...]] = ("make", "may change")


@dataclass(frozen=True, slots=True)
class Forecast:
    """What happens to one instance.

    reuse: it is here. fetch: it is paid for, and still to be fetched. make: it is made, for `usd` (None
    when no price is known). may change: what it depends on is made again, so it is made too unless that
    comes out the same. in doubt: nobody knows whether it was accepted; see `reconcile`.
    waits: a person has to approve what it depends on; then it is made.
    key: "" where it depends on what comes. outputs: of what is reused.
    """

    step: Step
    action: Action
    reason: str
    key: str = ""
    outputs: Outputs | None = None

    @property
    def usd(self) -> float | None:
        return self.step.usd if self.action in COSTS else 0.0


def forecast(
    plan: Plan,
    past: Past,
    makers: Mapping[str, Provider],
    files: LocalFiles | None = None,
    gates: Gates = OPEN,
) -> tuple[Forecast, ...]:
    """One forecast for each step of the plan, in its order.

    makers: who makes things on this machine, by `NodeSpec.provider`; everything else is bought. files: the
    user's own media, read once and shared with the run that follows.
    """
    seer = _Seer(plan, past, makers, files or LocalFiles(past.cache.store.inspector), gates)
    return tuple(seer.see(step) for step in plan.steps)


def range_of(forecasts: tuple[Forecast, ...]) -> tuple[float, float, int]:
    """USD at least and at most, and how many calls have no known price."""
    sure = sum(f.usd or 0.0 for f in forecasts if f.action == "make")
    maybe = sum(f.usd or 0.0 for f in forecasts if f.action == "may change")
    return sure, sure + maybe, sum(f.usd is None for f in forecasts)


class _Seer:
    def __init__(
        self, plan: Plan, past: Past, makers: Mapping[str, Provider], files: LocalFiles, gates: Gates
    ) -> None:
        self.instances = plan.graph.instances
        self.past = past
        self.makers = makers
        self.files = files
        self.results: dict[str, Outputs] = {}
        self.new: set[str] = set()
        self.gates = gates
        self.behind: dict[str, str] = {}

    def see(self, step: Step) -> Forecast:
        """What happens to `step`; what is not here yet and needs what nobody has approved waits."""
        found = self._see(step, self.instances[step.address])
        gate = next((self.behind[need] for need in step.needs if need in self.behind), None)
        if gate is not None and found.action != "reuse":
            self.behind[step.address] = gate
            return replace(found, action="waits", reason=f"{gate} waits for a person to approve it")
        if self.gates.at(self.instances[step.address], found.outputs) in ("closed", "changed"):
            self.behind[step.address] = step.address
        return found

    def _see(self, step: Step, instance: Instance) -> Forecast:
        changed = next((need for need in step.needs if need not in self.results), None)
        if changed is not None:
            return self._later(step, instance, changed)
        maker = self.makers.get(step.provider)
        try:
            params = parameters(instance, self.results, self.files, with_defaults=maker is not None)
        except NodeError as error:
            return Forecast(step, "make", error.message)
        key = keys.key(keys.components(instance, maker, params))
        if maker is None:
            found = self._bought(step, instance, key, params)
        else:
            found = self._made(step, instance, key)
        if found.outputs is not None:
            self.results[step.address] = found.outputs
        return found

    def _later(self, step: Step, instance: Instance, need: str) -> Forecast:
        """Something before it is made: it is new like that, or it may come out the same."""
        if step.provider in self.makers:
            new = not self.new.isdisjoint(instance.needs)
        else:
            new = self.past.newest(step.address) is None
        if not new:
            return Forecast(step, "may change", f"{need} is made before it")
        self.new.add(step.address)
        return Forecast(step, "make", "new")

    def _made(self, step: Step, instance: Instance, key: str) -> Forecast:
        found = self.past.made(key, instance.spec) if instance.options.cache == "auto" else None
        if found is not None:
            return Forecast(step, "reuse", "", key, found)
        outputs = foreseen(key, instance.spec)
        if instance.spec.counts_as_recipe and len(outputs) == len(instance.spec.outputs):
            self.results[step.address] = outputs
        return Forecast(step, "make", "on this machine", key)

    def _bought(self, step: Step, instance: Instance, key: str, params: Mapping[str, object]) -> Forecast:
        if (live := self.past.live(key)) is not None:
            return _under_way(step, live, key)
        if instance.options.cache == "auto":
            outputs = self.past.bought(key, instance.spec)
            if outputs is not None:
                return Forecast(step, "reuse", "", key, outputs)
        if self.past.committed(key) is None:
            return Forecast(step, "make", self._difference(step.address, instance.spec, params), key)
        if instance.options.cache == "auto":
            return Forecast(step, "fetch", "its files are gone from the store", key)
        return Forecast(step, "make", f"cache: {instance.options.cache}", key)

    def _difference(self, address: str, spec: NodeSpec, params: Mapping[str, object]) -> str:
        """One reason: what differs from the last time, or that there was none."""
        before = self.past.newest(address)
        if before is not None:
            return next(differences(before, spec, params), "its endpoint changed")
        self.new.add(address)
        return "new"


def _under_way(step: Step, attempt: Attempt, key: str) -> Forecast:
    match attempt.state:
        case "ACCEPTED" | "RESULT" | "STORED":
            return Forecast(step, "fetch", f"paid already, request {attempt.request_id}", key)
        case "SENDING" | "UNKNOWN":
            reason = attempt.error or "the process ended while it was sent"
            return Forecast(step, "in doubt", reason, key)
    return Forecast(step, "make", "begun, not sent", key)


def differences(before: Attempt, spec: NodeSpec, params: Mapping[str, object]) -> Iterator[str]:
    """How parameters differ from those of an earlier attempt: `prompt: "dawn" → "dusk"`."""
    was = json.loads(before.body)
    if before.nonce:
        was.pop("seed", None)
    if spec.uses == USES:
        was, params = asked(was), comparable(spec, params)
    now = dict(digests(params))
    for name in sorted({*was, *params}):
        old, new = was.get(name, NOTHING), params.get(name, NOTHING)
        media = {place for place in (*now, *before.inputs) if place.split(".")[0].split("[")[0] == name}
        if media:
            if any(now.get(place) != before.inputs.get(place) for place in media):
                yield f"{name}: another {_kind(new)}"
        elif old != new:
            yield f"{name}: {change(old, new)}"


def change(old: object, new: object) -> str:
    """`"…at dusk" → "…at dawn"`: of long texts the part that differs."""
    if isinstance(old, str) and isinstance(new, str):
        return f'"{_around(old, new)}" → "{_around(new, old)}"'
    return f"{_text(old)} → {_text(new)}"


def _text(value: object) -> str:
    return "nothing" if value is NOTHING else shown(value)


def _around(text: str, other: str) -> str:
    """The part of `text` that differs from `other`, with a few words before and after."""
    if len(text) <= WORDS_SHOWN:
        return text
    same = next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), len(other))
    start = max(0, text.rfind(" ", 0, max(0, same - 12)) + 1)
    end = start + WORDS_SHOWN
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def _kind(value: object) -> str:
    return value.kind if isinstance(value, Artifact) else "file"
