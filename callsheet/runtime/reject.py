"""Rejects results, or takes that back: a rejected result is kept, and the film goes on without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callsheet.dsl.graph import Graph, Instance
from callsheet.runtime import keys
from callsheet.runtime.lock import Decision, Lock
from callsheet.runtime.lock.author import signed
from callsheet.runtime.project_state import ProjectState, project_state
from callsheet.runtime.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Rejection:
    """A decision about one result. rejected: false for one that was taken back."""

    address: str
    rejected: bool


def reject(
    workspace: Workspace,
    graph: Graph,
    addresses: Sequence[str],
    note: str = "",
    undo: bool = False,
    store: str = "",
) -> tuple[Rejection, ...]:
    """Reject the results at `addresses` as they are now, and write that into the lock file.

    A rejected result counts as *declined*: nodes that need it go on as their `missing` says, and nothing is
    bought in its place. It stays paid and kept; another take may be asked for. note: why. undo: take it
    back. store: the folder or URL of a shared store, whose results count.

    Returns only what changed. Raises InputError for an unknown address and for what is not made,
    PipelineError for a lock file that cannot be read, StoreError.
    """
    now = project_state(graph, workspace, store=store)
    lock, changed = now.lock, []
    for instance in now.named(addresses):
        before = lock
        lock = _without(instance, lock) if undo else _with(instance, lock, now, note)
        if lock != before:
            changed.append(Rejection(instance.address, not undo))
    if changed:
        now.write(lock)
    return tuple(changed)


def _with(instance: Instance, lock: Lock, now: ProjectState, note: str) -> Lock:
    outputs, key = now.outputs.get(instance.address), now.keys.get(instance.address, "")
    known = {decision.key for decision in lock.block(instance.address).rejected}
    if outputs is None and key in known:
        return lock
    if outputs is None:
        raise now.lacks(instance, "reject")
    decision = Decision("reject", digest=keys.result(outputs), key=key, note=note)
    return lock.with_decision(instance.address, signed(decision, now.graph.path.parent))


def _without(instance: Instance, lock: Lock) -> Lock:
    block = lock.block(instance.address)
    return lock.with_block(instance.address, block.without(*block.rejected))
