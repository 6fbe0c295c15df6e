"""A film of a preview with its band, picture by picture."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from callsheet.errors import NodeError
from callsheet.nodes.media.codec import reader
from callsheet.nodes.media.codec.frames import Planes, even, to_frame
from callsheet.nodes.media.codec.stack import stacked
from callsheet.nodes.preview.drawing.band import band, shape_of
from callsheet.nodes.preview.drawing.palette import PAPER, QUIET, to_planes
from callsheet.nodes.preview.drawing.timecode import burn, timecode_width
from callsheet.nodes.preview.story import Beat, Story
from callsheet.spec.looks import Slate
from callsheet.spec.timecode import timecode

if TYPE_CHECKING:
    from av import VideoFrame


@dataclass(frozen=True, slots=True)
class Moment:
    """What the band shows from the picture `first` on. zero: the picture of the film at which the clock of
    the shot would be at 0."""

    first: int
    zero: int
    planes: Planes

    @property
    def digest(self) -> str:
        """Of what is drawn."""
        return hashlib.sha256(b"".join(plane.tobytes() for plane in self.planes)).hexdigest()


class BandedFilm:
    """A film that gets its band. Raises NodeError (*local*) when it cannot be read."""

    def __init__(self, source: Path, story: Story, slate: Slate, cancelled: Callable[[], bool]) -> None:
        self.clip = reader.look(source)
        self.rate = self.clip.rate
        self.count = self.clip.frames()
        self._cancelled = cancelled
        picture = even(self.clip.size[0]), even(self.clip.size[1])
        self.shape = shape_of(picture, story.beats, story.lines)
        below = slate == "band" or picture[1] <= self.shape.height
        self.top = picture[1] if below else picture[1] - self.shape.height
        self.size = picture[0], self.top + self.shape.height
        self.clocks = self.shape.clocks(2 if len(story.beats) > 1 else 1)
        self._story = story

    @cached_property
    def moments(self) -> list[Moment]:
        """What the band shows, in the order of the film; the first is at its beginning."""
        return list(self._moments())

    def _moments(self) -> Iterator[Moment]:
        seconds = self.count / self.rate
        right = len(self.clocks) * (timecode_width(self.shape.type) + self.shape.type)
        ends = {a.start: b.start for a, b in pairwise(self._story.beats)}
        for at, beat, line in self._story.changes(float(seconds)):
            shown = beat or Beat(at, "")
            place = shown.start / float(seconds), ends.get(shown.start, float(seconds)) / float(seconds)
            planes = to_planes(band(self.shape, shown, line, right, place))
            zero = round((shown.start - shown.offset) * self.rate)
            yield Moment(round(at * self.rate), zero, planes)

    def shown(self, first: int, end: int) -> Iterator[tuple[int, int, Moment]]:
        """The moments between two pictures, each from its first picture up to `end`, which is not in it."""
        ends = [*(moment.first for moment in self.moments[1:]), self.count]
        for moment, until in zip(self.moments, ends, strict=True):
            begin, until = max(first, moment.first), min(end, until)
            if begin < until:
                yield begin, until, moment

    def frames(self, first: int, count: int) -> Iterator[VideoFrame]:
        """`count` pictures with their band, from the picture `first` on. Raises NodeError (*local*) when the
        run is stopped."""
        found = reader.frames(self.clip, self.rate, first / self.rate, count)
        return stacked(found, self._strips(first, first + count), self.top)

    def _strips(self, first: int, end: int) -> Iterator[VideoFrame]:
        """The bands of these pictures."""
        for begin, until, moment in self.shown(first, end):
            luma, u, v = moment.planes
            strip, burnt = (luma.copy(), u, v), [""] * len(self.clocks)
            for number in range(begin, until):
                if self._cancelled():
                    raise NodeError("the band was stopped", "local", "run again to make it")
                burnt = self._burn(strip, number, moment, burnt)
                yield to_frame(strip)

    def _burn(self, strip: Planes, number: int, moment: Moment, burnt: list[str]) -> list[str]:
        """Write the clocks, of the film and of the shot at the right edge, over `burnt`. Returns them."""
        count = len(self.clocks)
        tints = (PAPER, QUIET)[-count:] if count > 1 else (PAPER,)
        times = (number, max(0, number - moment.zero))[-count:] if count else ()
        texts = [timecode(time, self.rate) for time in times]
        for text, before, tint, place in zip(texts, burnt, tints, self.clocks, strict=False):
            burn(strip[0], place, text, self.shape.type, tint, before)
        return texts
