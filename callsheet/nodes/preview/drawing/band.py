"""The band below a preview: which shot it is, what happens in it, what is said, and where in the film it is.

It lies outside of the picture, so it covers no caption, no legal line and no drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw

from callsheet.nodes.media.text.typeset import LEADING, Block, draw, fitted, length, shortened, wrapped
from callsheet.nodes.preview.drawing.palette import PAPER, QUIET, SLATE, Color, color, mixed
from callsheet.nodes.preview.drawing.timecode import timecode_width
from callsheet.nodes.preview.random import Dice
from callsheet.nodes.preview.story import Beat, Line

Size = tuple[int, int]

TYPE: Final = 1 / 30
"""Size of the words as a share of the shorter side: 24 pixels at 720p."""
SMALLEST: Final = 9
LEAST_WIDTH: Final = 96
SMALLER: Final = 0.8
"""How far words may shrink before they are cut."""
ACTION_ROWS, SAID_ROWS = 2, 2
TALL_ROWS: Final = 4
SPOKEN: Final[Color] = (255, 219, 128)
NARRATED: Final[Color] = (150, 210, 255)
GOLDEN: Final = 0.618033988749895


@dataclass(frozen=True, slots=True)
class Shape:
    """Where things stand in the band of a picture of `size`, in pixels. action, said: lines of text."""

    size: Size
    action: int
    said: int

    @property
    def type(self) -> int:
        """Size of the words."""
        return max(SMALLEST, round(min(self.size) * TYPE))

    @property
    def small(self) -> int:
        return max(SMALLEST, round(self.type * 0.72))

    @property
    def margin(self) -> int:
        return max(4, round(self.type * 0.9))

    @property
    def rule(self) -> int:
        """Height of the line along the upper edge."""
        return max(2, round(self.type * 0.22))

    @property
    def leading(self) -> int:
        return round(self.type * LEADING)

    @property
    def head(self) -> int:
        """The base line of the address."""
        return self.rule + round(self.type * 1.3)

    @property
    def has_text(self) -> bool:
        return self.size[0] >= LEAST_WIDTH

    @property
    def height(self) -> int:
        """Of the whole band: an even number."""
        if not self.has_text:
            return max(4, self.rule * 2)
        rows = self.action + self.said
        whole = self.head + round(self.type * 0.75) + rows * self.leading + round(self.type * 0.35)
        return (whole + 1) // 2 * 2

    @property
    def room(self) -> int:
        """Width of the words."""
        return self.size[0] - 2 * self.margin

    def clocks(self, count: int) -> list[tuple[int, int]]:
        """The left top corners of `count` timecodes, the last at the right edge; none where they would leave
        no place for an address."""
        wide = timecode_width(self.type)
        top = self.head - round(self.type * 0.84)
        lefts = [
            self.size[0] - self.margin - (count - i) * wide - (count - 1 - i) * self.type
            for i in range(count)
        ]
        return [(x, top) for x in lefts if x > self.size[0] * 0.3]


def shape_of(size: Size, beats: Sequence[Beat], lines: Sequence[Line]) -> Shape:
    """The shape that holds all of these words, within bounds."""
    most = TALL_ROWS if size[1] >= size[0] else ACTION_ROWS
    one = Shape(size, 1, 0)

    def rows(texts: Sequence[str], bound: int) -> int:
        counts = (sum(1 for _ in wrapped(text, one.room, one.type)) for text in texts if text)
        return min(bound, max(counts, default=0))

    if not one.has_text:
        return Shape(size, 0, 0)
    spoken = [quoted(line) for line in lines]
    return Shape(size, rows([b.action for b in beats], most), rows(spoken, max(SAID_ROWS, most - 1)))


def quoted(line: Line) -> str:
    """A line as it is shown: speech in quotation marks, a narration after a dash."""
    return f"Narrator: {line.text}" if line.narrated else f"“{line.text}”"


def band(shape: Shape, beat: Beat, line: Line | None, right: int, place: tuple[float, float]) -> Image.Image:
    """The band of one moment. right: pixels that are kept free at the end of the first line. place: from
    where to where in the film the beat is, as shares of it."""
    image = Image.new("RGB", (shape.size[0], shape.height), SLATE)
    _rule(image, shape, beat, place)
    if not shape.has_text:
        return image
    _head(image, shape, beat, right)
    top = shape.head + round(shape.type * 0.75)
    _text(image, shape, beat.action, PAPER, top, shape.action)
    if line is not None:
        tint = NARRATED if line.narrated else SPOKEN
        _text(image, shape, quoted(line), tint, top + shape.action * shape.leading, shape.said)
    return image


def accent_of(address: str) -> Color:
    """The colour of a shot in the band, by its address."""
    return color(int.from_bytes(Dice("band", address).digest[:2]) * GOLDEN % 1.0, 0.60, 0.80)


def _rule(image: Image.Image, shape: Shape, beat: Beat, place: tuple[float, float]) -> None:
    """A line over the whole width, bright where the shot is in the film."""
    accent, width = accent_of(beat.address), shape.size[0]
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, width, shape.rule - 1), mixed(accent, SLATE, 0.72))
    pen.rectangle((round(place[0] * width), 0, round(place[1] * width), shape.rule - 1), accent)


def _head(image: Image.Image, shape: Shape, beat: Beat, right: int) -> None:
    room = shape.room - right
    name = shortened(beat.address, room, shape.type)
    draw(image, (shape.margin, shape.head), name, shape.type, accent_of(beat.address))
    after = length(name, shape.type) + shape.type
    if beat.made and room - after > 4 * shape.type:
        made = shortened(beat.made, room - after, shape.small)
        draw(image, (round(shape.margin + after), shape.head), made, shape.small, QUIET)


def _text(image: Image.Image, shape: Shape, text: str, tint: Color, top: int, rows: int) -> None:
    if not text or not rows:
        return
    block = set_text(text, shape, rows)
    baseline = top + round(block.size * 0.92)
    for line in block.lines:
        x = shape.margin
        if block.rtl:
            x = round(image.width - shape.margin - length(line, block.size, rtl=True))
        draw(image, (x, baseline), line, block.size, tint, block.rtl)
        baseline += block.leading


def set_text(text: str, shape: Shape, rows: int) -> Block:
    """Words in so many rows: as large as they fit, not smaller than four fifths, then cut."""
    least = max(SMALLEST, round(shape.type * SMALLER))
    return fitted(text, shape.room, rows * shape.leading, shape.type, least)
