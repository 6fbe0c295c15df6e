"""Cancels pending requests of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callsheet.errors import CallsheetError
from callsheet.runtime.calls.pending import cancel_requests
from callsheet.runtime.graph.spelling import meant
from callsheet.runtime.runs import run_called
from callsheet.runtime.workspace import Workspace
from callsheet.spec.event_loop import complete


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What became of one request. problem: why it could not be cancelled, "" if it was. next_step: what to do
    then."""

    address: str
    request_id: str
    problem: str = ""
    next_step: str = ""


def cancel(
    workspace: Workspace,
    run: str | None = None,
    only: Sequence[str] = (),
    tell: Callable[[Cancelled], None] | None = None,
) -> tuple[Cancelled, ...]:
    """Cancel the pending requests of a run. Accepted ones may be billed all the same.

    run: its name; the newest when none is given. only: the addresses whose requests are cancelled, all when
    none is given. tell: called after each request.
    Raises InputError when there is no such run or another process owns the project.
    """
    found = run_called(workspace, run)
    return complete(_cancel(workspace, found.id, only, tell))


async def _cancel(
    workspace: Workspace, run: int, only: Sequence[str], tell: Callable[[Cancelled], None] | None
) -> tuple[Cancelled, ...]:
    done = []
    async with workspace.open_for_payment() as project:
        pending = await project.ledger.attempts("INTENT", "ACCEPTED", run=run)
        asked = {meant((attempt.address for attempt in pending), name) for name in only}
        chosen = [attempt for attempt in pending if not only or attempt.address in asked]
        async for attempt, outcome in cancel_requests(project, chosen):
            why = (outcome.message, outcome.next_step) if isinstance(outcome, CallsheetError) else ()
            done.append(Cancelled(attempt.address, attempt.request_id, *why))
            if tell is not None:
                tell(done[-1])
    return tuple(done)
