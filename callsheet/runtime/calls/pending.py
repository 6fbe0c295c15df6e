"""Bringing home what was paid for and not fetched, and calling back what is not wanted any more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from callsheet.errors import CallsheetError
from callsheet.runtime.calls import Gate, leftovers
from callsheet.runtime.calls.buyer import Buyer
from callsheet.runtime.calls.session import Project
from callsheet.runtime.calls.store_files import StoreShelf
from callsheet.runtime.ledger import Attempt

Outcome = Attempt | CallsheetError


async def bring_home(project: Project) -> AsyncIterator[tuple[Attempt, Outcome]]:
    """Fetch every accepted request that no run has fetched; each attempt with what came of it."""
    for attempt in await leftovers(project.ledger):
        if attempt.provider in project.queues:
            yield attempt, await _outcome(project, attempt)


async def call_back(project: Project, attempts: Sequence[Attempt]) -> AsyncIterator[tuple[Attempt, Outcome]]:
    """Cancel requests that are not over yet; what was accepted may be billed all the same."""
    for attempt in attempts:
        with project.store.workdir() as folder:
            buyer = _buyer(project, attempt, project.shelf(project.queues[attempt.provider], folder))
            try:
                yield attempt, await buyer.caller.cancel(attempt)
            except CallsheetError as error:
                yield attempt, error


async def _outcome(project: Project, attempt: Attempt) -> Outcome:
    with project.store.workdir() as folder:
        shelf = project.shelf(project.queues[attempt.provider], folder)
        try:
            return await _buyer(project, attempt, shelf).caller.bring_home(attempt)
        except CallsheetError as error:
            return error


def _buyer(project: Project, attempt: Attempt, shelf: StoreShelf) -> Buyer:
    queue = project.queues[attempt.provider]
    return Buyer(queue, project.ledger, shelf, Gate(), attempt.run, 1, lambda *_: None)
