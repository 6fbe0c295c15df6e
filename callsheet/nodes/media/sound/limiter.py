"""Keeps peaks below a level, also those between two samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec import audio as sound

if TYPE_CHECKING:
    from av import AudioFrame

OVERSAMPLING: Final = 4
"""Times as many samples while peaks are looked for: true peaks are then known to about 0.1 dB."""


def amplitude(decibels: float) -> float:
    """The amplitude of a level in dB, 1 for full scale."""
    return float(10 ** (decibels / 20))


def limited(frames: Iterable[AudioFrame], ceiling: float, gain: float = 0.0) -> Iterator[AudioFrame]:
    """The sound changed by `gain` dB, its true peaks at or a little below `ceiling` dB. As many samples as
    before, none of them later."""
    return sound.through(
        frames,
        ("volume", f"{gain:.6f}dB"),
        ("aresample", str(sound.RATE * OVERSAMPLING)),
        ("alimiter", f"limit={amplitude(ceiling):.6f}:level=0:latency=1:attack=5:release=50"),
        ("aresample", str(sound.RATE)),
    )
