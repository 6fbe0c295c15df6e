"""The backdrop of a shot: an abstract set with depth, light and a horizon, and no text on it.

It gives pan and zoom something to move over. The words of the prompt choose the set, the seed its forms.
"""

from __future__ import annotations

import re
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from callsheet.nodes.preview.drawing import sets
from callsheet.nodes.preview.drawing.palette import Color, Palette, mixed, palette
from callsheet.nodes.preview.drawing.sets import Stage
from callsheet.nodes.preview.random import Dice

Size = tuple[int, int]

LARGEST: Final = 2560
OVERSAMPLING: Final = 2
SMALL: Final = 160

WORDS: Final = {
    "sea": "sea ocean lighthouse ship boat beach wave waves harbor harbour coast shore island tide lake",
    "city": "city street neon skyscraper skyline town building traffic rooftop tokyo alley market taxi",
    "forest": "forest tree trees woods jungle pine pines garden leaf leaves park meadow autumn",
    "hills": "mountain mountains hill hills valley desert field snow canyon dune dunes landscape road cliff",
    "room": "room interior kitchen studio stair stairs hall office bedroom door table desk library corridor",
    "figure": "portrait face woman man girl boy person closeup close-up character keeper she he actor",
    "space": "space planet planets star stars galaxy astronaut moon rocket orbit cosmos alien",
}
"""Set → words that call for it."""


def plate(prompt: str, hue: float, size: Size, *identity: object) -> Image.Image:
    """A backdrop of exactly `size` pixels in the colours of `hue`; equal arguments, equal pixels."""
    dice = Dice("scenery", *identity)
    colors = palette(hue, dice)
    drawn = _drawing_size(size)
    stage = Stage(_sky(drawn, colors), dice, colors, _light_at(dice))
    _glow(stage)
    getattr(sets, set_of(prompt) or dice.pick(tuple(WORDS)))(stage)
    _shafts(stage)
    return _vignette(stage.image.resize(size, Image.Resampling.LANCZOS))


def set_of(prompt: str) -> str | None:
    """The set whose words the prompt uses first, or None."""
    for word in re.findall(r"[a-z][a-z-]+", prompt.lower()):
        for name, words in WORDS.items():
            if word in words.split():
                return name
    return None


def _drawing_size(size: Size) -> Size:
    """Twice as large for smooth edges, within a bound."""
    scale = min(OVERSAMPLING, LARGEST / max(size))
    return max(2, round(size[0] * scale)), max(2, round(size[1] * scale))


def _light_at(dice: Dice) -> tuple[float, float]:
    """Where the light stands, as shares of width and height: near a third, never in the middle."""
    return dice.pick((0.27, 0.34, 0.66, 0.74)) + dice.between(-0.05, 0.05), dice.between(0.16, 0.42)


def _sky(size: Size, colors: Palette) -> Image.Image:
    column = Image.new("RGB", (1, 3))
    for y, color in enumerate((colors.high, colors.middle, colors.low)):
        column.putpixel((0, y), color)
    return column.resize((1, size[1]), Image.Resampling.BICUBIC).resize(size)


def _glow(stage: Stage) -> None:
    """Light around its source: wide and soft, then small and bright."""
    for radius, strength in ((0.75, 0.55), (0.32, 0.6), (0.13, 0.75)):
        _disc(stage, radius, strength)


def _disc(stage: Stage, radius: float, strength: float) -> None:
    width, height = stage.image.size
    side = max(2, round(2 * radius * max(width, height)))
    falling = Image.radial_gradient("L").point([round(max(0, 255 - 2 * v) * strength) for v in range(256)])
    mask = falling.resize((side, side), Image.Resampling.BILINEAR)
    left, top = round(stage.light[0] * width - side / 2), round(stage.light[1] * height - side / 2)
    stage.image.paste(stage.colors.light, (left, top, left + side, top + side), mask)


def _shafts(stage: Stage) -> None:
    """Beams that fall from the light, soft at their edges."""
    width, height = SMALL, max(2, round(SMALL * stage.image.height / stage.image.width))
    mask = Image.new("L", (width, height))
    pen = ImageDraw.Draw(mask)
    x, y = stage.light[0] * width, stage.light[1] * height
    for _ in range(stage.dice.whole(2, 4)):
        foot, half = stage.dice.between(-0.3, 1.3) * width, stage.dice.between(0.02, 0.07) * width
        beam = ((x - 1, y), (x + 1, y), (foot + half, height), (foot - half, height))
        pen.polygon(beam, fill=stage.dice.whole(26, 52))
    mask = mask.filter(ImageFilter.GaussianBlur(SMALL / 50))
    stage.image.paste(stage.colors.light, (0, 0), mask.resize(stage.image.size, Image.Resampling.BICUBIC))


def _vignette(image: Image.Image) -> Image.Image:
    mask = Image.radial_gradient("L").point([min(110, max(0, v - 130)) for v in range(256)])
    image.paste(_darkest(image), (0, 0), mask.resize(image.size, Image.Resampling.BILINEAR))
    return image


def _darkest(image: Image.Image) -> Color:
    red, green, blue = (channel.getextrema()[0] for channel in image.split())
    return mixed((int(red), int(green), int(blue)), (0, 0, 0), 0.5)  # type: ignore[arg-type]
