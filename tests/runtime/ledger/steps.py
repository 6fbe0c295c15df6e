"""Steps of an attempt, from whatever state it is in."""

from callsheet.runtime.ledger import Attempt, Change, Ledger, State


async def stepped(ledger: Ledger, attempt: int, to: State, change: Change | None = None) -> Attempt:
    """One step of an attempt, by somebody who has just looked at it."""
    return await ledger.advance(attempt, to, change, before=(await ledger.get(attempt)).state)
