"""What a run would do, as far as it is known: with the lists of axes that are here already."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from callsheet.dsl.graph import Graph
from callsheet.errors import StoreError
from callsheet.nodes.media.inspector import facts_of
from callsheet.runtime.graph.arguments import LocalFiles
from callsheet.runtime.ledger import LedgerReader
from callsheet.runtime.lock.approvals import OPEN, Gates
from callsheet.runtime.plan.dynamic import Growth
from callsheet.runtime.plan.estimate import Cost, cost
from callsheet.runtime.plan.forecast import Forecast, forecast
from callsheet.runtime.plan.history import Past
from callsheet.runtime.plan.list_snapshots import recall_from
from callsheet.runtime.plan.plan import Plan, Step, plan
from callsheet.runtime.plan.upper_bound import Prospect, prospects
from callsheet.spec.node import Worker


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a run would do. foreseen: each step of the plan with what would be done, why, and for how much.
    makers: the providers that make things on this machine; everything else is bought. more: what may come
    with lists that are not known yet."""

    plan: Plan
    foreseen: tuple[Forecast, ...]
    makers: Collection[str]
    more: tuple[Prospect, ...] = ()

    @property
    def graph(self) -> Graph:
        return self.plan.graph

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps, each after all that it needs, with the prices of making them anew."""
        return self.plan.steps

    @property
    def cost(self) -> Cost:
        """What the run would cost, in USD, as a range."""
        return cost(self.foreseen, self.more)

    @property
    def usd(self) -> float:
        """What the run would cost at most if every call succeeds at once, in USD; what is reused costs
        nothing, and what has no known price comes on top."""
        return self.cost.high


def explore(
    growth: Growth,
    foresee: Callable[[Plan], tuple[Forecast, ...]],
    makers: Collection[str],
    ledger: LedgerReader | None,
    gates: Gates = OPEN,
) -> Outlook:
    """What a run would do with a graph, which grows with every list that earlier runs left.

    foresee: what a run would do with a plan. makers: the providers that make things on this machine. ledger:
    None while nothing was ever bought.
    """
    recall = recall_from(ledger)
    while True:
        work = plan(growth.chosen, facts_of)
        foreseen = foresee(work)
        here = {f.step.address: f for f in foreseen if f.action == "reuse"}
        instances = growth.chosen.instances
        shut = {a for a, f in here.items() if gates.at(instances[a], f.outputs) in ("closed", "changed")}
        if not growth.begin(here, shut, recall):
            foreseen = tuple(map(growth.judged, foreseen))
            return Outlook(work, foreseen, tuple(makers), prospects(work, facts_of))


def survey(
    work: Plan, past: Past, makers: Mapping[str, Worker], files: LocalFiles, gates: Gates = OPEN
) -> tuple[Forecast, ...]:
    """What a run would do with each step of `work`, given what is there already."""
    foreseen = forecast(work, past, makers, files, gates)
    with contextlib.suppress(StoreError):
        past.cache.flush()
    return foreseen
