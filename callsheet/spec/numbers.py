"""Which numbers a pipeline may hold."""

from __future__ import annotations

import math
from typing import Final

LARGEST: Final = 10**300
"""Numbers stay below, so that a whole one is never too large for arithmetic with fractions."""


def usable(number: float) -> bool:
    """Whether a number can be calculated with: not infinite, not nan, and not of hundreds of digits."""
    return abs(number) < LARGEST if isinstance(number, int) else math.isfinite(number)
