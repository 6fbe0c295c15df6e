"""Plans a film for whoever asks: the plan with its cost, its time and its notes; and saves it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.runtime.consent import budget
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.plan_outcome import Outcome, outcome_of, plan_json
from callsheet.runtime.prepare import Prepared, prepare
from callsheet.runtime.project_store import store_problem
from callsheet.runtime.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PlannedFilm:
    """A film that was planned, and what is to be said of it."""

    prepared: Prepared
    outcome: Outcome

    @property
    def plan(self) -> Plan:
        """The plan, with what `callsheet plan --json` says of it."""
        plan = self.prepared.plan
        return replace(plan, document=plan_json(self.outcome, plan))

    def save(self, path: Path, request: RunRequest) -> None:
        """Save the plan, to be executed exactly and once. request: what it was made from. Raises InputError
        for the name of a pipeline, StoreError."""
        from callsheet.runtime.plan import plan_file
        from callsheet.runtime.plan.plan_inputs import inputs_of

        prepared = self.prepared
        inputs = inputs_of(prepared.graph, prepared.plan.forecasts, prepared.lock)
        plan_file.write(path, plan_file.saved(request, inputs, self.plan.to_json()))


def planned_film(graph: Graph, workspace: Workspace, options: RunOptions) -> PlannedFilm:
    """Plan a run of `graph`. Makes nothing.

    Raises InputError for a shared store that cannot be reached, PipelineError for a lock file that cannot be
    read.
    """
    prepared = prepare(graph, workspace, options, fetch=False)
    outcome = outcome_of(prepared.plan, workspace, budget(prepared))
    unused = None if prepared.options.store else store_problem(prepared.settings)
    if unused is not None:
        outcome = replace(outcome, near=(*outcome.near, unused))
    return PlannedFilm(prepared, outcome)
