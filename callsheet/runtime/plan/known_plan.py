"""The plan of a graph as far as it is known: axes over outputs have the elements of earlier runs."""

from __future__ import annotations

from collections.abc import Callable, Collection

from callsheet.nodes.media.inspector import facts_of
from callsheet.runtime.ledger import LedgerReader
from callsheet.runtime.lock.approvals import OPEN, Gates
from callsheet.runtime.plan.draft import Draft, draft
from callsheet.runtime.plan.dynamic_graph import DynamicGraph
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.plan.list_snapshots import snapshots_in
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.plan.upper_bound import upper_bounds


def known_plan(
    dynamic: DynamicGraph,
    forecasts_of: Callable[[Draft], tuple[Forecast, ...]],
    workers: Collection[str],
    ledger: LedgerReader | None,
    gates: Gates = OPEN,
) -> Plan:
    """What a run would do. `dynamic` is extended with every list that exists already.

    forecasts_of: draft → forecasts. workers: names of the providers that work on this machine. ledger: None
    if nothing was ever bought.
    """
    snapshot = snapshots_in(ledger)
    while True:
        work = draft(dynamic.chosen, facts_of)
        forecasts = forecasts_of(work)
        reused = {f.step.address: f for f in forecasts if f.action == "reuse"}
        instances = dynamic.chosen.instances
        unapproved = {a for a, f in reused.items() if gates.closed(instances[a], f.outputs)}
        if not dynamic.extend_known(reused, unapproved, snapshot):
            forecasts = tuple(map(dynamic.checked, forecasts))
            return Plan(work, forecasts, tuple(workers), upper_bounds(work, facts_of))
