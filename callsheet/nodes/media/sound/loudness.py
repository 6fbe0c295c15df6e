"""Measures loudness as EBU R128 says, and brings sound to a loudness.

The measure is FFmpeg's `ebur128`: integrated loudness in LUFS with both gates, loudness range in LU, true
peak in dBTP. A target is reached in passes: the sound is measured, then made louder or softer, limited,
stored, and measured again as it was stored, until it fits.
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
"""R128 needs 0.4 s: a shorter sound is measured with silence behind it."""
NEAR_ENOUGH: Final = 0.1
"""LU from the target within which no further pass is made."""
SAFETY: Final = 0.05
"""dB more than needed by which a limiter that let a peak through is lowered."""
MOST_PASSES: Final = 7
MOST_GAIN: Final = 60.0
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
class Pass:
    """One pass. gain: dB. ceiling: of the limiter, in dB. path: what was stored. found: its loudness."""

    gain: float
    ceiling: float
    path: Path
    found: Loudness

    def fits(self, target: Target) -> bool:
        """Whether no further pass is needed."""
        return (
            self.found.peak <= target.peak and abs(self.found.integrated - target.integrated) <= NEAR_ENOUGH
        )


Source = Callable[[], Iterator["AudioFrame"]]
"""Gives the same sound, in the fixed form, each time that it is called."""
Store = Callable[[Iterator["AudioFrame"], int], Path]
"""Writes the sound of a pass, of which the number is given, to a file of its own."""


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


def brought(source: Source, store: Store, before: Loudness, target: Target) -> Pass:
    """The best pass of those that were needed; the files of the others are removed.

    before: the loudness of `source`, which must not be silent. Where a limiter would have to take too much,
    the result stays softer than the target: peaks come first.
    """
    gain, ceiling = target.integrated - before.integrated, target.peak
    best: Pass | None = None
    last = (0.0, before.integrated)
    for number in range(MOST_PASSES):
        path = store(limited(source(), ceiling, gain), number)
        now = Pass(gain, ceiling, path, measured(sound.of_file(path)))
        best = _better(best, now, target)
        if now.fits(target):
            break
        ceiling -= now.found.peak - target.peak + SAFETY if now.found.peak > target.peak else 0.0
        step = (target.integrated - now.found.integrated) / _slope(last, now)
        last, gain = (gain, now.found.integrated), min(MOST_GAIN, gain + step)
    assert best is not None
    return best


def _better(best: Pass | None, now: Pass, target: Target) -> Pass:
    def rank(one: Pass) -> tuple[float, float]:
        return max(0.0, one.found.peak - target.peak), abs(one.found.integrated - target.integrated)

    if best is None:
        return now
    kept, left = (now, best) if rank(now) < rank(best) else (best, now)
    left.path.unlink()
    return kept


def _slope(last: tuple[float, float], now: Pass) -> float:
    """LU that the latest pass gained for each dB."""
    more = now.gain - last[0]
    if abs(more) < NEAR_ENOUGH:
        return 1.0
    return min(1.0, max(LEAST_SLOPE, (now.found.integrated - last[1]) / more))
