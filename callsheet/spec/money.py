"""Amounts of money that a person gives."""

from __future__ import annotations

import math
from typing import Final

from callsheet.errors import InputError

MOST: Final = 1_000_000_000.0
"""USD that a limit may be at most."""


def is_money(usd: float) -> bool:
    """Whether it is an amount that somebody may spend: finite, not negative, at most `MOST`."""
    return math.isfinite(usd) and 0 <= usd <= MOST


def require_money(usd: float, name: str) -> float:
    """`usd`, if it is an amount of money. name: of the option. Raises InputError."""
    if not is_money(usd):
        step = f"write USD from 0 to {MOST:,.0f}: {name} 2.50"
        raise InputError(f"{name} {usd:g} is no amount of money", step)
    return usd
