"""Speed that changes: which time of a clip is shown when, and how its sound follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, exp, log
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec.audio import RATE, exactly, samples
from callsheet.nodes.media.codec.tape import Channels, Tape, channels_of, frames_of
from callsheet.nodes.media.codec.tempo import stretched

if TYPE_CHECKING:
    from av import AudioFrame

STEP: Final = 0.2
"""Seconds of a clip, and of the film, in which its sound keeps one speed where the speed changes."""
LONGEST: Final = 10.0
"""Seconds of sound that are held in memory."""
JOIN: Final = 480
"""Samples in which two steps of the sound melt into each other."""
SAME: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a clip from `start` to `end` seconds, whose speed goes evenly from `speed` to `last`. at:
    when it begins in the film, in seconds."""

    start: float
    end: float
    speed: float
    last: float
    at: float

    @property
    def slope(self) -> float:
        """By how much the speed changes in a second of the clip."""
        change = self.last - self.speed
        return 0.0 if abs(change) < SAME else change / (self.end - self.start)

    def film_time(self, place: float) -> float:
        """When a place of the clip, in seconds, is seen in the film."""
        since = place - self.start
        if not self.slope:
            return self.at + since / self.speed
        return self.at + log(1 + since * self.slope / self.speed) / self.slope

    def clip_time(self, seconds: float) -> float:
        """The place of the clip that is seen at a time of the film."""
        since = seconds - self.at
        if not self.slope:
            return self.start + since * self.speed
        return self.start + (exp(since * self.slope) - 1) * self.speed / self.slope


@dataclass(frozen=True, slots=True)
class Ramp:
    """The speed of a whole clip, as legs, one after the other."""

    legs: tuple[Leg, ...]

    @property
    def seconds(self) -> float:
        """Length of the film."""
        last = self.legs[-1]
        return last.film_time(last.end)

    def film_time(self, place: float) -> float:
        """When a place of the clip is seen in the film, in seconds."""
        found = next((one for one in self.legs if place < one.end), self.legs[-1])
        return found.film_time(place)

    def clip_time(self, seconds: float) -> float:
        """The place of the clip that is seen at a time of the film, in seconds."""
        found = self.legs[0]
        for one in self.legs:
            if one.at <= seconds:
                found = one
        return found.clip_time(seconds)


def ramp(points: Sequence[tuple[float, float]], seconds: float) -> Ramp:
    """The ramp of a clip of this length. points: place in the clip and speed there, rising; before the first
    and after the last the speed stays."""
    first, last = points[0], points[-1]
    places = [(min(0.0, first[0]), first[1]), *points, (max(seconds, last[0]), last[1])]
    found: list[Leg] = []
    at = 0.0
    for (start, speed), (end, goal) in pairwise(places):
        if end - start < SAME or start >= seconds:
            continue
        shown = min(end, seconds)
        one = Leg(start, shown, speed, speed + (goal - speed) * (shown - start) / (end - start), at)
        found.append(one)
        at = one.film_time(shown)
    return Ramp(tuple(found))


def heard(tape: Tape, speeds: Ramp) -> Iterator[AudioFrame]:
    """The sound of a clip at changing speed, at its own pitch: in short steps that melt into each other."""
    edges = [edge for one in speeds.legs for edge in _steps(one)]
    tail: Channels | None = None
    for start, end in edges:
        at, until = samples(speeds.film_time(start)), samples(speeds.film_time(end))
        made = _step(tape, (samples(start), samples(end)), until - at + JOIN)
        yield from frames_of(_joined(tail, made, until - at))
        tail = [side[until - at :] for side in made]


def _steps(one: Leg) -> Iterator[tuple[float, float]]:
    """Places between which the sound keeps one speed."""
    clip, film = one.end - one.start, one.film_time(one.end) - one.at
    count = max(1, ceil(max(clip, film) / (STEP if one.slope else LONGEST)))
    for i in range(count):
        yield one.start + clip * i / count, one.start + clip * (i + 1) / count


def _step(tape: Tape, place: tuple[int, int], count: int) -> Channels:
    """A part of the sound as `count` samples, JOIN of them after its end."""
    start, end = place
    factor = max(1, end - start) / max(1, count - JOIN)
    needed = ceil(count * factor)
    part = frames_of(tape.part(start, needed))
    frames = part if abs(factor - 1) < SAME else stretched(part, factor)
    return channels_of(exactly(frames, Fraction(count, RATE)))


def _joined(tail: Channels | None, made: Channels, count: int) -> Channels:
    """The first `count` samples, coming in over the end of the step before."""
    found = [side[:count] for side in made]
    if tail:
        for side, before in zip(found, tail, strict=True):
            for i in range(min(JOIN, count, len(before))):
                share = (i + 1) / (JOIN + 1)
                side[i] = side[i] * share + before[i] * (1 - share)
    return found
