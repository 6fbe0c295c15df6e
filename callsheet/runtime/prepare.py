"""Plans a run. `run`, `dry_run`, `explain` and `project_state` all plan with this."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.dsl.graph import Graph
from callsheet.errors import InputError, StoreError
from callsheet.nodes.providers import OWN
from callsheet.nodes.queue.webhook import require_callable
from callsheet.runtime.calls.protocol import PaidProvider
from callsheet.runtime.engines.named import is_here, named
from callsheet.runtime.found_again import FoundAgain, used_in
from callsheet.runtime.grants import asked, tells_plug_ins
from callsheet.runtime.graph.arguments import LocalFiles
from callsheet.runtime.lock import Lock
from callsheet.runtime.lock.approvals import OPEN, Gates, gates_of
from callsheet.runtime.lock.history import named_before
from callsheet.runtime.lock.lock_file import LockFile
from callsheet.runtime.lock.named_results import NamedResults
from callsheet.runtime.lock.update import followed
from callsheet.runtime.output.layout import Layout
from callsheet.runtime.output.manifest import Manifest
from callsheet.runtime.plan.draft import Draft
from callsheet.runtime.plan.dynamic_graph import DynamicGraph
from callsheet.runtime.plan.forecast import MAKES_NOTHING, Forecast, forecast
from callsheet.runtime.plan.history import EarlierRuns, Find, OtherResults, nothing
from callsheet.runtime.plan.known_plan import known_plan
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.plan.providers import paid_providers, require_keys, workers_for, workers_in
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.project_store import store_for
from callsheet.runtime.remote_store.needs import place_of
from callsheet.runtime.remote_store.session import RemoteSession
from callsheet.runtime.settings import Settings, settings_of
from callsheet.runtime.store.fingerprint import covers
from callsheet.runtime.store.output_codec import Outputs
from callsheet.runtime.workspace import Workspace
from callsheet.spec.node import NodeSpec, Worker
from callsheet.spec.project import OUT

if TYPE_CHECKING:
    from callsheet.runtime.store.cache import Cache

MOST_NAMED: Final = 8
"""Addresses that a message names at most."""
WATCHING: Final[ContextVar[list[Prepared] | None]] = ContextVar("what is prepared", default=None)
"""Takes what is prepared; see `watched`."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A planned run. `run` executes exactly this, once.

    lock_file: None for a preview. providers: name in `NodeSpec.provider` → who makes it; paid providers are
    not among them. paid: names of the providers to buy from. files: the user's own media files. gates: the
    approvals. remote: the shared store. settings: of the project. again: results that only the lock file or
    out/ names.
    """

    workspace: Workspace
    options: RunOptions
    lock_file: LockFile | None
    dynamic: DynamicGraph
    plan: Plan
    providers: Mapping[str, Worker | PaidProvider]
    paid: tuple[str, ...]
    files: LocalFiles
    gates: Gates
    remote: RemoteSession
    settings: Settings
    again: FoundAgain

    @property
    def graph(self) -> Graph:
        """The part of the graph that is made, as far as it is known."""
        return self.dynamic.chosen

    @property
    def places(self) -> tuple[Path, ...]:
        """What a run of this alone may write: the pipeline, with its lock file, and the folder of results."""
        folder = Layout.of(self.workspace.out(self.options.out), self.graph.name).top
        return self.graph.path, folder

    @property
    def needs_grants(self) -> bool:
        """Whether a run sends something away: requests, or a secret that the pipeline names to a plug-in."""
        return not self.options.preview and (bool(self.paid) or tells_plug_ins(self.plan))

    def require_keys(self) -> None:
        """Raises InputError with the keys that are not set. A preview needs none."""
        if not self.options.preview:
            require_keys(self.paid, asked(self.plan))

    @property
    def stands_on_files(self) -> bool:
        """Whether the same plan comes out for as long as no file of the project, no version of a program and
        no variable changes: nothing is to be made, and no store, no code of others and no file outside of the
        project was asked."""
        if not self.plan.nothing_to_make or self.options.store:
            return False
        if not all(_is_ours(spec) for one in self.graph.instances.values() for spec in one.specs):
            return False
        place = self.workspace.place(self.graph.path)
        layout = Layout.of(self.workspace.root / OUT, self.graph.name, profile=self.graph.section.profile)
        owner = Manifest(layout.top).owner
        read = {*self.graph.files, *self.files.paths, *([owner] if owner else [])}
        return all(covers(place, path) for path in read)

    @property
    def whole(self) -> bool:
        """Whether all of the pipeline is made, and not only a selection."""
        return not self.options.only

    @property
    def lock(self) -> Lock:
        """The content of the lock file; empty for a preview."""
        return self.lock_file.lock if self.lock_file else Lock()

    @property
    def found_elsewhere(self) -> Find | None:
        """Finds results whose keys become known in the run; None where there is nowhere to look."""
        finds: list[Find] = [self.again.find] if self.lock_file and self.again.names_any else []
        finds += [self.remote.fetch] if self.options.store else []
        return _others(OtherResults(), finds, self.again).find if finds else None

    def require_cached(self) -> None:
        """Raises InputError that names what would have to be bought. Nothing is sent."""
        free, seen = self.plan.workers, self.plan.forecasts
        paid = [f.step for f in seen if f.action not in MAKES_NOTHING and f.step.provider not in free]
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
    """Plan a run of `graph` with the results of earlier runs. Makes nothing and sends no paid request.

    providers: name in `NodeSpec.provider` → who makes it, instead of the usual ones. fetch: download what the
    shared store has, as a run needs it; otherwise it only counts as there. approvals: later nodes wait for
    approvals; False counts every result as approved. elsewhere: finds further results by key.

    Raises InputError for an unknown address in `options.only`, for a shared store that cannot be reached or
    that the project names and nobody granted, for a webhook that nobody can call, and for a result that would
    be paid for again; PipelineError for a lock file or settings that cannot be read.
    """
    settings = settings_of(graph.path)
    options = _in_project(options or RunOptions(), settings, required=fetch)
    if options.webhook:
        require_callable(options.webhook)
    preview = options.preview
    dynamic = DynamicGraph(graph, options.only, preview)
    lock_file = None if preview else workspace.lock_file(graph.path, graph.section.name)
    lock = _lock_in(lock_file, graph)
    looks = options.voice, options.size
    makers = workers_for(dynamic.chosen, preview, graph, *looks) if providers is None else providers
    cache = workspace.cache(preview)
    gates = gates_of(lock.instances) if lock_file and approvals else OPEN
    files = LocalFiles(cache.store.inspector)
    remote = _session(graph.path, options.store if lock_file else "", lock, cache)
    folder = Layout.of(workspace.out(options.out), graph.name, profile=graph.section.profile).top
    again = FoundAgain(lock, cache, folder, used_in(lambda: dynamic.graph), keep=fetch)
    ledger = workspace.ledger_reader(may_pay=fetch and not preview)
    named, workers = NamedResults(cache, lock), workers_in(makers)

    def look(work: Draft, found: OtherResults) -> tuple[Forecast, ...]:
        others = _others(found, (found.find, again.find, elsewhere), again)
        earlier = EarlierRuns(cache, ledger, others, work.graph.name, named, workspace.at_work)
        return _kept(cache, again, forecast(work, earlier, workers, files, gates, options.without))

    def forecasts_of(work: Draft) -> tuple[Forecast, ...]:
        seen = partial(look, work)
        return remote.download(seen, workers, options.pay_again) if fetch else remote.foresee(seen)

    plan = known_plan(dynamic, forecasts_of, workers, ledger, gates)
    buys = providers is None and not preview
    paid = paid_providers(plan.forecasts, makers, plan.graph) if buys else ()
    return _watched(
        Prepared(
            workspace, options, lock_file, dynamic, plan, makers, paid, files, gates, remote, settings, again
        )
    )


def _lock_in(lock_file: LockFile | None, graph: Graph) -> Lock:
    """What the lock file says, under the addresses that instances have now; empty for a preview."""
    if lock_file is None:
        return Lock()
    lock = lock_file.lock
    return replace(lock, instances=followed(lock.instances, graph.renamed)) if graph.renamed else lock


def _kept(cache: Cache, again: FoundAgain, forecasts: Sequence[Forecast]) -> tuple[Forecast, ...]:
    """The forecasts with where a result was found; what was found meanwhile is in the cache from now on."""
    with contextlib.suppress(StoreError):
        cache.flush()
    return tuple(_with_place(found, again) for found in forecasts)


@contextlib.contextmanager
def watched() -> Iterator[list[Prepared]]:
    """Everything that is prepared as long as this lasts, for whoever asks what an answer was made from."""
    found: list[Prepared] = []
    token = WATCHING.set(found)
    try:
        yield found
    finally:
        WATCHING.reset(token)


def _watched(prepared: Prepared) -> Prepared:
    if (watching := WATCHING.get()) is not None:
        watching.append(prepared)
    return prepared


def _session(pipeline: Path, store: str, lock: Lock, cache: Cache) -> RemoteSession:
    """The shared store at work for a pipeline. store: its place, "" for none."""
    before, place = partial(named_before, pipeline), partial(place_of, pipeline)
    return RemoteSession(store, cache.store, lock, cache, before, place)


def _is_ours(spec: NodeSpec) -> bool:
    """Whether it is the same as long as callsheet and the files of the project are: it is of no plug-in."""
    return spec.perform is None and spec.provider in ("local", *OWN)


def _in_project(options: RunOptions, settings: Settings, required: bool) -> RunOptions:
    """The options with what the project says where nobody gave anything."""
    if not is_here(options.on):
        named(options.on)  # refused before anybody is asked
        options = replace(options, place=_place(options, settings))
    store = "" if options.preview else store_for(options.store, settings, required)
    return replace(options, store=store, concurrency=options.concurrency or settings.concurrency)


def _place(options: RunOptions, settings: Settings) -> str:
    """Where an engine finds media: in the shared store, those of previews apart; "" without one."""
    store = store_for(options.store, settings, required=False)
    return f"{store.rstrip('/')}/previews" if store and options.preview else store


def _others(found: OtherResults, finds: Sequence[Find], again: FoundAgain) -> OtherResults:
    """Results that are looked for in several places, one after the other."""

    def first(key: str, spec: NodeSpec) -> Outputs | None:
        return next((outputs for find in finds if (outputs := find(key, spec)) is not None), None)

    return replace(found, find=first, lost=again.lost)


def _with_place(forecast: Forecast, again: FoundAgain) -> Forecast:
    """A forecast that says where a result was found that the ledger does not have."""
    where = again.where(forecast.key) if forecast.action == "reuse" and not forecast.reason else ""
    return replace(forecast, reason=where) if where else forecast
