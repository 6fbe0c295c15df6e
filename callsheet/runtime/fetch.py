"""Fetches the results of requests that are paid for, and that no run has fetched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from callsheet.errors import CallsheetError
from callsheet.runtime.calls.pending import fetch_pending
from callsheet.runtime.ledger import Attempt
from callsheet.runtime.store.os_lock import InUse
from callsheet.runtime.workspace import Workspace
from callsheet.spec.document import Document
from callsheet.spec.event_loop import complete


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of one request. problem: why its result could not be fetched, "" if it was. next_step: what
    to do then."""

    address: str
    request_id: str
    problem: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class FetchedAll(Document):
    """What was fetched, and the requests whose outcome is unknown."""

    ALSO = ("ok",)

    requests: tuple[Fetched, ...]
    unknown: tuple[Attempt, ...]

    @property
    def ok(self) -> bool:
        """Whether every result was fetched."""
        return not any(request.problem for request in self.requests)


def fetch(
    workspace: Workspace, tell: Callable[[Fetched], None] | None = None, brief: bool = False
) -> FetchedAll:
    """Fetch every result that is paid for. Sends no new request.

    tell: called after each request. brief: ask a few times only, since a run follows. That run fetches what
    it needs itself, so it is no hindrance then that another film is made meanwhile.

    Raises InUse when a run is at work in the project.
    """
    try:
        return complete(_fetch(workspace, tell, brief))
    except InUse:
        if not brief:
            raise
        return FetchedAll((), ())


async def _fetch(workspace: Workspace, tell: Callable[[Fetched], None] | None, brief: bool) -> FetchedAll:
    done = []
    async with workspace.open_for_payment() as project:
        async for attempt, outcome in fetch_pending(project, brief):
            failed = outcome if isinstance(outcome, CallsheetError) else None
            why = (failed.message, failed.next_step) if failed else ()
            done.append(Fetched(attempt.address, attempt.request_id, *why))
            if tell is not None:
                tell(done[-1])
        unknown = await project.ledger.attempts("UNKNOWN")
    return FetchedAll(tuple(done), tuple(unknown))
