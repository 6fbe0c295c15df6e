"""What a run would do with a graph, settled before anything is made. Every verb that looks ahead asks
here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from callsheet.dsl.graph import Graph
from callsheet.errors import InputError
from callsheet.runtime.calls.protocol import PaidProvider
from callsheet.runtime.graph.arguments import LocalFiles
from callsheet.runtime.lock import Lock
from callsheet.runtime.lock.approvals import OPEN, Gates, gates_of
from callsheet.runtime.lock.lock_file import LockFile
from callsheet.runtime.plan.draft import Draft
from callsheet.runtime.plan.dynamic import Growth
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.plan.history import Elsewhere, Find, Past, nothing
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.plan.providers import made_here, to_buy_from, usual_providers
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.plan.survey import explore, survey
from callsheet.runtime.remote_store.session import Sharing
from callsheet.runtime.store.output_codec import Outputs
from callsheet.runtime.workspace import Workspace
from callsheet.spec.node import NodeSpec, Worker

MOST_NAMED: Final = 8
MAKES_NOTHING: Final = ("reuse", "skipped")
"""Actions."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a run would do, and with what. `run` executes exactly this, once.

    lock_file: None for a preview. providers: who makes things, by `NodeSpec.provider`; who sells them is
    found later where `paid` names them.
    """

    workspace: Workspace
    options: RunOptions
    lock_file: LockFile | None
    growth: Growth
    plan: Plan
    providers: Mapping[str, Worker | PaidProvider]
    paid: tuple[str, ...]
    files: LocalFiles
    gates: Gates
    sharing: Sharing

    @property
    def graph(self) -> Graph:
        """The part of the graph that is made, as far as it is known by now."""
        return self.growth.chosen

    @property
    def whole(self) -> bool:
        """Whether nothing of the pipeline is left out."""
        return not self.options.only

    @property
    def lock(self) -> Lock:
        """What the lock file says; nothing for a preview."""
        return self.lock_file.lock if self.lock_file else Lock()

    def require_cached(self) -> None:
        """Raises InputError that names what would have to be bought, before anything is sent."""
        made_here, seen = self.plan.makers, self.plan.foreseen
        paid = [f.step for f in seen if f.action not in MAKES_NOTHING and f.step.provider not in made_here]
        if not paid and self.graph.dynamic:
            raise InputError(
                "what an axis ranges over is not here, so nobody knows what would have to be bought",
                "nothing was sent; run it without --require-cached once",
            )
        if paid:
            named = ", ".join(step.address for step in paid[:MOST_NAMED])
            more = f" and {len(paid) - MOST_NAMED} more" if len(paid) > MOST_NAMED else ""
            raise InputError(
                f"{len(paid)} of {len(seen)} instances would have to be bought: {named}{more}",
                "nothing was sent; callsheet plan tells why each is not here",
            )


def prepare(
    graph: Graph,
    workspace: Workspace,
    options: RunOptions | None = None,
    providers: Mapping[str, Worker | PaidProvider] | None = None,
    fetch: bool = True,
    approvals: bool = True,
    elsewhere: Find = nothing,
) -> Prepared:
    """Plan `graph` with what earlier runs left. Makes nothing and sends nothing.

    providers: who makes things, by `NodeSpec.provider`, instead of the usual ones. fetch: bring here what the
    shared store has, as a run needs it; otherwise it is only counted. approvals: results wait for a person's
    approval as the lock file says. elsewhere: finds further results by key.

    Raises InputError for an unknown address in `options.only`, a shared store that cannot be reached, and for
    what would be paid for again; PipelineError for a lock file that cannot be read.
    """
    options = options or RunOptions()
    growth = Growth(graph, options.only, options.preview)
    lock_file = None if options.preview else workspace.lock_file(graph.path)
    lock = lock_file.lock if lock_file else Lock()
    makers = usual_providers(growth.chosen, options.preview) if providers is None else providers
    cache, ledger = (
        workspace.cache(options.preview),
        workspace.ledger_reader(may_pay=fetch and not options.preview),
    )
    gates = gates_of(lock) if lock_file and approvals else OPEN
    files, workers = LocalFiles(cache.store.inspector), made_here(makers)
    sharing = Sharing(options.store if lock_file else "", cache.store, lock, cache)

    def foresee(work: Draft) -> tuple[Forecast, ...]:
        def look(found: Elsewhere) -> tuple[Forecast, ...]:
            past = Past(cache, ledger, _both(found, elsewhere))
            return survey(work, past, workers, files, gates)

        return sharing.borrow(look, workers, options.pay_again) if fetch else sharing.foresee(look)

    plan = explore(growth, foresee, workers, ledger, gates)
    buys = providers is None and not options.preview
    paid = to_buy_from(plan.foreseen, makers, plan.graph) if buys else ()
    return Prepared(workspace, options, lock_file, growth, plan, makers, paid, files, gates, sharing)


def _both(found: Elsewhere, find: Find) -> Elsewhere:
    """What is `found` elsewhere, and after it what `find` finds."""
    if find is nothing:
        return found

    def either(key: str, spec: NodeSpec) -> Outputs | None:
        return found.find(key, spec) or find(key, spec)

    return replace(found, find=either)
