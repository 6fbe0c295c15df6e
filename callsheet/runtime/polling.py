"""When to look again whether a paid request is done.

Before anything is known of an endpoint, the pause grows with the time waited. Once some of its requests
have ended, little is asked before the time they took, and often around it. With thousands waiting, each
asks less often, so that all together stay below a fixed rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

FIRST: Final = 0.5
"""Seconds until the first look, when nothing is known."""
GROWTH: Final = 0.35
"""The pause as a share of the time waited, when nothing is known or the usual time is over."""
CAP: Final = 15.0
"""The longest pause in seconds."""
EARLY: Final = 0.1
LATE: Final = 0.9
"""Between these quantiles of the past durations the end is near."""
NEAR: Final = (0.4, 2.0)
"""Shortest and longest pause in seconds while the end is near."""
LOOKS: Final = 12
"""About so many looks while the end is near."""
RATE: Final = 250.0
"""Looks a second at most, over all requests that wait."""
JITTER: Final = 0.1


def next_delay(waited: float, past: Sequence[float], waiting: int, rng: Random) -> float:
    """Seconds until the next look at a request accepted `waited` seconds ago.

    past: how long earlier requests to the endpoint took, in seconds. waiting: how many requests wait now.
    """
    pause = _expected(waited, sorted(past)) if past else _growing(waited)
    crowded = max(pause, waiting / RATE)
    return crowded * rng.uniform(1 - JITTER, 1 + JITTER)


def _growing(waited: float) -> float:
    return min(CAP, max(FIRST, waited * GROWTH))


def _expected(waited: float, past: Sequence[float]) -> float:
    early, late = _quantile(past, EARLY), _quantile(past, LATE)
    shortest, longest = NEAR
    near = min(longest, max(shortest, (late - early) / LOOKS, early * 0.02))
    if waited < early - near:
        return min(CAP, max(near, (early - waited) * 0.9))
    return near if waited <= late + near else min(CAP, near + _growing(waited - late))


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
