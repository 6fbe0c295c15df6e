"""What the packets of a video tell: when its pictures are shown, at what rate, and whether they can be
copied."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from av import Packet, VideoStream
    from av.container import InputContainer

STANDARD_RATES: Final = tuple(
    Fraction(rate) for rate in ("24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60")
)
NEAR: Final = Fraction(1, 100)
CLOSE: Final = Fraction(1, 200)
SIMPLE: Final = 4
"""The largest denominator of a rate that is neither whole nor standard, such as 12.5 or 7.5."""
FEW: Final = 3
"""Gaps below which nothing is told of the grid by them."""
SHORT: Final = 10
"""One gap in so many may be shorter than the one that the rate has to hold: recorders jump."""
CODECS: Final = ("h264", "hevc", "av1")
"""What an MP4 holds and players play."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When the pictures of a video are shown.

    base: seconds of a unit. times: of the shown pictures in units, in order. end: of the last one, in units.
    rising: every packet can be copied: it has a decoding time, and those rise. lag: how many pictures are
    decoded at most before one that is shown earlier; 0 where they are stored in the order in which they are
    shown.
    """

    base: Fraction
    times: tuple[int, ...]
    end: int
    rising: bool
    lag: int

    @property
    def start(self) -> Fraction:
        """When the first picture is shown, in seconds of the file's own clock."""
        return self.times[0] * self.base if self.times else Fraction(0)

    @property
    def seconds(self) -> Fraction:
        """From the first picture to the end of the last, in seconds."""
        return self.end * self.base - self.start

    def is_even(self, rate: Fraction) -> bool:
        """Whether every picture is at its place at this rate, to a unit."""
        return self._furthest(rate) <= self.base

    def rate(self, stated: Fraction | None, base_rate: object) -> Fraction:
        """The constant rate, in frames per second, that holds the pictures.

        It is that of even gaps, else the one that the file states, where each picture is within half a frame
        of its place, else the base rate of the file, else the least standard rate that holds their gaps.
        """
        average = snapped(stated or len(self.times) / self.seconds)
        if not self.is_even(average) and (even := self._even_rate()):
            return even
        if self._furthest(average) <= 1 / (2 * average) + self.base:
            return average
        gaps = sorted(b - a for a, b in pairwise(self.times))
        shortest = 1 / (max(1, gaps[len(gaps) // SHORT]) * self.base)
        lowest = _fraction(base_rate)
        if lowest in STANDARD_RATES and lowest >= shortest * (1 - NEAR):
            return lowest
        if nearest := _standard_near(shortest):
            return nearest
        return next((rate for rate in STANDARD_RATES if rate >= shortest), STANDARD_RATES[-1])

    def _even_rate(self) -> Fraction | None:
        """The rate at which every picture is at its place; None when there is none, or too few tell of it."""
        gaps = len(self.times) - 1
        if gaps < FEW:
            return None
        counted = gaps / ((self.times[-1] - self.times[0]) * self.base)
        found = (snapped(counted), counted.limit_denominator(SIMPLE))
        return next((rate for rate in found if rate > 0 and self.is_even(rate)), None)

    def _furthest(self, rate: Fraction) -> Fraction:
        """How far a picture is from its place at most, in seconds."""
        first = self.times[0]
        return max(abs((time - first) * self.base - i / rate) for i, time in enumerate(self.times))


def read_timing(container: InputContainer, stream: VideoStream) -> Timing:
    """The timing of a stream, from its packets alone."""
    packets = [packet for packet in container.demux(stream) if packet.size]
    shown = [packet for packet in packets if packet.pts is not None and not packet.is_discard]
    stored = [packet.pts for packet in shown if packet.pts is not None]
    base = _fraction(stream.time_base) or Fraction(1, 1_000_000)
    times = _on_its_grid(sorted(stored))
    decoding = [packet.dts for packet in packets if packet.dts is not None]
    rising = len(decoding) == len(packets) and all(a < b for a, b in pairwise(decoding))
    if not times:
        return Timing(base, (), 0, rising, lag=0)
    last = max(map(_end, shown))
    end = last if last > times[-1] else times[-1] + _usual_gap(times, stream, base)
    return Timing(base, times, end, rising, _lag(stored))


def _on_its_grid(times: list[int]) -> tuple[int, ...]:
    """The times with the first one where the even gaps of all others put it.

    In a fragmented MP4 without an edit list the first picture stands longer, by the samples that the sound
    has in front (FFmpeg: `empty_moov` without `delay_moov`); it is no picture more.
    """
    gaps = [b - a for a, b in pairwise(times)]
    if len(gaps) < FEW or max(gaps[1:]) - min(gaps[1:]) > 1:
        return tuple(times)
    gap = round(sum(gaps[1:]) / len(gaps[1:]))
    return (times[1] - gap, *times[1:]) if 0 < gaps[0] - gap < gap else tuple(times)


def _lag(stored: list[int]) -> int:
    places = {time: i for i, time in enumerate(sorted(stored))}
    return max(i - places[time] for i, time in enumerate(stored))


def form_of(stream: VideoStream, size: tuple[int, int], timing: Timing) -> tuple[object, ...]:
    """What must agree so that packets of two files can follow each other, see `Clip.form`.

    () for packets that cannot be copied. size: pixels as displayed.
    """
    context = stream.codec_context
    if context.name not in CODECS or not timing.rising:
        return ()
    shape = (context.width, context.height, *size, context.pix_fmt)
    colors = (context.colorspace, context.color_range, int(context.color_primaries), int(context.color_trc))
    return (context.name, *shape, *colors, context.extradata)


def rate_of(fps: float) -> Fraction:
    """A rate as people write it (29.97) as the fraction that is meant (30000/1001)."""
    exact = Fraction(fps).limit_denominator(1001)
    nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - exact))
    return nearest if abs(nearest - exact) < CLOSE else exact


def snapped(rate: Fraction) -> Fraction:
    """The rate itself when it is a clean one, else the standard or whole rate near it."""
    if rate.denominator in (1, 1001):
        return rate
    return _standard_near(rate) or Fraction(max(1, round(rate)))


def _standard_near(rate: Fraction) -> Fraction | None:
    nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    return nearest if abs(nearest - rate) <= rate * NEAR else None


def _fraction(rate: object) -> Fraction | None:
    """A rate of PyAV's; from version 19 on it has fractions of its own, which cannot be compared."""
    top, bottom = getattr(rate, "numerator", 0), getattr(rate, "denominator", 0)
    return Fraction(top, bottom) if top and bottom else None


def _end(packet: Packet[VideoStream]) -> int:
    return (packet.pts or 0) + (packet.duration or 0)


def _usual_gap(times: tuple[int, ...], stream: VideoStream, base: Fraction) -> int:
    """How long the last picture stands when the file does not say, in units of `base`."""
    if len(times) > 1:
        return max(1, (times[-1] - times[0]) // (len(times) - 1))
    return max(1, round(1 / (stream.guessed_rate or 25) / base))
