"""The events that list instances: at the start of a run, when instances are added, and for reused results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from callsheet.dsl.graph import Graph
from callsheet.runtime.events import Planned, RunGrew, RunReused, RunStarted
from callsheet.runtime.execute.tally import Tally
from callsheet.runtime.execute.user_paths import shown
from callsheet.runtime.plan.draft import Step
from callsheet.runtime.plan.dynamic_graph import AddedInstances
from callsheet.runtime.plan.forecast import Forecast, due
from callsheet.runtime.plan.plan import Plan


def run_started(known: Plan, preview: bool) -> RunStarted:
    """The first event of a run that executes `known`."""
    graph, forecasts = known.graph, known.forecasts
    usd, unpriced = due(forecasts, whole=preview)
    return RunStarted(
        pipeline=graph.name,
        path=shown(graph.path),
        mode="preview" if preview else "run",
        total=len(forecasts),
        usd=round(usd, 6),
        unpriced=unpriced,
        instances=tuple(_planned(graph, found, preview) for found in forecasts),
    )


def run_grew(added: AddedInstances, tally: Tally) -> RunGrew:
    """The event for instances that were added during the run. `tally` counts them already."""
    instances = tuple(Planned(s.address, s.node, s.uses, s.provider, "make", s.usd) for s in added.steps)
    return RunGrew(added.lists, tally.total, round(tally.planned, 6), tally.unpriced, instances)


def run_reused(steps: Iterable[Step], files: Mapping[str, tuple[str, ...]]) -> RunReused:
    """The event for results of earlier runs that are used again. files: address → paths under out/."""
    return RunReused(len(files), Counter(step.node for step in steps), files)


def _planned(graph: Graph, found: Forecast, preview: bool) -> Planned:
    """One instance of the list. A reused one names the alternative that made it."""
    step, spec = found.step, graph.instances[found.step.address].as_alternative(found.alternative).spec
    usd = step.usd if preview else found.usd
    return Planned(step.address, step.node, spec.uses, spec.provider, found.action, usd)
