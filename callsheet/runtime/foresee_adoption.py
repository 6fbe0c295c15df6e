"""What would be reused if the state of another folder were taken over."""

from __future__ import annotations

from callsheet.runtime.dry_run import dry_run
from callsheet.runtime.other_states import OtherStates, PaidElsewhere, paid_calls, paid_elsewhere
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.workspace import Workspace


def foresee_adoption(plan: Plan, workspace: Workspace) -> PaidElsewhere | None:
    """As `paid_elsewhere`, with the calls that can be looked up only where earlier results are there."""
    found = paid_elsewhere(plan, workspace)
    if found is None or found.state is None:
        return found
    with OtherStates(workspace, plan.graph.path) as others:
        later = dry_run(plan.graph, workspace, elsewhere=others.find)
    named = {*found.addresses, *(f.step.address for f in later.forecasts if f.action == "reuse")}
    calls = tuple(call for call in paid_calls(plan) if call.address in named)
    return PaidElsewhere(calls, found.project, state=found.state)
