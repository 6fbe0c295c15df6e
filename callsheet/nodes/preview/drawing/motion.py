"""The pictures of a preview clip, frame by frame, as planes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, repeat
from typing import Final

from PIL import Image, ImageOps

from callsheet.nodes.media.codec import reader as clips
from callsheet.nodes.media.codec.frames import Planes, Size, blended, half, resized
from callsheet.nodes.preview.drawing.camera import MARGIN, Box, Move, eased, times
from callsheet.nodes.preview.drawing.palette import to_planes

SEEN: Final = 2.5
"""Pixels of a step from which on one sees it."""
FINE: Final = 3
"""How many times a picture is enlarged for a move: places are exact to a sixth of a pixel. An odd number, so
that the picture at rest is the picture itself."""
MOST_PIXELS: Final = 20_000_000
"""Pixels of an enlarged picture; a larger one is scaled for each view."""


def covering(image: Image.Image, size: Size) -> Planes:
    """`image`, scaled to cover `size` even pixels."""
    return to_planes(ImageOps.fit(image, size, Image.Resampling.LANCZOS))


class Still:
    """A picture that a camera moves over. It is enlarged once; then each view takes the nearest pixels, which
    is several times as fast as scaling each view, and nearer to a bicubic one than a bilinear one is. beyond:
    whether the camera looks over its edges, where the picture goes on in mirror image."""

    def __init__(self, planes: Planes, beyond: bool = False) -> None:
        self.size = planes[0].size
        self.margin = (0, 0)
        if beyond:
            across, down = (round(length * MARGIN / 2) * 2 + 2 for length in self.size)
            self.margin = across, down
            y, u, v = planes
            small = (across // 2, down // 2)
            planes = _mirrored(y, (across, down)), _mirrored(u, small), _mirrored(v, small)
        width, height = planes[0].size
        self.fine = FINE if width * height * FINE**2 <= MOST_PIXELS else 1
        self.planes = _enlarged(planes, self.fine)

    def seen(self, box: Box) -> Planes:
        """What is inside `box` (pixels of the picture), in the picture's size."""
        (across, down), (width, height) = self.margin, self.planes[0].size
        left, right = (_within((x + across) * self.fine, width) for x in (box[0], box[2]))
        top, bottom = (_within((y + down) * self.fine, height) for y in (box[1], box[3]))
        small = half(self.size[0]), half(self.size[1])
        halved = left / 2, top / 2, right / 2, bottom / 2
        way = Image.Resampling.NEAREST if self.fine > 1 else Image.Resampling.BILINEAR
        y, u, v = self.planes
        return (
            y.resize(self.size, way, (left, top, right, bottom)),
            u.resize(small, way, halved),
            v.resize(small, way, halved),
        )


def _within(place: float, length: int) -> float:
    """A place that rounding may have put just beyond an edge."""
    return max(0.0, min(place, float(length)))


def _enlarged(planes: Planes, times: int) -> Planes:
    if times == 1:
        return planes
    y, u, v = (
        plane.resize((plane.width * times, plane.height * times), Image.Resampling.BICUBIC)
        for plane in planes
    )
    return y, u, v


def _mirrored(plane: Image.Image, margin: Size) -> Image.Image:
    """The plane with mirror images of its edges around it."""
    across, down = min(margin[0], plane.width), min(margin[1], plane.height)
    wide = Image.new("L", (plane.width + 2 * margin[0], plane.height + 2 * margin[1]))
    wide.paste(plane, margin)
    left, right = margin[0], margin[0] + plane.width
    for edge, to in (((left, left + across), left - across), ((right - across, right), right)):
        strip = wide.crop((edge[0], 0, edge[1], wide.height))
        wide.paste(strip.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (to, 0))
    top, bottom = margin[1], margin[1] + plane.height
    for edge, to in (((top, top + down), top - down), ((bottom - down, bottom), bottom)):
        strip = wide.crop((0, edge[0], wide.width, edge[1]))
        wide.paste(strip.transpose(Image.Transpose.FLIP_TOP_BOTTOM), (0, to))
    return wide


def moving(picture: Planes, move: Move, count: int) -> Iterator[Planes]:
    """`count` views of a camera move that begins on the whole picture."""
    if move == Move():
        yield from repeat(picture, count)
        return
    still = Still(picture, move.zoom < 0)
    yield from _drawn(lambda time: still.seen(move.box(time, still.size)), move, still.size, count)


def roaming(picture: Planes, move: Move, count: int) -> Iterator[Planes]:
    """`count` views of a move that need not begin on the whole picture, so it never leaves it: what moves out
    begins close.
    """
    if move.zoom >= 0:
        yield from moving(picture, Move(move.pan / 2, move.tilt / 2, move.zoom), count)
        return
    closer, still = Move(-move.pan / 2, -move.tilt / 2, -move.zoom), Still(picture)
    yield from _drawn(lambda time: still.seen(closer.box(1 - time, still.size)), closer, still.size, count)


def morphing(before: Planes, after: Planes, move: Move, count: int) -> Iterator[Planes]:
    """`count` pictures from the whole of `before` to the whole of `after`: both move while one becomes the
    other.
    """
    arrival = Move(-move.pan / 2, -move.tilt / 2, move.zoom / 2)
    first, last = Still(before, move.zoom < 0), Still(after, arrival.zoom < 0)

    def drawn(time: float) -> Planes:
        share = _dissolve(time)
        if share <= 0:
            return first.seen(move.box(time, first.size))
        if share >= 1:
            return last.seen(arrival.box(1 - time, last.size))
        seen = first.seen(move.box(time, first.size))
        return blended(seen, last.seen(arrival.box(1 - time, last.size)), share)

    yield from _drawn(drawn, move, first.size, count)


def _drawn(draw: Callable[[float], Planes], move: Move, size: Size, count: int) -> Iterator[Planes]:
    """`count` pictures of a move. Where it is so slow that nobody sees it, each is held for two frames, as
    animators do; the last is always drawn."""
    held = 2 if 2 * _step(move, size, count) <= SEEN else 1
    planes: Planes | None = None
    for i, time in enumerate(times(count)):
        if planes is None or i % held == 0 or i == count - 1:
            planes = draw(time)
        yield planes


def _step(move: Move, size: Size, count: int) -> float:
    """How far the corners of the picture move from one frame to the next, in pixels, on the average."""
    before, after = move.box(0, size), move.box(1, size)
    return max(abs(a - b) for a, b in zip(before, after, strict=True)) / max(1, count - 1)


def _dissolve(time: float) -> float:
    """How much of the last picture is there: nothing in the first seventh, all in the last."""
    return eased(min(1.0, max(0.0, (time - 1 / 7) * 7 / 5)))


@dataclass(frozen=True, slots=True)
class Footage:
    """A given video, scaled to cover `size` even pixels."""

    clip: clips.Clip
    size: Size

    def pictures(self, rate: Fraction, count: int) -> Iterator[Planes]:
        """`count` pictures at `rate` from its beginning; the last is held when it is over."""
        last = None
        for planes in islice(clips.pictures(self.clip, rate, count=count), count):
            if last is None or planes is not last[0]:
                last = planes, self._fitted(planes)
            yield last[1]

    def last(self) -> Planes:
        """Its very last picture."""
        return self._fitted(clips.last_picture(self.clip))

    def _fitted(self, planes: Planes) -> Planes:
        own = planes[0].size
        scale = min(own[0] / self.size[0], own[1] / self.size[1])
        width, height = self.size[0] * scale, self.size[1] * scale
        left, top = (own[0] - width) / 2, (own[1] - height) / 2
        return resized(planes, self.size, (left, top, left + width, top + height))
