"""What a new process does with the requests that the last one left unfinished.

    INTENT     nothing was sent: its own run sends it, any other run makes it anew
    SENDING    the process ended between the decision and the reply: UNKNOWN
    ACCEPTED   polled                      by the run that asks for the key, or by
    RESULT     its files are fetched       `callsheet resume`
    UNKNOWN    stays, until it is reconciled

While the run that an attempt belongs to is at work, no other one touches it. Only an owner may do this: of
the project, or of a film of it (see `callsheet.runtime.store.project_lock`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from callsheet import failpoints
from callsheet.runtime.ledger import UNFETCHED, Attempt, Change, Forbidden, Ledger

ENDED = "the process ended while the request was on its way"


async def recover(ledger: Ledger) -> Sequence[Attempt]:
    """Make every SENDING attempt UNKNOWN whose run is not at work; returns all that are UNKNOWN. May be
    repeated."""
    for attempt in await ledger.attempts("SENDING"):
        async with ledger.taken_over(attempt) as mine:
            if mine:
                with suppress(Forbidden):  # its run has ended only now, and knows what came of it
                    await in_doubt(ledger, attempt)
    return await ledger.attempts("UNKNOWN")


async def in_doubt(ledger: Ledger, attempt: Attempt) -> Attempt:
    """Make a SENDING attempt UNKNOWN whose process has ended. Raises Forbidden when it is SENDING no more."""
    failpoints.reach("resume.before_unknown")
    change = Change(error_kind="unknown", error=ENDED)
    attempt = await ledger.advance(attempt.id, "UNKNOWN", change, before="SENDING")
    failpoints.reach("resume.after_unknown")
    return attempt


async def unfetched(ledger: Ledger) -> Sequence[Attempt]:
    """Accepted attempts of any run whose results were not fetched yet: paid for, maybe no longer needed."""
    return await ledger.attempts(*UNFETCHED)
