"""Finds where sounds begin: moments in which the power of a band of frequencies rises."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import log1p
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.sound.signal import samples_of, squared

if TYPE_CHECKING:
    from av import AudioFrame
    from av.filter import FilterContext, Graph

RATE: Final = 500
"""Measured values in a second."""
SPLITS: Final = (200, 800, 3200)
"""Frequencies in hertz between the bands that are listened to."""
LIFT: Final = 1e4
"""Power in parts of the loudest at which a band begins to be counted by its logarithm: 40 dB below it."""
RISE: Final = 5
"""Steps in which a rise is measured."""
AROUND: Final = RATE // 2
"""Steps on each side from which the usual strength at a place is taken."""
NEAREST: Final = RATE // 20
"""Steps between two onsets at least."""
CLEAR: Final = 0.12
"""Share of the strongest rise that an onset has at least."""
TIMES: Final = 3
"""How many times as strong as the usual rise around it an onset is at least."""
SPREAD: Final = 4
"""Steps on each side over which a rise is spread."""
LATE: Final = 1.0
"""Steps by which the middle of a rise comes too early: a logarithm sees the first part of it most. Measured
with clicks, drums, tones and noise that begin at once; each is then within 1 ms of its place."""


@dataclass(frozen=True, slots=True)
class Rises:
    """How much the power rises at each step, all bands together, and in the lowest band alone."""

    all: array[float]
    low: array[float]


def rises(frames: Iterable[AudioFrame]) -> Rises:
    """The rises of a sound in the fixed form."""
    bands = samples_of(sound.woven([frames], _split, form=()))
    if not bands or not any(map(max, bands)):
        return Rises(array("f"), array("f"))
    loudest = max(map(max, bands))
    each = [_rise(band, max(max(band), loudest / LIFT)) for band in bands]
    return Rises(array("f", map(sum, zip(*each, strict=True))), each[0])


def place(rise: Sequence[float], peak: int) -> float:
    """The time in seconds of a rise whose highest step is `peak`."""
    steps = range(max(0, peak - SPREAD), min(len(rise), peak + SPREAD + 1))
    weight = sum(rise[i] for i in steps)
    middle = sum(i * rise[i] for i in steps) / weight if weight else peak
    return max(0.0, (middle + LATE) / RATE)


def onsets(rise: Sequence[float]) -> list[float]:
    """The times in seconds at which something begins to sound."""
    return [place(rise, peak) for peak in _peaks(rise)]


def _peaks(rise: Sequence[float]) -> Iterator[int]:
    """Steps with a rise that is clear, higher than any near it, and than the usual one around it."""
    least = CLEAR * max(rise, default=0.0)
    sums = [0.0, *accumulate(rise)]
    last = -NEAREST
    for i, height in enumerate(rise):
        if height <= least or i - last < NEAREST or height < max(rise[max(0, i - NEAREST) : i + NEAREST]):
            continue
        first, end = max(0, i - AROUND), min(len(rise), i + AROUND)
        if height > TIMES * (sums[end] - sums[first]) / (end - first):
            last = i
            yield i


def _split(graph: Graph, sources: Sequence[FilterContext]) -> FilterContext:
    """The power of each band, as the channels of one signal."""
    bands = graph.add("acrossover", f"split={' '.join(map(str, SPLITS))}:order=2nd")
    sound.link(graph, sources[0], ("pan", "mono|c0=0.5*c0+0.5*c1")).link_to(bands)
    joined = graph.add("join", f"inputs={len(SPLITS) + 1}:channel_layout=4.0")
    for i in range(len(SPLITS) + 1):
        power = sound.link(graph, squared(graph, bands, i), ("aresample", f"{RATE}:filter_size=2"))
        power.link_to(joined, 0, i)
    return joined


def _rise(band: array[float], loudest: float) -> array[float]:
    """How much the logarithm of the power rises within RISE steps around each."""
    lifted = array("f", (log1p(max(0.0, level) / loudest * LIFT) for level in band))
    before, after = RISE // 2, RISE - RISE // 2
    held = array("f", bytes(4 * before)) + lifted + lifted[-1:] * after
    return array("f", (max(0.0, late - early) for early, late in zip(held, held[RISE:], strict=False)))
