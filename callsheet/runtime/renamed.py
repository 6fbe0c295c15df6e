"""Where instances are now that were renamed since people decided about them."""

from __future__ import annotations

from callsheet.dsl.graph import Graph
from callsheet.runtime.lock.update import addresses_of, renamed
from callsheet.runtime.plan.assume_lock import outputs_in_lock
from callsheet.runtime.prepare import prepare
from callsheet.runtime.workspace import Workspace


def renamed_instances(graph: Graph, workspace: Workspace) -> dict[str, str]:
    """Address in the lock file, with decisions, that `graph` does not have → the address that asks for its
    result now. Nothing is planned where the graph has all of them.

    Raises PipelineError for a lock file that cannot be read.
    """
    lock = workspace.lock_file(graph.path, graph.section.name).lock
    there = addresses_of(graph)
    lost = any(block.decided and address not in there for address, block in lock.instances.items())
    if not lost or graph.dynamic is not None:
        return {}
    prepared = prepare(graph, workspace, fetch=False, approvals=False, elsewhere=outputs_in_lock(lock))
    keys_now = {f.step.address: f.key for f in prepared.plan.forecasts if f.key}
    return renamed(lock, keys_now, there)
