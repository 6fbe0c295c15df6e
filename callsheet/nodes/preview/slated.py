"""Puts the band on a preview: a copy of a picture or a film that also tells what it shows.

The stored preview itself is clean, so whatever is made from it never shows a band inside its picture.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from PIL import Image

from callsheet.errors import NodeError
from callsheet.nodes.media.codec import ffmpeg as engine
from callsheet.nodes.media.codec import reader, still
from callsheet.nodes.media.codec.ahead import ahead
from callsheet.nodes.media.codec.frames import Planes, even, to_frame
from callsheet.nodes.media.codec.writer import MP4, VideoWriter, whole_file
from callsheet.nodes.preview.drawing.band import band, shape_of
from callsheet.nodes.preview.drawing.palette import PAPER, QUIET, SLATE, to_planes
from callsheet.nodes.preview.drawing.timecode import burn, timecode_width
from callsheet.nodes.preview.given import on_black
from callsheet.nodes.preview.story import Beat, Story
from callsheet.spec.timecode import timecode

if TYPE_CHECKING:
    from av import Packet
    from av.container import InputContainer
    from av.stream import Stream

Slate = Literal["band", "over", "off"]
SLATES: Final = ("band", "over", "off")
VERSION: Final = "2"
"""Increased when a change makes the same band look different."""

CHUNK_SECONDS: Final = 10
"""Length of the parts of a film that are worked on at once; the cut does not depend on the machine."""
FORMATS: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def write(source: Path, target: Path, story: Story, slate: Slate, cancelled: Callable[[], bool]) -> bool:
    """Write the picture or film at `source` with its band to `target`. Returns False, and writes nothing,
    where that is no picture or film in a form that is written here, or nothing is to be told.

    Raises NodeError (*local*) when it is stopped or cannot be read.
    """
    if slate == "off" or not story.beats:
        return False
    if source.suffix.lower() in FORMATS:
        _write_picture(source, target, story.beats[0], slate)
        return True
    if source.suffix.lower() != ".mp4":
        return False
    _write_film(Film(source, story, slate, cancelled), target)
    return True


def _write_picture(source: Path, target: Path, beat: Beat, slate: Slate) -> None:
    picture = on_black(still.load(source))
    shape = shape_of(picture.size, [beat], [])
    strip = band(shape, beat, None, 0, (0.0, 1.0))
    below = shape.height if slate == "band" else 0
    whole = Image.new("RGB", (picture.width, picture.height + below), SLATE)
    whole.paste(picture)
    whole.paste(strip, (0, whole.height - strip.height))
    form = FORMATS[source.suffix.lower()]
    options = {"PNG": {"compress_level": 2}, "WEBP": {"quality": 90, "method": 2}}.get(form, {"quality": 92})
    whole.save(target, form, **options)


@dataclass(frozen=True, slots=True)
class Moment:
    """What the band shows from the picture `first` on. zero: the picture of the film at which the clock of
    the shot would be at 0."""

    first: int
    zero: int
    planes: Planes


class Film:
    """A film that gets its band."""

    def __init__(self, source: Path, story: Story, slate: Slate, cancelled: Callable[[], bool]) -> None:
        self.clip = reader.look(source)
        self.rate = self.clip.rate
        self.count = self.clip.frames()
        self.slate, self.cancelled = slate, cancelled
        picture = even(self.clip.size[0]), even(self.clip.size[1])
        self.shape = shape_of(picture, story.beats, story.lines)
        self.top = picture[1] if slate == "band" else picture[1] - self.shape.height
        self.size = picture[0], self.top + self.shape.height
        self.clocks = self.shape.clocks(2 if len(story.beats) > 1 else 1)
        self.moments = list(self._moments(story))

    def _moments(self, story: Story) -> Iterator[Moment]:
        seconds = self.count / self.rate
        right = len(self.clocks) * (timecode_width(self.shape.type) + self.shape.type)
        ends = {a.start: b.start for a, b in pairwise(story.beats)}
        for at, beat, line in story.changes(float(seconds)):
            shown = beat or Beat(at, "")
            place = shown.start / float(seconds), ends.get(shown.start, float(seconds)) / float(seconds)
            planes = to_planes(band(self.shape, shown, line, right, place))
            zero = round((shown.start - shown.offset) * self.rate)
            yield Moment(round(at * self.rate), zero, planes)

    def pictures(self, first: int, count: int) -> Iterator[Planes]:
        """`count` pictures with their band, from the picture `first` on. Each is valid until the next."""
        canvas = to_planes(Image.new("RGB", self.size, SLATE))
        shown: Moment | None = None
        found = reader.pictures(self.clip, self.rate, first / self.rate, count)
        for number, picture in enumerate(found, first):
            if self.cancelled():
                raise NodeError("the band was stopped", "local", "run again to make it")
            for under, plane in zip(canvas, picture, strict=True):
                under.paste(plane, (0, 0))
            moment = next(m for m in reversed(self.moments) if m.first <= number or m is self.moments[0])
            if moment is not shown or self.slate == "over":
                shown = moment
                for under, plane, scale in zip(canvas, moment.planes, (1, 2, 2), strict=True):
                    under.paste(plane, (0, self.top // scale))
            self._burn(canvas[0], number, moment)
            yield canvas

    def _burn(self, luma: Image.Image, number: int, moment: Moment) -> None:
        """The clocks: of the film, and of the shot at the right edge."""
        times = (number, max(0, number - moment.zero))[-len(self.clocks) :] if self.clocks else ()
        tints = (PAPER, QUIET)[-len(self.clocks) :] if len(self.clocks) > 1 else (PAPER,)
        for time, tint, (x, y) in zip(times, tints, self.clocks, strict=False):
            burn(luma, (x, self.top + y), timecode(time, self.rate), self.shape.type, tint)


def _write_film(film: Film, target: Path) -> None:
    step = max(1, round(CHUNK_SECONDS * film.rate))
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".band-") as folder:
        parts = [Path(folder) / f"{at}.mp4" for at in range(0, film.count, step)]

        def encode(number: int) -> None:
            first = number * step
            with VideoWriter(parts[number], film.size, film.rate, effort="preview") as writer:
                for frame in ahead(map(to_frame, film.pictures(first, min(step, film.count - first)))):
                    writer.write_frame(frame)

        with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="band") as pool:
            list(pool.map(encode, range(len(parts))))
        _join(parts, film.clip.path, film.rate, step, Path(folder) / "film.mp4")
        (Path(folder) / "film.mp4").replace(target)


def _join(parts: Sequence[Path], source: Path, rate: Fraction, step: int, target: Path) -> None:
    """The pictures of the parts one after the other, with everything of `source` that is no picture."""
    with (
        engine.opened(parts[0]) as first,
        engine.opened(source) as other,
        whole_file(target, "mp4", MP4) as made,
    ):
        picture = made.add_stream_from_template(first.streams.video[0])
        picture.time_base = 1 / rate
        kept = [one for one in other.streams if one.type in ("audio", "subtitle")]
        beside = {one.index: made.add_stream_from_template(one) for one in kept}
        for one in kept:
            beside[one.index].metadata.update(one.metadata)
        packets = merge(_pictures(parts, rate, step), _beside(other, kept), key=_time)
        for _, packet in packets:
            packet.stream = beside[packet.stream.index] if packet.stream.type != "video" else picture
            made.mux(packet)


Timed = tuple[Fraction, "Packet[Any]"]


def _time(one: Timed) -> Fraction:
    return one[0]


def _beside(container: InputContainer, streams: Sequence[Stream]) -> Iterator[Timed]:
    """The packets of streams, with the time of each."""
    for packet in container.demux(streams) if streams else ():
        if packet.size and packet.dts is not None:
            yield packet.dts * packet.time_base, packet


def _pictures(parts: Sequence[Path], rate: Fraction, step: int) -> Iterator[Timed]:
    for number, path in enumerate(parts):
        with engine.opened(path) as part:
            sized = (packet for packet in part.demux(part.streams.video[0]) if packet.size)
            for i, packet in enumerate(sized):
                at = number * step + i
                packet.time_base = 1 / rate
                packet.pts = packet.dts = at
                packet.duration = 1
                yield at / rate, packet
