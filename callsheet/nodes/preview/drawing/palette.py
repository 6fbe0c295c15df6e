"""Colours, and how they become the planes of a picture."""

from __future__ import annotations

from colorsys import hls_to_rgb
from typing import Final

from PIL import Image

from callsheet.nodes.media.codec.frames import Planes

KR, KG, KB = 0.2126, 0.7152, 0.0722
LUMA: Final = 219 / 255
CHROMA: Final = 224 / 255
BLUE: Final = CHROMA / (2 * (1 - KB))
RED: Final = CHROMA / (2 * (1 - KR))

MATRIX: Final = (
    *(KR * LUMA, KG * LUMA, KB * LUMA, 16.0),
    *(-KR * BLUE, -KG * BLUE, (1 - KB) * BLUE, 128.0),
    *((1 - KR) * RED, -KG * RED, -KB * RED, 128.0),
)


def to_planes(image: Image.Image) -> Planes:
    """The planes of an RGB image of even width and height."""
    y, u, v = image.convert("RGB", MATRIX).split()
    return y, u.reduce(2), v.reduce(2)


Color = tuple[int, int, int]

PAPER: Final[Color] = (245, 243, 238)
QUIET: Final[Color] = (158, 161, 166)
SLATE: Final[Color] = (20, 20, 21)


def color(hue: float, lightness: float, saturation: float) -> Color:
    red, green, blue = hls_to_rgb(hue % 1, min(1.0, max(0.0, lightness)), saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def mixed(first: Color, second: Color, share: float) -> Color:
    """A colour between the two; `share` 0..1 belongs to the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue
