"""Measures loudness as EBU R128 says, and brings sound to a loudness.

The measure is FFmpeg's `ebur128`: integrated loudness in LUFS with both gates, loudness range in LU, true
peak in dBTP. A target is reached in passes: the sound is made louder or softer, limited and measured until it
fits; then it is stored and measured again as it was stored, since encoding changes peaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.sound.limiter import limited

if TYPE_CHECKING:
    from av import AudioFrame

SILENT: Final = -70.0
"""LUFS at and below which R128 hears nothing."""
NO_PEAK: Final = -120.0
BLOCK: Final = sound.RATE // 10
"""Samples after which the filter tells what it knows; what is left at the end is filled up with silence."""
SHORTEST: Final = sound.RATE // 2
"""R128 needs 0.4 s: a shorter sound is measured with silence after it."""
NEAR_ENOUGH: Final = 0.1
"""LU from the target within which no further pass is made."""
FAR: Final = 0.4
"""LU from the target from which a sound is stored once more."""
SAFETY: Final = 0.1
"""dB by which the limiter stays below what is allowed: encoding adds to peaks by chance."""
MOST_PASSES: Final = 6
MOST_STORED: Final = 4
MOST_LIMITED: Final = 12.0
"""dB that the limiter takes off the highest peak at most; more would be heard as distortion."""
LEAST_SLOPE: Final = 0.25
"""LU that one more dB is expected to give at least, where a limiter takes the rest."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """What was measured. integrated: LUFS, -70 for silence. span: the loudness range in LU. peak: dBTP, -120
    for silence."""

    integrated: float
    span: float
    peak: float

    @property
    def silent(self) -> bool:
        """Whether nothing is loud enough to be measured."""
        return self.integrated <= SILENT


NOTHING_HEARD: Final = Loudness(SILENT, 0.0, NO_PEAK)


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for. integrated: LUFS. peak: the highest true peak, in dBTP."""

    integrated: float
    peak: float


@dataclass(frozen=True, slots=True)
class Stored:
    """A sound as it was stored. path: the file. found: its loudness. gain: by which it was changed, in dB."""

    path: Path
    found: Loudness
    gain: float


Source = Callable[[], Iterator["AudioFrame"]]
"""Gives the same sound, in the fixed form, each time that it is called."""
Store = Callable[[Iterator["AudioFrame"], int], Path]
"""Writes a sound to a file of its own. The number tells it from those that were stored before."""


def measured(frames: Iterable[AudioFrame]) -> Loudness:
    """The loudness of a sound in the fixed form."""
    found: dict[str, str] = {}
    filled = (("apad", f"pad_len={BLOCK}"), ("apad", f"whole_len={SHORTEST}"))
    for frame in sound.analysed(frames, *filled, ("ebur128", "metadata=1:peak=true")):
        found = frame.metadata or found  # the last frame may be too short to be measured
    peak = float(found.get("lavfi.r128.true_peak", 0.0))
    return Loudness(
        round(max(SILENT, float(found.get("lavfi.r128.I", SILENT))), 2),
        round(float(found.get("lavfi.r128.LRA", 0.0)), 2),
        round(20 * log10(peak), 2) if peak > 0 else NO_PEAK,
    )


def brought(source: Source, store: Store, before: Loudness, target: Target) -> Stored:
    """A sound at its target, in the best of the files that were stored; the others are removed.

    before: the loudness of `source`, which must not be silent. Where a limiter would have to take too much,
    the result stays softer than the target: peaks come first.
    """
    ceiling = target.peak - SAFETY
    most = target.peak - before.peak + MOST_LIMITED
    aim = target.integrated
    gain = _settled(source, (aim - before.integrated, most), ceiling, aim)
    best: Stored | None = None
    for number in range(MOST_STORED):
        path = store(limited(source(), ceiling, gain), number)
        now = Stored(path, measured(sound.of_file(path)), gain)
        best = _better(best, now, target)
        over, off = now.found.peak - target.peak, target.integrated - now.found.integrated
        if over > 0 and number == 0:
            ceiling -= 2 * over + SAFETY  # encoding adds the more, the more was limited
            gain = _settled(source, (gain, most), ceiling, aim)
        elif over > 0:
            ceiling -= over + SAFETY  # all of it softer, so peaks surely are
            gain -= over + SAFETY
        elif abs(off) > FAR and gain < most:
            gain = min(most, gain + off)
        else:
            break
    assert best is not None
    return best


def _settled(source: Source, gains: tuple[float, float], ceiling: float, aim: float) -> float:
    """The gain in dB with which a sound that is limited has the loudness `aim`. gains: where to begin, and
    the most that is allowed."""
    gain, most = min(gains), gains[1]
    last: tuple[float, float] | None = None
    for _ in range(MOST_PASSES):
        now = measured(limited(source(), ceiling, gain)).integrated
        if abs(aim - now) <= NEAR_ENOUGH / 2 or (gain >= most and now < aim):
            break
        slope = _slope(gain - last[0], now - last[1]) if last else 1.0
        last, gain = (gain, now), min(most, gain + (aim - now) / slope)
    return gain


def _slope(more: float, gained: float) -> float:
    """LU that each of `more` dB has gained."""
    return min(1.0, max(LEAST_SLOPE, gained / more)) if abs(more) >= NEAR_ENOUGH / 2 else 1.0


def _better(best: Stored | None, now: Stored, target: Target) -> Stored:
    def rank(one: Stored) -> tuple[float, float]:
        return max(0.0, one.found.peak - target.peak), abs(one.found.integrated - target.integrated)

    if best is None:
        return now
    kept, left = (now, best) if rank(now) < rank(best) else (best, now)
    left.path.unlink()
    return kept
