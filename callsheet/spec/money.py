"""Amounts of money: which a person may give, and how they are written."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final

from callsheet.errors import InputError

MOST: Final = 1_000_000_000.0
"""USD that a limit may be at most."""
SPECK: Final = 1e-9
"""USD by which a binary fraction is less than what it stands for, at most: 1.025 is stored as 1.02499…"""
WRITTEN: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")


def is_money(usd: float) -> bool:
    """Whether it is an amount that somebody may spend: finite, not negative, at most `MOST`."""
    return math.isfinite(usd) and 0 <= usd <= MOST


def require_money(usd: float, name: str, written: str = "") -> float:
    """`usd`, if it is an amount of money. name: of the option. written: how the person wrote it. Raises
    InputError."""
    if not is_money(usd):
        step = f"write USD from 0 to {MOST:,.0f}: {name} 2.50"
        raise InputError(f"{name} {written or f'{usd:g}'} is no amount of money", step)
    return usd


def parse_money(text: str, name: str) -> float:
    """The USD that a person wrote, in the digits 0 to 9. Raises InputError."""
    written = text.strip()
    if WRITTEN.fullmatch(written) is None:
        raise InputError(f"{name} {text} is no amount of money", f"write USD as a number: {name} 2.50")
    return require_money(float(written), name, written)


def money(usd: float) -> str:
    """`$1,234.50`: in cents; in tenths of a cent, or exactly, where that would hide the sum. Half a cent
    counts as one, although it may be stored as a little less."""
    if 0 < usd < 0.01:
        return f"${usd:.3f}" if usd >= 0.001 else exact(usd)
    return f"${usd + SPECK:,.2f}"


def exact(usd: float) -> str:
    """`$0.10`, `$0.045`: two decimals, and up to six where they say something."""
    whole, _, cents = f"{usd:,.6f}".rstrip("0").partition(".")
    return f"${whole}.{cents:0<2}"


def span(low: float, high: float) -> str:
    """`$0.40`, or `$0.40 to $1.20` where it is open."""
    return money(high) if money(low) == money(high) else f"{money(low)} to {money(high)}"


def telling(first: float, second: float) -> Callable[[float], str]:
    """How to write two sums so that their difference is seen: with `money` if that shows it, else `exact`."""
    return money if money(first) != money(second) else exact
