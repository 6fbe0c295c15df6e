"""The slate: an opaque band at the foot of every preview, with the shot's data and a running timecode.

The band is always the same share of the height. So a shot that starts from another preview's last frame
covers that one's band exactly, and no label is ever seen twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw

from callsheet.nodes.media.codec.frames import Planes
from callsheet.nodes.media.text.typeset import draw, fitted, length, shortened
from callsheet.nodes.preview.brief import Brief
from callsheet.nodes.preview.drawing.palette import PAPER, QUIET, SLATE, color, mixed, to_planes

Size = tuple[int, int]

BAND: Final = 0.12
READABLE: Final = 7
SMALL_BAND_TYPE: Final = 11
LEADING: Final = 1.28
BESIDE: Final = 0.5
MOST_LINES: Final = 3
DIGITS: Final = "0123456789"


def band_height(height: int) -> int:
    """How many of `height` pixels the slate takes: an even number."""
    return max(2, round(height * BAND / 2) * 2)


@dataclass(frozen=True, slots=True)
class Grid:
    """Where things stand in a band, in pixels. large, small: type sizes. top: first base line."""

    width: int
    height: int

    @property
    def large(self) -> int:
        tall = max(self.height * 0.36, min(self.height * 0.6, SMALL_BAND_TYPE))
        return round(min(tall, max(self.width * 0.05, READABLE)))

    @property
    def small(self) -> int:
        return max(READABLE, round(self.large * 0.6))

    @property
    def margin(self) -> int:
        return max(3, round(self.width * 0.022))

    @property
    def rule(self) -> int:
        return max(1, round(self.height * 0.035))

    @property
    def first(self) -> int:
        """The base line of the address."""
        free = self.height - self.rule - (self.large + (self.small * 1.45 if self.has_second else 0))
        return round(self.rule + min(free / 2, self.large * 0.5) + self.large * 0.84)

    @property
    def second(self) -> int:
        return self.first + round(self.small * 1.55)

    @property
    def has_text(self) -> bool:
        return self.large >= READABLE and self.width >= 64

    @property
    def has_second(self) -> bool:
        return self.height >= self.large + self.small * 1.9 and self.width >= 160


def band(brief: Brief, size: Size, corner: str, data: str, prompt: str = "") -> Image.Image:
    """The band for a picture of `size`. corner: what stands at the right of the first line; "" leaves the
    place to a timecode. data: small, behind the model's name. prompt: as much of it as fits below the
    address.
    """
    width, height = size[0], band_height(size[1])
    image = Image.new("RGB", (width, height), SLATE)
    grid = Grid(width, height)
    _marks(image, brief, grid)
    if grid.has_text:
        _first_line(image, brief.address, corner, grid)
        if grid.has_second:
            _small_print(image, prompt, brief.endpoint, data, grid)
    return image


def _marks(image: Image.Image, brief: Brief, grid: Grid) -> None:
    """A rule in the shot's colour with the sticks of a clapper at its left."""
    accent = color(brief.hue, 0.60, 0.85)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, grid.width, grid.rule - 1), accent)
    stick = round(grid.margin * 0.45)
    pen.rectangle((0, grid.rule, stick, grid.height), mixed(accent, SLATE, 0.25))


def _first_line(image: Image.Image, address: str, corner: str, grid: Grid) -> None:
    taken = max(length(corner, grid.large), timecode_width(grid.large))
    room = grid.width - 3 * grid.margin - taken
    draw(image, (grid.margin, grid.first), shortened(address, room, grid.large), grid.large, PAPER)
    if corner:
        x = grid.width - grid.margin - length(corner, grid.large)
        draw(image, (x, grid.first), corner, grid.large, PAPER)


def _small_print(image: Image.Image, prompt: str, model: str, data: str, grid: Grid) -> None:
    """The prompt at the left, the data at the right of it or, in a tall band, below it."""
    lines = (grid.height - grid.second - grid.small // 4) // round(grid.small * LEADING) + 1
    whole = grid.width - 2 * grid.margin
    beside = lines == 1
    model = shortened(model, whole * (BESIDE if beside else 1) - length(data, grid.small), grid.small)
    wide = length(model + data, grid.small)
    rows = 1 if beside else min(lines - 1, MOST_LINES)
    room = round(whole - wide - grid.margin if beside else whole)
    block = fitted(prompt, room, round(rows * grid.small * LEADING) + 1, grid.small, grid.small)
    at = grid.second
    for line in block.lines:
        draw(image, (grid.margin, at), line, grid.small, QUIET, block.rtl)
        at += block.leading
    x = grid.width - grid.margin - wide if beside else grid.margin
    draw(image, (x, grid.second if beside else at), model + data, grid.small, mixed(QUIET, SLATE, 0.2))


def timecode(frame: int, rate: Fraction) -> str:
    """HH:MM:SS:FF of a frame, counted without dropping (23.976 counts like 24)."""
    whole = max(1, round(rate))
    seconds, frames = divmod(frame, whole)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"


def timecode_width(size: int) -> float:
    """The width of any timecode at `size`: digits stand in cells of one width, so nothing dances."""
    return sum(_cell(c, size) for c in "00:00:00:00")


def _cell(char: str, size: int) -> int:
    widest = max(length(d, size) for d in DIGITS)
    return round(widest if char != ":" else widest * 0.5)


class Timecode:
    """A running timecode for the band of one shot; each glyph is drawn once."""

    def __init__(self, size: Size, rate: Fraction) -> None:
        grid = Grid(size[0], band_height(size[1]))
        self.rate = rate
        self.shown = grid.has_text
        self.size = grid.large
        self.left = round(size[0] - grid.margin - timecode_width(self.size))
        self.top = size[1] - grid.height + grid.first - round(self.size * 0.84)

    def burn(self, luma: Image.Image, frame: int) -> None:
        """Write the time of `frame` into the luma plane of a picture (the band has next to no colour)."""
        x = self.left
        for char in timecode(frame, self.rate) if self.shown else "":
            tile = _glyph(char, self.size)
            luma.paste(tile, (x, self.top))
            x += tile.width


@lru_cache(maxsize=512)
def _glyph(char: str, size: int) -> Image.Image:
    """One character of a timecode as luma on the colour of the slate."""
    width = _cell(char, size)
    tile = Image.new("RGB", (width, round(size * 1.1)), SLATE)
    draw(tile, ((width - length(char, size)) / 2, round(size * 0.84)), char, size, PAPER)
    even = Image.new("RGB", (width + width % 2, tile.height + tile.height % 2), SLATE)
    even.paste(tile)
    return to_planes(even)[0].crop((0, 0, *tile.size))


def with_band(size: Size, band: Image.Image) -> Planes:
    """A picture of `size` that is empty but for its band, as planes to paste pictures on."""
    image = Image.new("RGB", size, SLATE)
    image.paste(band, (0, size[1] - band.height))
    return to_planes(image)
