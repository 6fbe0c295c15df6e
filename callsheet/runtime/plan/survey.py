"""What a run would do, as far as it is known: with the lists of axes that are here already."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping

from callsheet.errors import StoreError
from callsheet.nodes.media.inspector import facts_of
from callsheet.runtime.graph.arguments import LocalFiles
from callsheet.runtime.ledger import LedgerReader
from callsheet.runtime.lock.approvals import OPEN, Gates
from callsheet.runtime.plan.draft import Draft, draft
from callsheet.runtime.plan.dynamic import Growth
from callsheet.runtime.plan.forecast import Forecast, forecast
from callsheet.runtime.plan.history import Past
from callsheet.runtime.plan.list_snapshots import recall_from
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.plan.upper_bound import prospects
from callsheet.spec.node import Worker


def explore(
    growth: Growth,
    foresee: Callable[[Draft], tuple[Forecast, ...]],
    makers: Collection[str],
    ledger: LedgerReader | None,
    gates: Gates = OPEN,
) -> Plan:
    """What a run would do with a graph, which grows with every list that earlier runs left.

    foresee: what a run would do with a draft. makers: the providers that make things on this machine. ledger:
    None while nothing was ever bought.
    """
    recall = recall_from(ledger)
    while True:
        work = draft(growth.chosen, facts_of)
        foreseen = foresee(work)
        here = {f.step.address: f for f in foreseen if f.action == "reuse"}
        instances = growth.chosen.instances
        shut = {a for a, f in here.items() if gates.at(instances[a], f.outputs) in ("closed", "changed")}
        if not growth.begin(here, shut, recall):
            foreseen = tuple(map(growth.judged, foreseen))
            return Plan(work, foreseen, tuple(makers), prospects(work, facts_of))


def survey(
    work: Draft, past: Past, makers: Mapping[str, Worker], files: LocalFiles, gates: Gates = OPEN
) -> tuple[Forecast, ...]:
    """What a run would do with each step of `work`, given what is there already."""
    foreseen = forecast(work, past, makers, files, gates)
    with contextlib.suppress(StoreError):
        past.cache.flush()
    return foreseen
