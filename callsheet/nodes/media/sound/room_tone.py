"""Room tone: the quietest stretch of a recording, heard again and again where nothing else is."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import cos, pi, sin
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.sound.gain import Move, along, moved
from callsheet.nodes.media.sound.levels import STEP, Span, power, spans
from callsheet.nodes.media.sound.signal import framed, samples_of
from callsheet.nodes.media.timeline.sound import Placed

if TYPE_CHECKING:
    from av import AudioFrame

LONGEST, SHORTEST = 100, 20
"""Steps of 10 ms of the stretch that is looked for; the shorter one in a short recording."""
MELT: Final = 5
"""The last part of so many of the stretch is crossfaded with its beginning, so that no seam is heard."""
NOTHING: Final = 1e-8
"""Mean power below which a step is digital silence, not the sound of a room."""
SHARE: Final = 0.1
"""Share of the power of the tone below which a mix has a gap: 10 dB less."""
SHORTEST_GAP: Final = 5
"""Steps of 10 ms that a gap lasts at least."""
EDGE: Final = 0.03
"""Seconds in which the tone comes and goes, over what sounds beside the gap."""
AWAY: Final = -90.0
"""dB of the tone outside of gaps."""


@dataclass(frozen=True, slots=True)
class RoomTone:
    """A tone that can be repeated without a seam. channels: left and right. power: its mean power."""

    channels: tuple[array[float], ...]
    power: float


def room_tone(source: Callable[[], Iterator[AudioFrame]]) -> RoomTone | None:
    """The quietest stretch of a sound that is not silent; None where there is none."""
    levels = power(source())
    length = min(LONGEST, len(levels))
    first = _quietest(levels, length) if length >= SHORTEST else None
    if first is None:
        return None
    seconds, start = (Fraction(steps * STEP, sound.RATE) for steps in (length, first))
    channels = tuple(_endless(channel) for channel in samples_of(sound.exactly(source(), seconds, start)))
    return RoomTone(channels, sum(levels[first : first + length]) / length)


def under(tone: RoomTone, mix: Iterable[AudioFrame], total: int) -> Placed:
    """The tone in the gaps of a mix of `total` samples."""
    edge = sound.samples(EDGE)
    gaps = _gaps(power(mix), tone.power * SHARE, total)
    # Its gain is moved to silence wherever there is no gap.
    sounding = moved(_between(gaps, total), Move(AWAY, edge, 0, edge))
    return Placed(0, total, lambda: along(_repeated(tone, total), sounding, 0, total))


def _quietest(levels: Sequence[float], length: int) -> int | None:
    """The step at which the quietest stretch begins."""
    best, found = 0.0, None
    total, holes = sum(levels[:length]), sum(level < NOTHING for level in levels[:length])
    for first in range(len(levels) - length + 1):
        if not holes and (found is None or total < best):
            best, found = total, first
        if first + length < len(levels):
            total += levels[first + length] - levels[first]
            holes += (levels[first + length] < NOTHING) - (levels[first] < NOTHING)
    return found


def _endless(samples: array[float]) -> array[float]:
    """The samples without their end, which is crossfaded with their beginning."""
    melt = len(samples) // MELT
    turn = [pi / 2 * (i + 0.5) / melt for i in range(melt)]
    ends = zip(samples[:melt], samples[-melt:], turn, strict=True)
    return array("f", [new * sin(t) + old * cos(t) for new, old, t in ends]) + samples[melt:-melt]


def _gaps(levels: Sequence[float], below: float, total: int) -> list[Span]:
    """Where a mix is softer than a power."""
    return [
        (first, min(total, end)) for first, end in spans([-level for level in levels], -below, SHORTEST_GAP)
    ]


def _between(gaps: Sequence[Span], total: int) -> list[Span]:
    """Where no gap is."""
    edges = [0, *(edge for gap in gaps for edge in gap), total]
    return [(first, end) for first, end in zip(edges[::2], edges[1::2], strict=True) if end > first]


def _repeated(tone: RoomTone, total: int) -> Iterator[AudioFrame]:
    count = len(tone.channels[0])
    for at in range(0, total, count):
        part = min(count, total - at)
        for first in range(0, part, sound.SAMPLES):
            yield framed([channel[first : min(part, first + sound.SAMPLES)] for channel in tone.channels])
