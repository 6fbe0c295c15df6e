"""Keeps peaks below a level, also those between two samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec import audio as sound

if TYPE_CHECKING:
    from av import AudioFrame

OVERSAMPLING: Final = 4
"""Times as many samples while peaks are looked for: true peaks are then known to about 0.1 dB."""

SHORTEST: Final = 480
"""Samples below which a sound is not oversampled: of a shorter one, nothing would come back."""


def amplitude(decibels: float) -> float:
    """The amplitude of a level in dB, 1 for full scale."""
    return float(10 ** (decibels / 20))


def limited(frames: Iterable[AudioFrame], ceiling: float, gain: float = 0.0) -> Iterator[AudioFrame]:
    """The sound changed by `gain` dB, its true peaks at or a little below `ceiling` dB. As many samples as
    before, none of them later."""
    feed = iter(frames)
    first: list[AudioFrame] = []
    while sum(frame.samples for frame in first) < SHORTEST and (frame := next(feed, None)) is not None:
        first.append(frame)
    times = OVERSAMPLING if sum(frame.samples for frame in first) >= SHORTEST else 1
    return sound.through(
        chain(first, feed),
        ("volume", f"{gain:.6f}dB"),
        ("aresample", str(sound.RATE * times)),
        ("alimiter", f"limit={amplitude(ceiling):.6f}:level=0:latency=1:attack=5:release=50"),
        ("aresample", str(sound.RATE)),
    )
