"""When to look again whether a paid request is done.

Before anything is known of an endpoint, the pause grows with the time waited. Once some of its requests
have ended, nothing is asked until about the time they took, and often around it. With thousands waiting,
each asks less often where that costs little, so that all together stay near a fixed rate.
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
"""The longest pause in seconds while nothing is known, and when the usual time is over."""
LONGEST: Final = 60.0
"""The longest pause in seconds before the usual time."""
EARLY: Final = 0.1
LATE: Final = 0.9
"""Between these quantiles of the past durations the end is near."""
NEAR: Final = (0.3, 1.5)
"""Shortest and longest pause in seconds while the end is near, as far as there is no crowd."""
SHARE: Final = 0.02
"""The pause as a share of the usual time near the end, and of the time waited when that is over."""
LOOKS: Final = 12
"""About so many looks while the end is near; in a crowd, `FEW`."""
FEW: Final = 3
RATE: Final = 250.0
"""Looks a second over all requests that wait, in a crowd."""
OVERDUE: Final = 5.0
"""What a crowd can make the pause, in seconds, when the usual time is over."""
JITTER: Final = 0.1


def next_delay(waited: float, past: Sequence[float], waiting: int, rng: Random) -> float:
    """Seconds until the next look at a request accepted `waited` seconds ago.

    past: how long earlier requests to the endpoint took, in seconds. waiting: how many requests wait now.
    """
    crowd = waiting / RATE
    if not past:
        return max(_growing(waited), crowd) * _jitter(rng)
    ordered = sorted(past)
    early, late = _quantile(ordered, EARLY), _quantile(ordered, LATE)
    near = _near(early, late, crowd)
    if waited < early - near:
        return min(LONGEST, early - waited) + near * rng.uniform(-0.5, 0.5)
    if waited <= late + near:
        return near * _jitter(rng)
    late_by = min(_growing(waited - late), waited * SHARE)
    return max(near, late_by, min(crowd, OVERDUE)) * _jitter(rng)


def _growing(waited: float) -> float:
    return min(CAP, max(FIRST, waited * GROWTH))


def _near(early: float, late: float, crowd: float) -> float:
    shortest, longest = NEAR
    alone = min(longest, max(shortest, (late - early) / LOOKS, early * SHARE))
    return max(alone, min(crowd, (late - early) / FEW))


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _jitter(rng: Random) -> float:
    return rng.uniform(1 - JITTER, 1 + JITTER)
