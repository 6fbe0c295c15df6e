"""The colours of one shot, all from one hue."""

from __future__ import annotations

from colorsys import hls_to_rgb
from dataclasses import dataclass
from typing import Final

from PIL import Image

from callsheet.nodes.media.codec.frames import Planes
from callsheet.nodes.preview.random import Dice

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


@dataclass(frozen=True, slots=True)
class Palette:
    """hue: 0..1 around the colour circle. accent: for rules and marks. light: sun, lamps, windows.

    high, middle, low: the sky from top to horizon. far, near: the silhouettes.
    """

    hue: float
    accent: Color
    light: Color
    high: Color
    middle: Color
    low: Color
    far: Color
    near: Color


def palette(hue: float, dice: Dice) -> Palette:
    """Colours around `hue`; the dice choose between dusk, day and night and how far the light differs."""
    warm = (hue + dice.pick((0.08, 0.12, 0.42, 0.5, -0.1))) % 1
    high, middle, low = dice.pick(((0.16, 0.34, 0.60), (0.26, 0.48, 0.74), (0.10, 0.22, 0.42)))
    return Palette(
        hue=hue,
        accent=color(hue, 0.60, 0.85),
        light=color(warm, 0.84, 0.95),
        high=color(hue + 0.05, high, 0.54),
        middle=color(hue, middle, 0.48),
        low=color(warm, low, 0.52),
        far=color(hue, middle * 0.88, 0.42),
        near=color(hue + 0.04, high * 0.42, 0.50),
    )


def color(hue: float, lightness: float, saturation: float) -> Color:
    red, green, blue = hls_to_rgb(hue % 1, min(1.0, max(0.0, lightness)), saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def mixed(first: Color, second: Color, share: float) -> Color:
    """A colour between the two; `share` 0..1 belongs to the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue
