"""Writes the lock file of a pipeline from the results that exist, and uploads them to a shared store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.runtime.lock import Known, Lock, Made
from callsheet.runtime.lock.history import named_before
from callsheet.runtime.lock.lock_file import LockFile
from callsheet.runtime.lock.update import Dropped
from callsheet.runtime.plan.assume_lock import LockedOutputs, outputs_in_lock
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.prepare import prepare
from callsheet.runtime.remote_store.needs import place_of, say_need
from callsheet.runtime.remote_store.offer import Purchase
from callsheet.runtime.remote_store.push import Pusher
from callsheet.runtime.remote_store.store import SharedStore
from callsheet.runtime.share_descriptions import share_descriptions
from callsheet.runtime.workspace import Workspace
from callsheet.spec.document import Document
from callsheet.spec.media import Artifact
from callsheet.spec.values import leaves


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What was put into a shared store. new and known: results that were not there, and that were. notes: why
    some could not be uploaded."""

    store: str
    new: int
    known: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RenewedLock(Document):
    """A lock file as it is now. changed: whether it was written. missing: the addresses without a result
    anywhere; their entries stay as they were. dropped: what the file says no more. uploaded: None without a
    shared store."""

    path: Path
    instances: int
    changed: bool
    missing: tuple[str, ...]
    dropped: tuple[Dropped, ...] = ()
    uploaded: Uploaded | None = None


def renew_lock(workspace: Workspace, graph: Graph, store: str = "") -> RenewedLock:
    """Write the lock file of `graph` from the results that exist: here, in the shared store, and by name in
    the lock itself, under whatever address. Makes nothing; decisions stay.

    store: the folder or URL of a shared store, which also gets every result that is here.
    Raises PipelineError for a lock file that cannot be read, InputError for a store that cannot be reached,
    StoreError.
    """
    file = workspace.lock_file(graph.path, graph.section.name)
    options, known_by_lock = RunOptions(store=store), outputs_in_lock(file.lock)
    prepared = prepare(graph, workspace, options, fetch=False, approvals=False, elsewhere=known_by_lock)
    seen, file.costs = prepared.plan, prepared.remote.costs
    known, missing = _known(seen.forecasts, file.lock, graph.path)
    changed, gone = file.renew(seen.graph, known)
    store = prepared.options.store
    uploaded = _upload(workspace, file, known, store, _purchases(seen, file.lock)) if store else None
    if uploaded is not None:
        said = share_descriptions(seen.graph, file.lock, workspace.state, store)
        uploaded = replace(uploaded, notes=(*uploaded.notes, *said))
    return RenewedLock(file.path, len(file.lock.instances), changed, missing, gone, uploaded)


@dataclass(slots=True)
class _Found:
    """What is found, by address. lost: key by address of what is nowhere."""

    keys: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, Mapping[str, object]] = field(default_factory=dict)
    alternatives: dict[str, int] = field(default_factory=dict)
    named: dict[str, Made] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)


def _known(forecasts: tuple[Forecast, ...], lock: Lock, pipeline: Path) -> tuple[Known, tuple[str, ...]]:
    """What exists, and the addresses of which nothing does."""
    named, found = lock.named(), _Found()
    for forecast in forecasts:
        address, key = forecast.step.address, forecast.key
        if forecast.outputs is not None and not isinstance(forecast.outputs, LockedOutputs):
            found.keys[address], found.outputs[address] = key, forecast.outputs
            found.alternatives |= {address: forecast.alternative} if forecast.alternative else {}
        elif key in named:
            found.named[address] = named[key]
        else:
            found.lost[address] = key
    paid = {f.step.address: f.step.uses for f in forecasts if f.step.provider != "local"}
    before = named_before(pipeline, {key for key in found.lost.values() if key})
    found.named |= {address: before[key] for address, key in found.lost.items() if key in before}
    missing = tuple(address for address in found.lost if address not in found.named)
    unclear = {paid[address] for address in missing if not found.lost[address] and address in paid}
    known = Known(
        found.keys,
        found.outputs,
        alternatives=found.alternatives,
        named=found.named,
        unclear=frozenset(unclear),
    )
    return known, missing


def _purchases(seen: Plan, lock: Lock) -> dict[str, Purchase]:
    """Address → how its result was bought, as far as that is known."""
    costs = {made.key: made.usd for made in lock.results()}
    return {
        f.step.address: Purchase(
            f.step.address, seen.graph.name, str(f.components["call"]), f.components, costs.get(f.key)
        )
        for f in seen.forecasts
        if f.components is not None and "call" in f.components
    }


def _upload(
    workspace: Workspace, file: LockFile, known: Known, store: str, purchases: Mapping[str, Purchase]
) -> Uploaded:
    local = workspace.store()
    local.prepare()
    pusher = Pusher(SharedStore.at(store, local))
    if file.path.exists():
        pusher.in_background(partial(say_need, pusher.shared.backend, place_of(file.pipeline), file.path))
    for key, address in {key: address for address, key in known.keys.items()}.items():
        if all(artifact.path.is_file() for artifact in leaves(known.outputs[address], Artifact)):
            pusher.push(key, known.outputs[address], purchases.get(address))
    pusher.close()
    new, there = pusher.counts
    return Uploaded(pusher.shared.backend.title, new, there, pusher.notes())
