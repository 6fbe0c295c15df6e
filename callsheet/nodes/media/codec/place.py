"""Places in a picture by their names, inside of the safe area."""

from __future__ import annotations

from typing import Final

from callsheet.nodes.media.codec.frames import Size

PLACES: Final = tuple(
    f"{row}_{side}" if side else row for row in ("top", "middle", "bottom") for side in ("left", "", "right")
)
"""`top_left`, `top`, `top_right`, …: rows and sides of the safe area."""
UPRIGHT: Final = 1.2
"""Height divided by width from which a film is taken for one of a phone."""
MARGINS: Final = (0.05, 0.05, 0.05)
PHONE_MARGINS: Final = (0.08, 0.12, 0.18)
"""Shares of width and height that stay free at the sides, at the top and at the bottom: as EBU R 95 says, and
on phones, where players draw their buttons over the film."""


def safe_area(size: Size) -> tuple[int, int, int, int]:
    """Left, top, right and bottom edge of the part of a picture where text is always seen."""
    width, height = size
    sides, top, bottom = PHONE_MARGINS if height > UPRIGHT * width else MARGINS
    return round(width * sides), round(height * top), round(width * (1 - sides)), round(height * (1 - bottom))


def corner_of(place: str, size: Size, whole: Size) -> tuple[int, int]:
    """Where the left top corner of what has `size` is. What is larger than the safe area stands in the
    middle of the whole picture."""
    left, top, right, bottom = safe_area(whole)
    row, _, side = place.partition("_")
    x = {"left": left, "right": right - size[0]}.get(side, (whole[0] - size[0]) // 2)
    y = {"top": top, "bottom": bottom - size[1]}.get(row, (whole[1] - size[1]) // 2)
    wide, high = size[0] > right - left, size[1] > bottom - top
    return (whole[0] - size[0]) // 2 if wide else x, (whole[1] - size[1]) // 2 if high else y
