"""Several pictures side by side on one plate."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Final

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from callsheet.nodes.preview.drawing.palette import PAPER

Size = tuple[int, int]
Box = tuple[int, int, int, int]

GAP: Final = 0.028
MOST: Final = 12
MOST_INLAID: Final = 6
INLAID: Final = 0.2
"""Height of a small picture as a share of the shorter side."""
WIDEST: Final = 1.8


def collage(plate: Image.Image, pictures: Sequence[Image.Image], area: Box) -> Image.Image:
    """`plate` softened, with up to 12 pictures, each whole and as large as it can be, inside `area`."""
    under = _receded(plate)
    gap = max(2, round(min(plate.size) * GAP))
    for picture, cell in zip(pictures, cells(len(pictures[:MOST]), area, gap), strict=False):
        _mount(under, picture, cell, gap)
    return under


def inlaid(plate: Image.Image, pictures: Sequence[Image.Image]) -> Image.Image:
    """A copy of `plate` with up to 6 small pictures in a row in its upper corner, away from what it shows."""
    image = plate.copy()
    gap = max(2, round(min(image.size) * GAP))
    tall = round(min(image.size) * INLAID)
    right = gap
    for picture in pictures[:MOST_INLAID]:
        wide = max(2, round(tall * min(WIDEST, picture.width / picture.height)))
        if right + wide > image.width - gap:
            break
        _mount(image, picture, (right, gap, right + wide, gap + tall), gap)
        right += wide + gap
    return image


def cells(count: int, area: Box, gap: int) -> list[Box]:
    """`count` equal cells inside `area`, in the rows and columns that give the squarest ones."""
    left, top, right, bottom = area
    width, height = right - left, bottom - top

    def squareness(columns: int) -> float:
        rows = ceil(count / columns)
        return min(width / columns, 1.4 * height / rows)

    columns = max(range(1, count + 1), key=squareness, default=1)
    rows = max(1, ceil(count / columns))
    wide, tall = (width - gap * (columns - 1)) / columns, (height - gap * (rows - 1)) / rows
    found = []
    for i in range(count):
        row, column = divmod(i, columns)
        in_row = min(columns, count - row * columns)
        indent = (columns - in_row) * (wide + gap) / 2
        x, y = left + indent + column * (wide + gap), top + row * (tall + gap)
        found.append((round(x), round(y), round(x + wide), round(y + tall)))
    return found


def _receded(plate: Image.Image) -> Image.Image:
    soft = plate.filter(ImageFilter.GaussianBlur(max(1.0, min(plate.size) / 60)))
    return Image.blend(soft, Image.new("RGB", plate.size, "black"), 0.38)


def _mount(under: Image.Image, picture: Image.Image, cell: Box, gap: int) -> None:
    """Lay a picture into its cell with a thin paper edge and a shadow."""
    room = max(1, cell[2] - cell[0]), max(1, cell[3] - cell[1])
    shown = ImageOps.contain(picture.convert("RGB"), room, Image.Resampling.LANCZOS)
    x = (cell[0] + cell[2] - shown.width) // 2
    y = (cell[1] + cell[3] - shown.height) // 2
    _shadow(under, (x, y, x + shown.width, y + shown.height), gap)
    edge = max(1, gap // 9)
    frame = (x - edge, y - edge, x + shown.width + edge - 1, y + shown.height + edge - 1)
    ImageDraw.Draw(under).rectangle(frame, fill=PAPER)
    under.paste(shown, (x, y))


def _shadow(under: Image.Image, box: Box, gap: int) -> None:
    reach = gap * 2
    size = (box[2] - box[0] + 2 * reach, box[3] - box[1] + 2 * reach)
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).rectangle(
        (reach, reach + gap // 2, size[0] - reach, size[1] - reach + gap // 2), fill=150
    )
    mask = mask.filter(ImageFilter.GaussianBlur(gap * 0.6))
    under.paste((0, 0, 0), (box[0] - reach, box[1] - reach), mask)
