"""Requests that no run waits for: fetch their results, or cancel them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final

from callsheet.errors import CallsheetError, InputError
from callsheet.runtime.calls.buyer import Buyer, CallOptions
from callsheet.runtime.calls.patience import BRIEF, FetchRetry
from callsheet.runtime.calls.recover import unfetched
from callsheet.runtime.calls.session import Project
from callsheet.runtime.calls.store_files import StoreFiles
from callsheet.runtime.ledger import Attempt, Ledger

Outcome = Attempt | CallsheetError
AT_ONCE: Final = 16
"""Results that are fetched at once: one that keeps its run waiting keeps no other."""


async def fetch_pending(project: Project, brief: bool = False) -> AsyncIterator[tuple[Attempt, Outcome]]:
    """Fetch the result of every accepted request that no run has fetched, or is at work on.

    brief: ask a few times only, since a run that follows asks again.

    Yields each attempt with its new state, or with the error that stopped it.
    """
    limit = asyncio.Semaphore(AT_ONCE)

    async def fetched(attempt: Attempt) -> tuple[Attempt, Outcome] | None:
        async with limit, project.ledger.taken_over(attempt) as mine:
            return (attempt, await _outcome(project, attempt, BRIEF if brief else None)) if mine else None

    work = [asyncio.ensure_future(fetched(attempt)) for attempt in await unfetched(project.ledger)]
    try:
        for done in asyncio.as_completed(work):
            if (found := await done) is not None:
                yield found
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)


async def cancel_requests(
    project: Project, attempts: Sequence[Attempt]
) -> AsyncIterator[tuple[Attempt, Outcome]]:
    """Cancel requests that are not over yet. Accepted ones may be billed all the same.

    Yields each attempt with its new state, or with the error that stopped it.
    """
    for attempt in attempts:
        with project.store.workdir() as folder:
            try:
                await require_ended(project.ledger, attempt)
                files = project.files(project.queue(attempt), folder)
                yield attempt, await _buyer(project, attempt, files).caller.cancel(attempt)
            except CallsheetError as error:
                yield attempt, error


async def require_ended(ledger: Ledger, attempt: Attempt) -> None:
    """Raises InputError while the run of an attempt is at work, on this machine or another one: what a person
    decides about its requests would be done again by it."""
    if await ledger.alive(attempt.run):
        made = await ledger.maker(attempt.run)
        raise InputError(
            f"{attempt.address} is being made by {made}", "stop that run first, or wait for its end"
        )


async def _outcome(project: Project, attempt: Attempt, patience: FetchRetry | None) -> Outcome:
    with project.store.workdir() as folder:
        try:
            files = project.files(project.queue(attempt), folder)
            return await _buyer(project, attempt, files, patience).caller.finish(attempt)
        except CallsheetError as error:
            return error


def _buyer(
    project: Project, attempt: Attempt, files: StoreFiles, patience: FetchRetry | None = None
) -> Buyer:
    return Buyer(project.queue(attempt), project.ledger, files, CallOptions(attempt.run, patience=patience))
