"""Changes the loudness of a sound over time, along straight lines in dB."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.sound.levels import Span
from callsheet.nodes.media.sound.limiter import amplitude
from callsheet.nodes.media.sound.signal import framed

if TYPE_CHECKING:
    from av import AudioFrame
    from av.filter import FilterContext, Graph

Point = tuple[int, float]
"""A sample at 48 kHz, and the gain there in dB."""


@dataclass(frozen=True, slots=True)
class Move:
    """How a gain goes to another level and back. level: dB. before, hold, after: samples from where it
    begins to move until it is there, for which it stays, and in which it comes back."""

    level: float
    before: int
    hold: int
    after: int


def moved(spans: Sequence[Span], move: Move) -> list[Point]:
    """The gain that is at `move.level` in each span, there already when it begins. A pause that is too short
    to come back in and leave again does not move it."""
    points: list[Point] = []
    last_end: int | None = None
    for first, end in sorted(spans):
        if last_end is not None and first <= last_end + move.hold + move.after + move.before:
            last_end = max(last_end, end)
            continue
        points += _back(last_end, move)
        points += [(first - move.before, 0.0), (first, move.level)]
        last_end = end
    return [*points, *_back(last_end, move)]


def _back(end: int | None, move: Move) -> list[Point]:
    if end is None:
        return []
    return [(end + move.hold, move.level), (end + move.hold + move.after, 0.0)]


def along(
    frames: Iterable[AudioFrame], points: Sequence[Point], at: int, samples: int
) -> Iterator[AudioFrame]:
    """A sound of `samples` that begins at sample `at`, with the gain that `points` say."""
    return sound.woven([frames, _drawn(points, at, at + samples)], _product)


def _product(graph: Graph, sources: Sequence[FilterContext]) -> FilterContext:
    end = graph.add("amultiply")
    for i, source in enumerate(sources):
        source.link_to(end, 0, i)
    return end


def _drawn(points: Sequence[Point], at: int, end: int) -> Iterator[AudioFrame]:
    """The gain as a signal, from sample `at` up to `end`."""
    outer = [(min(at, points[0][0]) - 1, points[0][1]), *points, (max(end, points[-1][0]) + 1, points[-1][1])]
    for (first, low), (last, high) in pairwise(outer):
        place, stop = max(first, at), min(last, end)
        slope = (high - low) / max(1, last - first)
        while place < stop:
            count = min(sound.SAMPLES, stop - place)
            yield framed([_line(low + slope * (place - first), slope, count)] * 2)
            place += count


def _line(level: float, slope: float, count: int) -> array[float]:
    if not slope:
        return array("f", [amplitude(level)]) * count
    return array("f", [amplitude(level + slope * i) for i in range(count)])
