"""Running timecodes: each glyph is drawn once, and digits stand in cells of one width."""

from __future__ import annotations

from functools import lru_cache
from itertools import zip_longest
from typing import Final

from PIL import Image

from callsheet.nodes.media.text.typeset import draw, length
from callsheet.nodes.preview.drawing.palette import SLATE, Color, to_planes

DIGITS: Final = "0123456789"


def timecode_width(size: int) -> int:
    """The width of any timecode at `size` pixels."""
    return sum(_cell(c, size) for c in "00:00:00:00")


def _cell(char: str, size: int) -> int:
    widest = max(length(d, size) for d in DIGITS)
    return round(widest if char in DIGITS else widest * 0.5)


def burn(
    luma: Image.Image, place: tuple[int, int], text: str, size: int, color: Color, before: str = ""
) -> None:
    """Write a timecode into the luma plane of a band; `place` is its left top corner. before: the timecode
    that is there, of which only what is different is written again."""
    x, y = place
    for char, old in zip_longest(text, before):
        if char is None:
            return
        tile = _glyph(char, size, color)
        if char != old:
            luma.paste(tile, (x, y))
        x += tile.width


@lru_cache(maxsize=512)
def _glyph(char: str, size: int, color: Color) -> Image.Image:
    """One character of a timecode as luma on the colour of the band."""
    width = _cell(char, size)
    tile = Image.new("RGB", (width, round(size * 1.1)), SLATE)
    draw(tile, ((width - length(char, size)) / 2, round(size * 0.84)), char, size, color)
    even = Image.new("RGB", (width + width % 2, tile.height + tile.height % 2), SLATE)
    even.paste(tile)
    return to_planes(even)[0].crop((0, 0, *tile.size))
