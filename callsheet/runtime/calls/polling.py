"""When to look again whether a paid request is done.

Before anything is known of an endpoint, the pause grows with the time waited. Once some of its requests
have ended, nothing is asked until about the time they took, and often around it. With hundreds waiting, each
asks less often: the first of them that is over tells of all.
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
"""The longest pause in seconds before the usual time, as far as there is no crowd."""
LONGEST_OF_MANY: Final = 120.0
"""The same in a crowd, and while nothing is known."""
EARLY: Final = 0.1
LATE: Final = 0.9
"""Between these quantiles of the past durations the end is near."""
NEAR: Final = (0.3, 1.5)
"""Shortest and longest pause in seconds while the end is near, as far as there is no crowd."""
SHARE: Final = 0.02
"""The pause as a share of the usual time near the end, and of the time waited when that is over."""
LOOKS: Final = 12
"""About so many looks while the end is near; in a crowd, `FEW`."""
FEW: Final = 2
FEW_ENOUGH: Final = 128
"""So many requests may wait before each of them is asked for less often."""
RATE: Final = 40.0
"""Looks a second, over all requests beyond `FEW_ENOUGH`."""
UNKNOWN_RATE: Final = 20.0
"""The same while nothing is known: it takes one of them to tell of all."""
OVERDUE: Final = 0.1
"""What a crowd can make the pause when the usual time is over, as a share of the time waited; and near the
end, half of it as a share of the usual time."""
SPREAD: Final = 0.4
"""How far the pauses of a crowd of which nothing is known differ, so that some soon see the first end."""
JITTER: Final = 0.1


def next_delay(waited: float, past: Sequence[float], waiting: int, rng: Random) -> float:
    """Seconds until the next look at a request accepted `waited` seconds ago.

    past: how long earlier requests to the endpoint took, in seconds. waiting: how many requests wait now.
    """
    many = max(0, waiting - FEW_ENOUGH)
    if not past:
        crowd = min(many / UNKNOWN_RATE, LONGEST_OF_MANY)
        return max(_growing(waited), crowd) * _jitter(rng, SPREAD if crowd > FIRST else JITTER)
    crowd = many / RATE
    ordered = sorted(past)
    early, late = _quantile(ordered, EARLY), _quantile(ordered, LATE)
    near = _near(early, late, crowd)
    if waited < early - near:
        longest = max(LONGEST, min(crowd, LONGEST_OF_MANY))
        return min(longest, early - waited) + near * rng.uniform(-0.5, 0.5)
    if waited <= late + near:
        return near * _jitter(rng)
    late_by = min(_growing(waited - late), waited * SHARE)
    return max(near, late_by, min(crowd, waited * OVERDUE)) * _jitter(rng)


def _growing(waited: float) -> float:
    return min(CAP, max(FIRST, waited * GROWTH))


def _near(early: float, late: float, crowd: float) -> float:
    shortest, longest = NEAR
    alone = min(longest, max(shortest, (late - early) / LOOKS, early * SHARE))
    return max(alone, min(crowd, max((late - early) / FEW, early * OVERDUE / 2)))


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _jitter(rng: Random, share: float = JITTER) -> float:
    return rng.uniform(1 - share, 1 + share)
