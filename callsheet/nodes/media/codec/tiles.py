"""Draws contact sheets and grids: a dark board with titles, labels and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw

from callsheet.nodes.media.codec.layout import Layout
from callsheet.nodes.media.text.typeset import clean, draw, length, shortened

Color = tuple[int, int, int]

TOP: Final[Color] = (30, 32, 37)
BOTTOM: Final[Color] = (17, 18, 21)
CARD: Final[Color] = (38, 41, 47)
EDGE: Final[Color] = (62, 66, 74)
TEXT: Final[Color] = (232, 234, 238)
QUIET: Final[Color] = (139, 146, 158)
ACCENT: Final[Color] = (240, 182, 92)
RADIUS_SHARE: Final = 1 / 48
BADGE_SHARE: Final = 1 / 26
OPACITY: Final = 215
FINE: Final = 4


def empty(layout: Layout) -> Image.Image:
    """The bare board: dark, a little lighter at the top."""
    ramp = Image.linear_gradient("L").resize(layout.size)
    return Image.composite(Image.new("RGB", layout.size, BOTTOM), Image.new("RGB", layout.size, TOP), ramp)


def write_title(board: Image.Image, layout: Layout, title: str, note: str) -> None:
    """The title at the left, a quiet note at the right end of its line."""
    left, right = layout.corners[0][0], layout.size[0] - layout.corners[0][0]
    size, small = layout.title_size, round(layout.title_size * 0.62)
    baseline = (layout.corners[0][1] + size * 0.66) / 2
    note_width = length(note, small)
    room = right - left - note_width - size
    draw(board, (left, baseline), shortened(clean(title), room, size), size, TEXT)
    draw(board, (right - note_width, baseline), note, small, QUIET)


def write_labels(board: Image.Image, layout: Layout, labels: Sequence[str]) -> None:
    """Each label under its picture, after the number of the picture."""
    size = layout.label_size
    digits = len(str(len(labels)))
    for i, ((left, top), label) in enumerate(zip(layout.corners, labels, strict=True), 1):
        baseline = top + layout.cell[1] + size * 1.35
        number = str(i).zfill(max(2, digits))
        draw(board, (left, baseline), number, size, ACCENT)
        indent = length(number, size) + size * 0.6
        text = shortened(clean(label), layout.cell[0] - indent, size)
        draw(board, (left + indent, baseline), text, size, TEXT)


def place(board: Image.Image, layout: Layout, i: int, picture: Image.Image) -> None:
    """Picture `i` on its card: whole, centred, with round corners and a fine edge."""
    card = Image.new("RGB", layout.cell, CARD)
    scale = min(layout.cell[0] / picture.width, layout.cell[1] / picture.height)
    size = (_up_to(picture.width * scale, layout.cell[0]), _up_to(picture.height * scale, layout.cell[1]))
    shown = picture.convert("RGBA").resize(size, Image.Resampling.LANCZOS)
    card.paste(shown, ((layout.cell[0] - size[0]) // 2, (layout.cell[1] - size[1]) // 2), shown)
    radius = layout.cell[0] * RADIUS_SHARE
    board.paste(card, layout.corners[i], _round(layout.cell, radius, None))
    board.paste(EDGE, layout.corners[i], _round(layout.cell, radius, FINE))


def badge(board: Image.Image, layout: Layout, i: int, text: str) -> None:
    """A small dark plate in the right upper corner of picture `i`: a play mark and `text`."""
    size = max(9, round(layout.cell[0] * BADGE_SHARE))
    width, height = round(length(text, size) + size * 2.3), round(size * 1.7)
    inset = round(size * 0.6)
    left, top = layout.corners[i][0] + layout.cell[0] - width - inset, layout.corners[i][1] + inset
    plate = _round((width, height), height / 3, None).point([v * OPACITY // 255 for v in range(256)])
    board.paste(BOTTOM, (left, top), plate)
    mark = _triangle(round(size * 0.72))
    board.paste(ACCENT, (left + round(size * 0.55), top + (height - mark.height) // 2), mark)
    draw(board, (left + size * 1.65, top + height / 2 + size * 0.35), text, size, TEXT)


def _up_to(length: float, limit: int) -> int:
    return max(1, min(limit, round(length)))


def _round(size: tuple[int, int], radius: float, outline: int | None) -> Image.Image:
    """A mask of a rectangle with smooth round corners; only its edge when `outline` is given."""
    large = Image.new("L", (size[0] * FINE, size[1] * FINE), 0)
    box = (0, 0, large.width - 1, large.height - 1)
    fill = 255 if outline is None else None
    ImageDraw.Draw(large).rounded_rectangle(box, radius * FINE, fill, 255, outline or 1)
    return large.resize(size, Image.Resampling.BOX)


def _triangle(side: int) -> Image.Image:
    large = Image.new("L", (side * FINE, side * FINE), 0)
    ImageDraw.Draw(large).polygon([(0, 0), (large.width - 1, large.height // 2), (0, large.height - 1)], 255)
    return large.resize((side, side), Image.Resampling.BOX)
