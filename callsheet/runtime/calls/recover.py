"""What a new process does with the requests that the last one left unfinished.

    INTENT     nothing was sent: its own run sends it, any other run makes it anew
    SENDING    the process ended between the decision and the reply: UNKNOWN
    ACCEPTED   polled                      by the run that asks for the key, or by
    RESULT     its files are fetched       `callsheet resume`
    UNKNOWN    stays, until it is reconciled

Only the owner of the project may do this (see `callsheet.runtime.store.project_lock`).
"""

from __future__ import annotations

from collections.abc import Sequence

from callsheet import failpoints
from callsheet.runtime.ledger import UNFETCHED, Attempt, Change, Ledger

ENDED = "the process ended while the request was on its way"


async def recover(ledger: Ledger) -> Sequence[Attempt]:
    """Make every SENDING attempt UNKNOWN; returns all that are UNKNOWN. May be repeated."""
    for attempt in await ledger.attempts("SENDING"):
        failpoints.reach("resume.before_unknown")
        await ledger.advance(attempt.id, "UNKNOWN", Change(error_kind="unknown", error=ENDED))
        failpoints.reach("resume.after_unknown")
    return await ledger.attempts("UNKNOWN")


async def unfetched(ledger: Ledger) -> Sequence[Attempt]:
    """Accepted attempts of any run whose results were not fetched yet: paid for, maybe no longer needed."""
    return await ledger.attempts(*UNFETCHED)
