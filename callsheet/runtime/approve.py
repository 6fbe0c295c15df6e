"""Approves results that later nodes wait for, or takes approvals back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callsheet.dsl.graph import Graph, Instance
from callsheet.errors import InputError
from callsheet.runtime import keys
from callsheet.runtime.lock import Decision
from callsheet.runtime.lock.author import signed
from callsheet.runtime.project_state import ProjectState, project_state
from callsheet.runtime.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Approval:
    """A decision about one result. approved: false for an approval that was taken back."""

    address: str
    approved: bool


def approve(
    workspace: Workspace,
    graph: Graph,
    addresses: Sequence[str] = (),
    undo: bool = False,
    note: str = "",
    store: str = "",
) -> tuple[Approval, ...]:
    """Approve the results at `addresses` as they are now, and write that into the lock file.

    addresses: of instances or nodes with `approve: true`; all of them that are made when none is named.
    undo: take the approvals back. note: why, in a few words; it stands beside each approval.
    store: the folder or URL of a shared store, whose results count.
    An approval is for one result: a new result has to be approved again.

    Returns only what changed. Raises InputError for an address where nothing waits or nothing is made,
    PipelineError for a lock file that cannot be read, StoreError.
    """
    now = project_state(graph, workspace, store=store)
    lock, changed = now.lock, []
    for instance in _meant(now, addresses):
        block = lock.block(instance.address)
        if undo:
            left = block.without(*(d for d in block.decisions if d.kind == "approve"))
            if left == block:
                continue
            lock = lock.with_block(instance.address, left)
        else:
            digest = _digest(instance, now, asked_for=bool(addresses))
            if digest is None or digest in block.approved:
                continue
            said = signed(Decision("approve", digest=digest, note=note), graph.path.parent)
            lock = lock.with_decision(instance.address, said)
        changed.append(Approval(instance.address, approved=not undo))
    if changed:
        now.write(lock)
    return tuple(changed)


def _meant(now: ProjectState, addresses: Sequence[str]) -> list[Instance]:
    """The gates that are meant; all of them without addresses. Raises InputError for what is no gate."""
    if not addresses:
        return [i for i in now.graph.instances.values() if i.is_gate]
    found = now.named(addresses)
    for instance in found:
        if not instance.is_gate:
            raise InputError(f"no node waits for an approval of {instance.address}", _advice(instance))
    return found


def _advice(instance: Instance) -> str:
    if not instance.options.approve:
        return f"add `approve: true` to the node {instance.node} if its results should be approved"
    return f"another take of {instance.base} counts; `callsheet pick` makes this one count"


def _digest(instance: Instance, now: ProjectState, asked_for: bool) -> str | None:
    """The digest of the result; None for one that is not made, if nobody asked for it."""
    outputs = now.outputs.get(instance.address)
    if outputs is not None:
        return keys.result(outputs)
    if not asked_for:
        return None
    raise now.lacks(instance, "approve")
