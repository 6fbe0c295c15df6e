"""The pictures of a preview clip, frame by frame, as planes: everything above the slate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from PIL import Image, ImageOps

from callsheet.nodes.media.codec import reader as clips
from callsheet.nodes.media.codec.frames import Planes, Size, blended, resized
from callsheet.nodes.preview.drawing.camera import MARGIN, Box, Move, eased, times
from callsheet.nodes.preview.drawing.palette import to_planes
from callsheet.nodes.preview.drawing.slate import band_height


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a frame that shows the picture. size: of the whole frame, in even pixels."""

    size: Size

    @property
    def picture(self) -> Size:
        return self.size[0], self.size[1] - band_height(self.size[1])

    def of_image(self, image: Image.Image) -> Planes:
        """The top of `image`, scaled to cover the frame."""
        covering = ImageOps.fit(image, self.size, Image.Resampling.LANCZOS)
        return to_planes(covering.crop((0, 0, *self.picture)))

    def of_planes(self, planes: Planes) -> Planes:
        """The same for a frame of a video."""
        return resized(planes, self.picture, _covering(planes[0].size, self.size, self.picture[1]))


def _covering(source: Size, size: Size, shown: int) -> Box:
    """The part of `source` that has the aspect of `size`, cut to its upper `shown` rows."""
    scale = min(source[0] / size[0], source[1] / size[1])
    width, height = size[0] * scale, size[1] * scale
    left, top = (source[0] - width) / 2, (source[1] - height) / 2
    return left, top, left + width, top + shown * scale


class Still:
    """A picture that a camera can move over, and a little beyond: it goes on in mirror image."""

    def __init__(self, planes: Planes) -> None:
        self.size = planes[0].size
        self.margin = tuple(round(length * MARGIN / 2) * 2 + 2 for length in self.size)
        across, down = self.margin
        y, u, v = planes
        half = (across // 2, down // 2)
        self.wide = (_mirrored(y, (across, down)), _mirrored(u, half), _mirrored(v, half))

    def seen(self, box: Box) -> Planes:
        """What is inside `box` (pixels of the picture), in the picture's size."""
        left, top, right, bottom = box
        across, down = self.margin
        return resized(self.wide, self.size, (left + across, top + down, right + across, bottom + down))


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
        yield from (still.seen(move.box(0, still.size)) for _ in range(count))
        return
    for time in times(count):
        yield still.seen(move.box(time, still.size))


def roaming(still: Still, move: Move, count: int) -> Iterator[Planes]:
    """`count` pictures of a move that need not begin on the whole picture, so it never leaves it far: what
    moves out begins close.
    """
    if move.zoom >= 0:
        yield from moving(still, Move(move.pan / 2, move.tilt / 2, move.zoom), count)
        return
    closer = Move(-move.pan / 2, -move.tilt / 2, -move.zoom)
    for time in times(count):
        yield still.seen(closer.box(1 - time, still.size))


def morphing(first: Still, last: Still, move: Move, count: int) -> Iterator[Planes]:
    """`count` pictures from the whole of `first` to the whole of `last`: both move while one becomes the
    other.
    """
    arrival = Move(-move.pan / 2, -move.tilt / 2, move.zoom / 2)
    for time in times(count):
        share = _dissolve(time)
        if share <= 0:
            yield first.seen(move.box(time, first.size))
        elif share >= 1:
            yield last.seen(arrival.box(1 - time, last.size))
        else:
            before = first.seen(move.box(time, first.size))
            yield blended(before, last.seen(arrival.box(1 - time, last.size)), share)


def _dissolve(time: float) -> float:
    """How much of the last picture is there: nothing in the first seventh, all in the last."""
    return eased(min(1.0, max(0.0, (time - 1 / 7) * 7 / 5)))


@dataclass(frozen=True, slots=True)
class Footage:
    """A given video, seen through a window."""

    clip: clips.Clip
    window: Window

    def pictures(self, rate: Fraction, count: int) -> Iterator[Planes]:
        """`count` pictures at `rate` from its beginning; the last is held when it is over."""
        last = None
        for planes in islice(clips.pictures(self.clip, rate, count=count), count):
            if last is None or planes is not last[0]:
                last = planes, self.window.of_planes(planes)
            yield last[1]

    def last(self) -> Planes:
        """Its very last picture."""
        return self.window.of_planes(clips.last_picture(self.clip))
