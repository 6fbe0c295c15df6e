"""Upper bounds for instances that unknown lists may add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callsheet.dsl.check.static_facts import Probe
from callsheet.dsl.graph import Unknown
from callsheet.runtime.plan.draft import Draft, price_of
from callsheet.spec.json_documents import PendingJson, RangeJson
from callsheet.spec.media import Facts


@dataclass(frozen=True, slots=True)
class UpperBound:
    """What unknown lists may add at one node: at most `most` instances, for at most `usd` USD in all; None if
    a price is unknown."""

    node: str
    uses: str
    provider: str
    most: int
    usd: float | None
    after: tuple[str, ...] = ()

    def to_json(self) -> PendingJson:
        """As JSON values; an unknown price is null."""
        high = None if self.usd is None else round(self.usd, 6)
        usd: RangeJson = {"low": 0.0, "high": high}
        return {"node": self.node, "uses": self.uses, "most": self.most, "usd": usd, "after": [*self.after]}


def upper_bounds(work: Draft, probe: Probe = lambda _: Facts()) -> tuple[UpperBound, ...]:
    """What unknown lists may add to `work`, by node."""
    dynamic = work.graph.dynamic
    if dynamic is None:
        return ()
    facts = {step.address: step.facts for step in work.steps}
    by_node: dict[str, list[tuple[Unknown, float | None]]] = {}
    for unknown in dynamic.unknown():
        usd = price_of(unknown.sample, work.graph.instances, facts, probe)
        by_node.setdefault(unknown.node, []).append((unknown, usd))
    after = tuple(sorted({need for awaited in dynamic.pending.values() for need in awaited.needs}))
    return tuple(_bound(node, found, after) for node, found in by_node.items())


def _bound(node: str, found: Sequence[tuple[Unknown, float | None]], after: tuple[str, ...]) -> UpperBound:
    spec = found[0][0].sample.spec
    counts = [unknown.most * unknown.sample.options.takes for unknown, _ in found]
    prices = [None if usd is None else usd * count for count, (_, usd) in zip(counts, found, strict=True)]
    known = [usd for usd in prices if usd is not None]
    most = sum(counts)
    usd = sum(known) if len(known) == len(prices) else None
    return UpperBound(node, spec.uses, spec.provider, most, usd, after)
