"""Resolves requests whose outcome is unknown: by a look-up at the provider, or by a person's decision."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from callsheet.errors import InputError, NodeError
from callsheet.runtime.calls import reconcile as calls
from callsheet.runtime.calls.reconcile import GRACE, Finding
from callsheet.runtime.calls.session import Project
from callsheet.runtime.ledger import Attempt
from callsheet.runtime.workspace import Workspace

Decision = Literal["adopt", "lost", "pay again"]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a look-up found. findings: one for each request that was looked up. problems: provider → why its
    requests could not be looked up. unknown: the requests whose outcome is still unknown."""

    unknown: tuple[Attempt, ...]
    findings: tuple[Finding, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)


def reconcile(workspace: Workspace, grace: float = GRACE) -> Reconciled:
    """Look up every request whose outcome is unknown, and act on what is proven.

    grace: seconds after which a request that the provider does not list counts as never accepted.
    Raises InputError when nothing was ever bought or another process owns the project.
    """
    workspace.require_ledger()
    return asyncio.run(_look_up(workspace, grace))


def decide(workspace: Workspace, address: str, decision: Decision, request_id: str = "") -> Reconciled:
    """Resolve the newest request of `address` whose outcome is unknown, as a person says.

    decision: "adopt" says that `request_id` is this request, so the next run fetches it; "lost" gives it up,
    it stays counted as spent; "pay again" lets the next run send it again, though it may be paid twice.
    Raises InputError when there is no such request, `request_id` belongs to another one, nothing was ever
    bought or another process owns the project.
    """
    workspace.require_ledger()
    return asyncio.run(_decide(workspace, address, decision, request_id))


async def _look_up(workspace: Workspace, grace: float) -> Reconciled:
    findings: list[Finding] = []
    problems: dict[str, str] = {}
    async with workspace.open_for_payment() as project:
        for queue in project.queues.values():
            try:
                findings += await calls.reconcile(project.ledger, queue, time.time(), grace)
            except NodeError as error:
                problems[queue.name] = error.message
        unknown = await project.ledger.attempts("UNKNOWN")
    return Reconciled(tuple(unknown), tuple(findings), problems)


async def _decide(workspace: Workspace, address: str, decision: Decision, request_id: str) -> Reconciled:
    async with workspace.open_for_payment() as project:
        attempt = await _newest(project, address)
        match decision:
            case "adopt":
                await calls.adopt(project.ledger, attempt, request_id)
            case "lost":
                await calls.declare_lost(project.ledger, attempt)
            case "pay again":
                await calls.pay_again(project.ledger, attempt)
        unknown = await project.ledger.attempts("UNKNOWN")
    return Reconciled(tuple(unknown))


async def _newest(project: Project, address: str) -> Attempt:
    found = [a for a in await project.ledger.attempts("UNKNOWN", "LOST", "FAILED") if a.address == address]
    if not found:
        raise InputError(
            f"there is no request of {address} with an unknown outcome", "`callsheet reconcile` lists them"
        )
    return found[-1]
