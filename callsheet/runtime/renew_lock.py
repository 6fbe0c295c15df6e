"""Writes the lock file of a pipeline from the results that exist, and uploads them to a shared store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.runtime.dry_run import dry_run
from callsheet.runtime.lock import Known
from callsheet.runtime.remote_store.push import Pusher
from callsheet.runtime.remote_store.store import SharedStore
from callsheet.runtime.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What was put into a shared store. new and known: results that were not there, and that were. notes: why
    some could not be uploaded."""

    store: str
    new: int
    known: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RenewedLock:
    """A lock file as it is now. changed: whether it was written. missing: the addresses without a result
    here; their blocks stay as they were. uploaded: None without a shared store."""

    path: Path
    instances: int
    changed: bool
    missing: tuple[str, ...]
    uploaded: Uploaded | None = None


def renew_lock(workspace: Workspace, graph: Graph, store: str = "") -> RenewedLock:
    """Write the lock file of `graph` from the results that exist. Makes nothing; decisions stay.

    store: the folder or URL of a shared store that gets every result.
    Raises PipelineError for a lock file that cannot be read, InputError for a store that cannot be reached,
    StoreError.
    """
    lock = workspace.lock_file(graph.path)
    seen = dry_run(graph, workspace, approvals=False)
    here = [f for f in seen.forecasts if f.action == "reuse"]
    keys = {f.step.address: f.key for f in here}
    ways = {f.step.address: f.way for f in here if f.way}
    known = Known(keys, {f.step.address: f.outputs or {} for f in here}, alternatives=ways)
    changed = lock.renew(seen.graph, known)
    missing = tuple(address for address in seen.graph.instances if address not in keys)
    uploaded = _upload(workspace, known, store) if store else None
    return RenewedLock(lock.path, len(lock.lock.instances), changed, missing, uploaded)


def _upload(workspace: Workspace, known: Known, store: str) -> Uploaded:
    local = workspace.store()
    local.prepare()
    pusher = Pusher(SharedStore.at(store, local))
    for key, address in {key: address for address, key in known.keys.items()}.items():
        pusher.push(key, known.outputs[address])
    pusher.close()
    new, there = pusher.counts
    return Uploaded(pusher.shared.backend.title, new, there, pusher.notes())
