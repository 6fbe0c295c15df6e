"""How much credit the accounts have left that a run would pay with. A run never fails for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from callsheet.errors import CallsheetError
from callsheet.nodes import providers
from callsheet.nodes.queue.bills import TellsBalance
from callsheet.runtime.prepare import Prepared
from callsheet.spec.event_loop import complete

SECONDS: Final = 3.0
"""Seconds that a provider has to tell it."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Credit of one account, in USD."""

    provider: str
    usd: float


def balances(prepared: Prepared, seconds: float = SECONDS) -> list[Balance]:
    """The credit at each provider that a run would buy from, as far as it tells within `seconds`."""
    if not prepared.paid or (not prepared.plan.cost.worst and not prepared.plan.cost.unpriced):
        return []
    return complete(_balances(prepared.paid, seconds))


async def _balances(names: tuple[str, ...], seconds: float) -> list[Balance]:
    found = await asyncio.gather(*(_balance(name, seconds) for name in names))
    return [balance for balance in found if balance is not None]


async def _balance(name: str, seconds: float) -> Balance | None:
    try:
        queue = providers.queue_of(name)
    except CallsheetError:
        return None
    try:
        async with asyncio.timeout(seconds):
            usd = await queue.balance() if isinstance(queue, TellsBalance) else None
    except (CallsheetError, TimeoutError):
        return None
    finally:
        await queue.close()
    return None if usd is None else Balance(name, usd)
