"""Plans a run without executing it."""

from __future__ import annotations

from callsheet.dsl.graph import Graph
from callsheet.runtime.plan.history import Find, nothing
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.prepare import prepare
from callsheet.runtime.workspace import Workspace


def dry_run(
    graph: Graph,
    workspace: Workspace,
    options: RunOptions | None = None,
    approvals: bool = True,
    elsewhere: Find = nothing,
) -> Plan:
    """What a run of `graph` would do, with prices in USD. Makes nothing.

    The parameters are those of `prepare`. Raises InputError for a shared store that cannot be reached,
    PipelineError for a lock file that cannot be read.
    """
    prepared = prepare(graph, workspace, options, fetch=False, approvals=approvals, elsewhere=elsewhere)
    return prepared.plan
