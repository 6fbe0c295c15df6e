"""What a run would do now, looked at without doing it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.nodes.spec import NodeSpec
from callsheet.runtime.cache import Cache
from callsheet.runtime.forecast import Forecast
from callsheet.runtime.gates import OPEN, Gates
from callsheet.runtime.growth import Growth
from callsheet.runtime.lock import Lock
from callsheet.runtime.makers import usual_providers
from callsheet.runtime.past import Elsewhere, Find, nothing
from callsheet.runtime.plan import Plan
from callsheet.runtime.recorded import Outputs
from callsheet.runtime.resolve import LocalFiles
from callsheet.runtime.shared.borrow import Borrower
from callsheet.runtime.shared.store import SharedStore
from callsheet.runtime.store import Store
from callsheet.runtime.survey import Outlook, explore, survey


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
