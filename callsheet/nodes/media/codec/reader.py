"""Reads a video as upright pictures at a constant rate, with an exact length."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, cast

from callsheet.errors import NodeError
from callsheet.nodes.media.codec import color
from callsheet.nodes.media.codec import ffmpeg as engine
from callsheet.nodes.media.codec.frames import Planes, Size, is_plain, of_frame, resized, to_frame, to_image
from callsheet.nodes.media.codec.timing import form_of, read_timing
from callsheet.spec.media import Shot

if TYPE_CHECKING:
    from av import VideoCodecContext, VideoFrame, VideoStream
    from av.container import InputContainer
    from PIL.Image import Image

Timed = tuple[Fraction, "VideoFrame"]


@dataclass(frozen=True, slots=True)
class Clip:
    """A video file, as its packets and its first picture tell it.

    size: pixels as displayed. rate: frames per second. start: time of the first picture in the file's own
    clock, in seconds. seconds: from the first picture to the end of the last. sound: whether there is an
    audio stream. count: pictures that are shown. form: what must agree so that packets of two files can
    follow each other in an MP4; () for packets that cannot be copied at all. regular: the first picture is at
    0, none is hidden by an edit list, the gaps are even, and none is turned. lag: see `Timing`. digest: of
    the file, "" where it is not known. shots: of a film that was joined.
    """

    path: Path
    size: Size
    rate: Fraction
    start: Fraction
    seconds: Fraction
    sound: bool
    count: int
    form: tuple[object, ...] = ()
    regular: bool = False
    lag: int = 0
    digest: str = ""
    shots: tuple[Shot, ...] = ()

    def frames(self, rate: Fraction | None = None) -> int:
        """How many pictures the clip is at `rate` frames per second, at least 1."""
        return max(1, round(self.seconds * (rate or self.rate)))


def look(path: Path, digest: str = "") -> Clip:
    """The clip in the file at `path`; reads all packets, decodes one picture. digest: of the file, if known.

    Raises NodeError (*local*) when it is no readable video, or has colours that are not read here.
    """
    with engine.opened(path) as container:
        stream = _picture_stream(container, path)
        timing = read_timing(container, stream)
        container.seek(0)
        frame = next(decoded(container, stream, path), None)
        if frame is None or not timing.times:
            raise NodeError(f"{path.name} holds no picture that can be decoded", "local", "export it again")
        color.understood(frame, path.name)
        engine.within_length(timing.seconds, path)
        rate = timing.rate(_stated_rate(stream), stream.base_rate)
        size = engine.shown_size(frame, stream)
        whole = len(timing.times) == stream.frames or not stream.frames
        return Clip(
            path=path,
            size=size,
            rate=rate,
            start=timing.start,
            seconds=timing.seconds,
            sound=bool(container.streams.audio),
            count=len(timing.times),
            form=form_of(stream, size, timing)
            if whole and engine.container_of(path).demuxer == "mov"
            else (),
            regular=whole and timing.is_even(rate) and not timing.start and not frame.rotation,
            lag=timing.lag,
            digest=digest,
        )


def pictures(
    clip: Clip, rate: Fraction | None = None, start: Fraction = Fraction(0), count: int | None = None
) -> Iterator[Planes]:
    """`count` pictures at a constant `rate`, from `start` seconds on, upright, in the clip's displayed size.

    Each is the source picture nearest in time; the last one is held when the source is over. Without
    `count` the clip runs to its end.
    """
    yield from _planes(clip, _held(clip, _even_times(clip, rate or clip.rate, start, count), start))


def frames(clip: Clip, rate: Fraction, start: Fraction, count: int) -> Iterator[VideoFrame]:
    """The same pictures as frames in yuv420p; those that are stored in this form are not copied."""
    last, found = None, None
    for frame in _held(clip, _even_times(clip, rate, start, count), start):
        if found is None or frame is not last:
            plain = is_plain(frame, clip.size)
            last, found = frame, frame if plain else to_frame(resized(of_frame(frame), clip.size))
        yield found


def pictures_at(clip: Clip, places: Sequence[Fraction]) -> Iterator[Planes]:
    """The picture at each of rising places, in seconds, as `pictures` gives them: a slow part shows a picture
    from the place where it begins, a fast one the nearest."""
    gaps = [b - a for a, b in pairwise(places)] or [1 / clip.rate]
    slacks = (min(gap, 1 / clip.rate) / 2 for gap in [*gaps, gaps[-1]])
    return _planes(clip, _held(clip, (place + slack for place, slack in zip(places, slacks, strict=False))))


def _planes(clip: Clip, frames: Iterable[VideoFrame]) -> Iterator[Planes]:
    """The planes of frames in the size of the clip; a frame that is held is converted once."""
    last, planes = None, None
    for frame in frames:
        if planes is None or frame is not last:
            last, planes = frame, resized(of_frame(frame), clip.size)
        yield planes


def images(
    clip: Clip, rate: Fraction | None = None, start: Fraction = Fraction(0), count: int | None = None
) -> Iterator[Image]:
    """The same as images with alpha (mode RGBA)."""
    last, image = None, None
    for frame in _held(clip, _even_times(clip, rate or clip.rate, start, count), start):
        if image is None or frame is not last:
            last, image = frame, _with_alpha(frame, clip.size)
        yield image


def _with_alpha(frame: VideoFrame, size: Size) -> Image:
    if color.has_alpha(frame):
        image = color.with_alpha(frame).rotate(frame.rotation, expand=True)
    else:
        image = to_image(of_frame(frame)).convert("RGBA")
    return image if image.size == size else image.resize(size)


def _even_times(clip: Clip, rate: Fraction, start: Fraction, count: int | None) -> Iterator[Fraction]:
    """The times up to which the pictures of a constant rate may begin."""
    count = count if count is not None else max(1, round((clip.seconds - start) * rate))
    slack = 1 / (2 * max(rate, clip.rate))
    for i in range(count):
        yield start + i / rate + slack


def _held(clip: Clip, times: Iterable[Fraction], start: Fraction = Fraction(0)) -> Iterator[VideoFrame]:
    """The frame to show at each of rising times from `start` on, the same one again while it is held."""
    source = _timed(clip, start)
    current = _first(source, clip)
    upcoming = next(source, None)
    for wanted in times:
        while upcoming and upcoming[0] <= wanted:
            current, upcoming = upcoming, next(source, None)
        yield current[1]


def last_picture(clip: Clip) -> Planes:
    """The very last picture: decoded on from the last key frame."""
    source = _timed(clip, clip.seconds)
    _, frame = deque(chain([_first(source, clip)], source), maxlen=1).pop()
    return resized(of_frame(frame), clip.size)


def _first(source: Iterator[Timed], clip: Clip) -> Timed:
    for timed in source:
        return timed
    raise NodeError(f"{clip.path.name} holds no picture at this place", "local", "it may be cut off")


def _timed(clip: Clip, start: Fraction) -> Iterator[Timed]:
    """Decoded pictures with their time in the clip, from the key frame before `start` on."""
    with engine.opened(clip.path) as container:
        stream = _picture_stream(container, clip.path)
        base = stream.time_base or Fraction(1, 1_000_000)
        if start > 0:
            container.seek(int((clip.start + start) / base), stream=stream)
        for frame in decoded(container, stream, clip.path):
            time = (frame.pts or 0) * base - clip.start
            yield time, frame


def _picture_stream(container: InputContainer, path: Path) -> VideoStream:
    if not container.streams.video:
        raise NodeError(f"{path.name} holds no picture", "local", "pass a video")
    return container.streams.video[0]


def decoded(container: InputContainer, stream: VideoStream, path: Path) -> Iterator[VideoFrame]:
    """The pictures of a stream, with their transparency where it has one beside the colours (VP8, VP9).

    Raises NodeError (*local*) when nothing here decodes that.
    """
    if stream.metadata.get("alpha_mode") != "1":
        yield from container.decode(stream)
        return
    context = _context_with_alpha(stream, path)
    for packet in container.demux(stream):
        for frame in context.decode(packet if packet.size else None):
            frame.time_base = stream.time_base
            yield frame


def _context_with_alpha(stream: VideoStream, path: Path) -> VideoCodecContext:
    import av

    name = {"vp8": "libvpx", "vp9": "libvpx-vp9"}.get(stream.codec_context.name, "")
    if name not in av.codecs_available:
        raise NodeError(
            f"{path.name} has transparent parts that are not read here", "local", "export it without alpha"
        )
    return cast("VideoCodecContext", av.CodecContext.create(name, "r"))


def _stated_rate(stream: VideoStream) -> Fraction | None:
    """The rate that the file states; PyAV 19 has fractions of its own, which cannot be rounded."""
    rate = stream.average_rate or stream.guessed_rate
    return Fraction(rate.numerator, rate.denominator) if rate else None
