"""Reads how much credit fal's account has left.

    GET /v1/account/billing?expand=credits
    {"username": …, "credits": {"current_balance": 24.5, "currency": "USD"}}

The key needs to be allowed to read billing. The platform API does not tell how many requests may run at once.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Final

from callsheet.nodes.fal.hosts import Hosts
from callsheet.nodes.fal.listing import json_of
from callsheet.nodes.http.message import Call, Reply

PATH: Final = "/v1/account/billing?expand=credits"
SECONDS: Final = 10.0
MOST: Final = 1e12


async def balance(hosts: Hosts, api: Callable[[Call], Awaitable[Reply]]) -> float | None:
    """USD of credit; None where the reply tells none, or another currency. Raises QueueError, NodeError."""
    found = json_of(await api(Call("GET", f"{hosts.platform}{PATH}", seconds=SECONDS))).get("credits")
    if not isinstance(found, dict) or found.get("currency", "USD") != "USD":
        return None
    return _amount(found.get("current_balance"))


def _amount(value: object) -> float | None:
    """A number, or one written as text; an account may be in debt."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        usd = float(value)
    except ValueError:
        return None
    return usd if math.isfinite(usd) and abs(usd) < MOST else None
