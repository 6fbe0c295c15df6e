"""What a run would do now, looked at without doing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from callsheet.dsl.graph import Graph
from callsheet.runtime.graph.arguments import LocalFiles
from callsheet.runtime.lock import Lock
from callsheet.runtime.lock.approvals import OPEN, Gates
from callsheet.runtime.plan.dynamic import Growth
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.plan.history import Elsewhere, Find, nothing
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.plan.providers import usual_providers
from callsheet.runtime.plan.survey import Outlook, explore, survey
from callsheet.runtime.remote_store.fetch import Borrower
from callsheet.runtime.remote_store.store import SharedStore
from callsheet.runtime.store.output_codec import Outputs
from callsheet.runtime.workspace import Workspace
from callsheet.spec.node import NodeSpec


def outlook(
    graph: Graph,
    workspace: Workspace,
    lock: Lock,
    store: str = "",
    elsewhere: Find = nothing,
    gates: Gates = OPEN,
    only: Sequence[str] = (),
) -> Outlook:
    """What a run of `graph` would do, given what earlier runs left.

    lock: the lock file's content. store: the folder or URL of a shared store; what `lock` names of it counts.
    elsewhere: finds further results by key. only: as in `run`.
    Raises InputError for a store that cannot be reached.
    """
    growth, local = Growth(graph, only), workspace.store()
    cache, ledger = workspace.cache(), workspace.ledger_reader()
    makers, files = usual_providers(growth.chosen, preview=False), LocalFiles(local.inspector)

    def foresee(work: Plan) -> tuple[Forecast, ...]:
        def look(found: Elsewhere) -> tuple[Forecast, ...]:
            def find(key: str, spec: NodeSpec) -> Outputs | None:
                return found.find(key, spec) or elsewhere(key, spec)

            return survey(work, cache, ledger, makers, files, gates, replace(found, find=find))

        if not store:
            return look(Elsewhere(refused=lock.refused))
        return Borrower(SharedStore.at(store, local), lock, cache).foresee(look)

    return explore(growth, foresee, ledger, gates).outlook(makers)
