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


def covering(image: Image.Image, size: Size) -> Planes:
    """`image`, scaled to cover `size` even pixels."""
    return to_planes(ImageOps.fit(image, size, Image.Resampling.LANCZOS))


class Still:
    """A picture that a camera can move over, and a little beyond: it goes on in mirror image."""

    def __init__(self, planes: Planes) -> None:
        self.size = planes[0].size
        self.margin = tuple(round(length * MARGIN / 2) * 2 + 2 for length in self.size)
        across, down = self.margin
        y, u, v = planes
        half_of = (across // 2, down // 2)
        self.wide = (_mirrored(y, (across, down)), _mirrored(u, half_of), _mirrored(v, half_of))

    def seen(self, box: Box) -> Planes:
        """What is inside `box` (pixels of the picture), in the picture's size."""
        left, top, right, bottom = box
        across, down = self.margin
        inside = (left + across, top + down, right + across, bottom + down)
        return _scaled(self.wide, self.size, inside)


def _scaled(planes: Planes, size: Size, box: Box) -> Planes:
    """A box of about `size`, scaled to it: bilinear, which is fast, and close enough for so small a step."""
    small = half(size[0]), half(size[1])
    halved = (box[0] / 2, box[1] / 2, box[2] / 2, box[3] / 2)
    y, u, v = planes
    way = Image.Resampling.BILINEAR
    return y.resize(size, way, box), u.resize(small, way, halved), v.resize(small, way, halved)


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


def moving(still: Still, move: Move, count: int) -> Iterator[Planes]:
    """`count` pictures of a camera move that begins on the whole picture."""
    if move == Move():
        yield from repeat(still.seen(move.box(0, still.size)), count)
        return
    yield from _drawn(lambda time: still.seen(move.box(time, still.size)), move, still.size, count)


def roaming(still: Still, move: Move, count: int) -> Iterator[Planes]:
    """`count` pictures of a move that need not begin on the whole picture, so it never leaves it far: what
    moves out begins close.
    """
    if move.zoom >= 0:
        yield from moving(still, Move(move.pan / 2, move.tilt / 2, move.zoom), count)
        return
    closer = Move(-move.pan / 2, -move.tilt / 2, -move.zoom)
    yield from _drawn(lambda time: still.seen(closer.box(1 - time, still.size)), closer, still.size, count)


def morphing(first: Still, last: Still, move: Move, count: int) -> Iterator[Planes]:
    """`count` pictures from the whole of `first` to the whole of `last`: both move while one becomes the
    other.
    """
    arrival = Move(-move.pan / 2, -move.tilt / 2, move.zoom / 2)

    def drawn(time: float) -> Planes:
        share = _dissolve(time)
        if share <= 0:
            return first.seen(move.box(time, first.size))
        if share >= 1:
            return last.seen(arrival.box(1 - time, last.size))
        before = first.seen(move.box(time, first.size))
        return blended(before, last.seen(arrival.box(1 - time, last.size)), share)

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
