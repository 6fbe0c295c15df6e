"""Resolves requests whose outcome is unknown: by a look-up at the provider, or by a person's decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from callsheet.errors import InputError, NodeError
from callsheet.runtime.bills import Bills, bills
from callsheet.runtime.calls import reconcile as calls
from callsheet.runtime.calls.clock import Clock
from callsheet.runtime.calls.errors import NotInstalled
from callsheet.runtime.calls.pending import require_ended
from callsheet.runtime.calls.reconcile import ADOPTING, GIVING_UP, GRACE, PAYING_AGAIN, Finding
from callsheet.runtime.calls.session import Project
from callsheet.runtime.graph.spelling import meant
from callsheet.runtime.ledger import LIVE, UNFETCHED, Attempt, State
from callsheet.runtime.workspace import Workspace
from callsheet.spec.document import Document
from callsheet.spec.event_loop import complete

Decision = Literal["adopt", "lost", "pay again"]
STATES: Final[Mapping[Decision, tuple[State, ...]]] = {
    "adopt": ADOPTING,
    "lost": GIVING_UP,
    "pay again": PAYING_AGAIN,
}


@dataclass(frozen=True, slots=True)
class Reconciled(Document):
    """What a look-up found. findings: one for each request that was looked up. problems: provider → why its
    requests could not be looked up. unknown: the requests whose outcome is still unknown. unfetched: those
    that are paid, and whose results are not here yet. bills: those that came with the look-up."""

    unknown: tuple[Attempt, ...]
    unfetched: tuple[Attempt, ...]
    findings: tuple[Finding, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    bills: Bills = field(default_factory=Bills)


def reconcile(workspace: Workspace, grace: float = GRACE) -> Reconciled:
    """Look up every request whose outcome is unknown, act on what is proven, and read the bills.

    grace: seconds after which a request that the provider does not list counts as never accepted.
    Raises InputError when nothing was ever bought or another process owns the project.
    """
    workspace.require_ledger()
    return complete(_look_up(workspace, grace))


def decide(
    workspace: Workspace, address: str, decision: Decision, request_id: str = "", unseen: bool = False
) -> Reconciled:
    """Resolve the newest request of `address` whose outcome is unknown, or that is paid and not fetched, as a
    person says.

    decision: "adopt" says that `request_id` is this request, so the next run fetches it; the provider is
    asked first whether it has it, and whether it asked for the same (unseen: also when it does not tell).
    "lost" gives it up, it stays counted as spent; "pay again" lets the next run send it again, though it may
    be paid twice. Raises InputError when there is no such request, `request_id` is another one, nothing was
    ever bought or another process owns the project; QueueError when the provider does not answer.
    """
    workspace.require_ledger()
    return complete(_decide(workspace, address, decision, request_id, unseen))


async def _look_up(workspace: Workspace, grace: float) -> Reconciled:
    findings: list[Finding] = []
    problems: dict[str, str] = {}
    async with workspace.open_for_payment() as project:
        for queue in project.queues.values():
            try:
                findings += await calls.reconcile(project.ledger, queue, Clock(), grace)
            except NodeError as error:
                problems[queue.name] = error.message
        for attempt in await project.ledger.attempts("UNKNOWN", *UNFETCHED):
            try:
                project.queue(attempt)
            except NotInstalled as error:
                problems[attempt.provider] = f"{error.message}; {error.next_step}"
        left = await _left(project, findings, problems)
        return replace(left, bills=await bills(project))


async def _left(
    project: Project, findings: Sequence[Finding] = (), problems: Mapping[str, str] | None = None
) -> Reconciled:
    """What is left to be resolved or fetched."""
    unknown, unfetched = await project.ledger.attempts("UNKNOWN"), await project.ledger.attempts(*UNFETCHED)
    return Reconciled(tuple(unknown), tuple(unfetched), tuple(findings), problems or {})


async def _decide(
    workspace: Workspace, address: str, decision: Decision, request_id: str, unseen: bool
) -> Reconciled:
    async with workspace.open_for_payment() as project:
        attempt = await _newest(project, address, decision)
        await require_ended(project.ledger, attempt)
        match decision:
            case "adopt":
                await calls.adopt(project.ledger, project.queue(attempt), attempt, request_id, unseen)
            case "lost":
                await calls.declare_lost(project.ledger, attempt)
            case "pay again":
                await calls.pay_again(project.ledger, attempt)
        return await _left(project)


async def _newest(project: Project, address: str, decision: Decision) -> Attempt:
    """The request of `address` that a decision is about: one that is not over, or else the newest."""
    states = STATES[decision]
    every = await project.ledger.attempts(*states)
    asked = meant((a.address for a in every), address)
    found = [a for a in every if a.address == asked]
    if not found:
        raise InputError(
            f"there is no request of {address} whose outcome is unknown, or that is paid and not fetched",
            "`callsheet reconcile` lists them",
        )
    return max(found, key=lambda attempt: (attempt.state in LIVE, attempt.id))
