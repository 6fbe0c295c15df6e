"""What a run would do now, looked at without doing it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

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
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.cache import Cache
from callsheet.runtime.store.output_codec import Outputs
from callsheet.spec.node import NodeSpec


def outlook(
    graph: Graph,
    state: Path,
    lock: Lock,
    store: str = "",
    elsewhere: Find = nothing,
    gates: Gates = OPEN,
    only: Sequence[str] = (),
) -> Outlook:
    """The plan of `graph`, held against what is in `state`, what `lock` names of the shared store at `store`,
    and what is `elsewhere`. only: as in `run`. Raises InputError for a store that nothing here can reach."""
    growth, local = Growth(graph, only), Store(state)
    makers, files = usual_providers(growth.chosen, preview=False), LocalFiles(local.inspector)
    with contextlib.closing(Cache(local)) as cache:

        def foresee(work: Plan) -> tuple[Forecast, ...]:
            def look(found: Elsewhere) -> tuple[Forecast, ...]:
                def find(key: str, spec: NodeSpec) -> Outputs | None:
                    return found.find(key, spec) or elsewhere(key, spec)

                return survey(work, cache, state, makers, files, gates, replace(found, find=find))

            if not store:
                return look(Elsewhere(refused=lock.refused))
            return Borrower(SharedStore.at(store, local), lock, cache).foresee(look)

        return explore(growth, foresee, state, gates).outlook(makers)
