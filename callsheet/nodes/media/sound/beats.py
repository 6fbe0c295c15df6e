"""Finds the beats of music.

The tempo is the lag at which the onsets repeat themselves best, with tempos near 130 preferred among those
that differ by a factor of two. The beats are the chain of onsets that is strongest and most even at that
tempo, found by dynamic programming. Each beat is then put where its onset begins. Music that a machine keeps
in time gets an exact grid.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log, log2
from operator import add, mul
from statistics import median
from typing import Final

from callsheet.nodes.media.sound.onsets import RATE, Rises, onsets, place

COARSE: Final = 100
"""Steps in a second in which tempo and beats are looked for."""
MERGED: Final = RATE // COARSE
SLOWEST, FASTEST = 40.0, 240.0
"""Beats a minute that are looked for."""
LIKELY: Final = 130.0
WIDE, NARROW = 1.0, 0.12
"""Octaves around the likely tempo, or around the one that is asked for, in which a tempo is likely. Of 48
pieces made by chance, 39 are right with these, and 7 half or twice as fast."""
BARS: Final = 4
"""Multiples of a lag at which the onsets must come again."""
BLUR: Final = 3
"""Steps by which the onsets of people come early or late."""
EVEN: Final = 120.0
"""How much the beats are held to an even distance, against the strength of their onsets."""
NEAR: Final = 0.035
"""Seconds around a beat in which its onset is looked for."""
ON_GRID: Final = 0.005
"""Median distance in seconds of the onsets from an even grid below which a machine kept the time."""
LEAST_ECHO: Final = 0.1
"""How well the onsets repeat themselves at the tempo at least, 1 for exactly: below, there is no beat."""
CLEAR: Final = 0.3
"""Share of the usual strength that the onset of a beat has at least to place it."""
ENOUGH: Final = 4
"""Beats that are needed to speak of a beat."""


@dataclass(frozen=True, slots=True)
class Beats:
    """The beats of a sound. times: in seconds, rising. period: seconds from one to the next. accents: how
    strongly each begins in the bass, in parts of the strongest."""

    times: tuple[float, ...]
    period: float
    accents: tuple[float, ...]


def beats(found: Rises, bpm: float | None = None) -> Beats | None:
    """The beats of a sound; None where nothing in it repeats. bpm: about how many a minute there are."""
    if len(onsets(found.all)) < ENOUGH:
        return None
    strength = array("f", map(add, _coarse(found.all), _coarse(found.low)))
    lag = _lag(strength, bpm)
    if lag is None:
        return None
    chain = _chain(strength, lag)
    if len(chain) < ENOUGH:
        return None
    placed = _placed(found.all, [step / COARSE for step in chain])
    period = (placed[-1] - placed[0]) / (len(placed) - 1)
    times = _from_the_beginning(placed)
    accents = [_strongest(found.low, time)[1] for time in times]
    most = max(accents) or 1.0
    return Beats(tuple(times), period, tuple(accent / most for accent in accents))


def _coarse(rise: Sequence[float]) -> array[float]:
    """The rises in steps of 10 ms, above the usual of a second around each, with a spread of 1."""
    merged = [sum(rise[i : i + MERGED]) for i in range(0, len(rise), MERGED)]
    sums = [0.0]
    for value in merged:
        sums.append(sums[-1] + value)
    half, count = COARSE // 2, len(merged)
    above = []
    for i, value in enumerate(merged):
        first, end = max(0, i - half), min(count, i + half)
        above.append(max(0.0, value - (sums[end] - sums[first]) / max(1, end - first)))
    spread = (sum(map(mul, above, above)) / max(1, count)) ** 0.5
    return array("f", [value / spread for value in above] if spread else above)


def _lag(strength: Sequence[float], bpm: float | None) -> float | None:
    """Steps from one beat to the next; None where the onsets do not repeat themselves."""
    slowest, fastest = round(60 / SLOWEST * COARSE), round(60 / FASTEST * COARSE)
    echo = _echo(strength, BARS * slowest)
    middle, octaves = (bpm, NARROW) if bpm else (LIKELY, WIDE)
    best, most, clear = None, 0.0, 0.0
    for lag in range(fastest, slowest + 1):
        again = sum(max(echo[lag * k - 1 : lag * k + 2], default=0.0) for k in range(1, BARS + 1)) / BARS
        score = again * exp(-0.5 * (log2(60 * COARSE / lag / middle) / octaves) ** 2)
        if score > most:
            best, most, clear = lag, score, again
    return None if best is None or clear < LEAST_ECHO else _between(echo, best)


def _echo(strength: Sequence[float], last: int) -> list[float]:
    """How much the onsets are like themselves at each lag up to `last`, 1 for exactly."""
    around = range(-BLUR, BLUR + 1)
    spread = [0.0] * BLUR + list(strength) + [0.0] * BLUR
    blurred = [
        sum((BLUR + 1 - abs(k)) * spread[i + k] for k in around) for i in range(BLUR, len(spread) - BLUR)
    ]
    mean = sum(blurred) / max(1, len(blurred))
    level = [value - mean for value in blurred]
    whole = sum(map(mul, level, level)) / max(1, len(level))
    if not whole:
        return []
    count = len(level)
    return [sum(map(mul, level, level[lag:])) / (count - lag) / whole for lag in range(min(last + 2, count))]


def _between(values: Sequence[float], peak: int) -> float:
    """The place of a peak, between the steps."""
    if not 0 < peak < len(values) - 1:
        return float(peak)
    before, here, after = values[peak - 1 : peak + 2]
    bend = before - 2 * here + after
    return peak + 0.5 * (before - after) / bend if bend < 0 else float(peak)


def _chain(strength: Sequence[float], lag: float) -> list[int]:
    """The strongest and most even chain of steps, about `lag` apart."""
    gaps = range(max(1, round(lag / 2)), round(lag * 2) + 1)
    prices = [-EVEN * log(gap / lag) ** 2 for gap in gaps]
    scores: list[float] = []
    before: list[int] = []
    for i, own in enumerate(strength):
        near = scores[max(0, i - gaps.stop + 1) : max(0, i - gaps.start + 1)][::-1]
        best, gap = max(((a + b, g) for a, b, g in zip(near, prices, gaps, strict=False)), default=(0.0, 0))
        scores.append(own + max(0.0, best))
        before.append(i - gap if best > 0 else -1)
    tail = max(0, len(scores) - round(lag))
    at = max(range(tail, len(scores)), key=scores.__getitem__, default=-1)
    chain = []
    while at >= 0:
        chain.append(at)
        at = before[at]
    return chain[::-1]


def _placed(rise: Sequence[float], rough: Sequence[float]) -> list[float]:
    """Each beat where its onset begins; those without one between their neighbours."""
    near = [_strongest(rise, time) for time in rough]
    clear = CLEAR * median(height for _, height in near)
    anchors = [(i, time) for i, (time, height) in enumerate(near) if height > clear]
    if len(anchors) < ENOUGH:
        return list(rough)
    grid = _line(anchors)
    if median(_off(grid, anchor) for anchor in anchors) <= ON_GRID:
        grid = _line([anchor for anchor in anchors if _off(grid, anchor) <= 2 * ON_GRID])
        return [grid[0] + grid[1] * i for i in range(len(rough))]
    return _filled(anchors, len(rough))


def _from_the_beginning(times: Sequence[float]) -> list[float]:
    """The beats in the sound. One that is just before its beginning begins with it."""
    return [max(0.0, time) for time in times if time > -NEAR]


def _strongest(rise: Sequence[float], time: float) -> tuple[float, float]:
    """The place of the strongest onset near a time, and its strength."""
    first, end = max(0, round((time - NEAR) * RATE)), min(len(rise), round((time + NEAR) * RATE) + 1)
    peak = max(range(first, end), key=rise.__getitem__, default=0)
    return place(rise, peak), rise[peak] if peak < len(rise) else 0.0


def _line(anchors: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """The even grid that is nearest to the beats of these numbers: its time for number 0, and its period."""
    count = len(anchors)
    middle = sum(i for i, _ in anchors) / count
    height = sum(time for _, time in anchors) / count
    spread = sum((i - middle) ** 2 for i, _ in anchors)
    period = sum((i - middle) * (time - height) for i, time in anchors) / (spread or 1.0)
    return height - period * middle, period


def _off(grid: tuple[float, float], anchor: tuple[int, float]) -> float:
    return abs(grid[0] + grid[1] * anchor[0] - anchor[1])


def _filled(anchors: Sequence[tuple[int, float]], count: int) -> list[float]:
    """The times of all beats, evenly between those that are known."""
    (a, first), (b, last) = anchors[0], anchors[-1]
    period = (last - first) / max(1, b - a)
    before, after = (-1, first - (a + 1) * period), (count, last + (count - b) * period)
    times: list[float] = []
    for (i, early), (j, late) in pairwise([before, *anchors, after]):
        times += [early + (late - early) * k / (j - i) for k in range(j - i)]
    return times[1:]
