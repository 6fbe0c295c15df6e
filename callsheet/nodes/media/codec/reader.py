"""Reads a video as upright pictures at a constant rate, with an exact length."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.nodes.media.codec import ffmpeg as engine
from callsheet.nodes.media.codec.frames import Planes, Size, of_frame, resized

if TYPE_CHECKING:
    from av import Packet, VideoFrame, VideoStream
    from av.container import InputContainer

Timed = tuple[Fraction, "VideoFrame"]

STANDARD_RATES: Final = tuple(
    Fraction(rate) for rate in ("24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60")
)
NEAR: Final = Fraction(1, 100)
CLOSE: Final = Fraction(1, 200)


@dataclass(frozen=True, slots=True)
class Clip:
    """size: pixels as displayed. rate: frames per second. start: time of the first picture in the file's
    own clock, in seconds. seconds: from the first picture to the end of the last. whole: no picture of
    the file is hidden by an edit list. sound: whether there is an audio stream.
    """

    path: Path
    size: Size
    rate: Fraction
    start: Fraction
    seconds: Fraction
    whole: bool
    sound: bool

    def frames(self, rate: Fraction | None = None) -> int:
        """How many pictures the clip is at `rate` frames per second, at least 1."""
        return max(1, round(self.seconds * (rate or self.rate)))


def look(path: Path) -> Clip:
    """The clip in the file at `path`; reads all packets, decodes one picture.

    Raises NodeError (*local*) when it is no readable video.
    """
    with engine.opened(path) as container:
        stream = _picture_stream(container, path)
        start, end, count = _span(container, stream)
        container.seek(0)
        frame = next(container.decode(stream), None)
        if frame is None or not count:
            raise NodeError(f"{path.name} holds no picture that can be decoded", "local", "export it again")
        seconds = end - start
        engine.within_length(seconds, path)
        return Clip(
            path=path,
            size=engine.shown_size(frame, stream),
            rate=_snapped(_stated_rate(stream) or count / seconds),
            start=start,
            seconds=seconds,
            whole=count == stream.frames or not stream.frames,
            sound=bool(container.streams.audio),
        )


def pictures(
    clip: Clip, rate: Fraction | None = None, start: Fraction = Fraction(0), count: int | None = None
) -> Iterator[Planes]:
    """`count` pictures at a constant `rate`, from `start` seconds on, upright, in the clip's displayed size.

    Each is the source picture nearest in time; the last one is held when the source is over. Without
    `count` the clip runs to its end.
    """
    rate = rate or clip.rate
    count = count if count is not None else max(1, round((clip.seconds - start) * rate))
    slack = 1 / (2 * max(rate, clip.rate))
    source = _timed(clip, start)
    current = _first(source, clip)
    upcoming = next(source, None)
    planes = None
    for i in range(count):
        wanted = start + i / rate + slack
        while upcoming and upcoming[0] <= wanted:
            current, upcoming, planes = upcoming, next(source, None), None
        planes = planes or resized(of_frame(current[1]), clip.size)
        yield planes


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
        for frame in container.decode(stream):
            time = (frame.pts or 0) * base - clip.start
            yield time, frame


def _picture_stream(container: InputContainer, path: Path) -> VideoStream:
    if not container.streams.video:
        raise NodeError(f"{path.name} holds no picture", "local", "pass a video")
    return container.streams.video[0]


def _span(container: InputContainer, stream: VideoStream) -> tuple[Fraction, Fraction, int]:
    """First time and end in seconds, and the number of pictures, from the packets alone."""
    shown = [p for p in container.demux(stream) if p.pts is not None and not p.is_discard]
    if not shown:
        return Fraction(0), Fraction(1), 0
    times = sorted(p.pts for p in shown if p.pts is not None)
    base = stream.time_base or Fraction(1, 1_000_000)
    last = max(_end(p) for p in shown)
    if last <= times[-1]:
        last = times[-1] + _usual_gap(times, stream, base)
    return times[0] * base, last * base, len(shown)


def _end(packet: Packet[VideoStream]) -> int:
    return (packet.pts or 0) + (packet.duration or 0)


def _usual_gap(times: list[int], stream: VideoStream, base: Fraction) -> int:
    """How long the last picture stands when the file does not say, in units of `base`."""
    if len(times) > 1:
        return max(1, (times[-1] - times[0]) // (len(times) - 1))
    return max(1, round(1 / (stream.guessed_rate or 25) / base))


def rate_of(fps: float) -> Fraction:
    """A rate as people write it (29.97) as the fraction that is meant (30000/1001)."""
    exact = Fraction(fps).limit_denominator(1001)
    nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - exact))
    return nearest if abs(nearest - exact) < CLOSE else exact


def _stated_rate(stream: VideoStream) -> Fraction | None:
    """The rate that the file states; PyAV 19 has fractions of its own, which cannot be rounded."""
    rate = stream.average_rate or stream.guessed_rate
    return Fraction(rate.numerator, rate.denominator) if rate else None


def _snapped(rate: Fraction) -> Fraction:
    """The rate itself when it is a clean one, else the standard or whole rate near it."""
    if rate.denominator in (1, 1001):
        return rate
    nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    return nearest if abs(nearest - rate) <= rate * NEAR else Fraction(max(1, round(rate)))
