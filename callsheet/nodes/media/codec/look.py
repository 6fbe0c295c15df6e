"""The look of a picture: colours, a vignette and grain."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec.frames import BLACK, Planes, Size
from callsheet.nodes.media.codec.grade import Grade, Rgb, graded, table

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFilter import Color3DLUT

RED, GREEN, BLUE = 0.2126, 0.7152, 0.0722
GAMMA: Final = 2.2
WARMTH: Final = 0.5
"""Stops by which red is raised and blue lowered at a temperature of 100."""
MIDDLE: Final = 0.5
"""The brightness that contrast leaves as it is."""
GRAIN_STEPS: Final = 20.0
"""Standard deviation of grain of 1, in steps of 255."""
GRAIN_LINES: Final = 900
"""Height in pixels up to which a grain is one pixel."""
MARGIN: Final = 256
"""Pixels by which a plate of grain is larger than the picture, so that it can be laid in many places."""
UNIFORM: Final = 4
"""How many even noises make one that is nearly normal."""
DEVIATION: Final = 255 / 12**0.5 / UNIFORM**0.5
"""Standard deviation of their mean, in steps of 255."""


@dataclass(frozen=True, slots=True)
class Look:
    """How pictures of one size are changed. grade: their colours, None to leave them. vignette, grain: 0 to
    1. seed: of the grain."""

    grade: Grade | None = None
    vignette: float = 0.0
    grain: float = 0.0
    seed: int = 0

    def over(self, size: Size) -> Callable[[int, Planes], Planes]:
        """A function that changes pictures of `size`: it takes the number of a picture and the picture."""
        return _Finish(
            table(self.grade) if self.grade else None,
            _dark_corners(size, self.vignette) if self.vignette else None,
            _Grain(size, self.grain, self.seed) if self.grain else None,
        )


@dataclass(slots=True)
class _Finish:
    """What changes pictures of one size."""

    colors: Color3DLUT | None
    corners: Image | None
    grain: _Grain | None

    def __call__(self, number: int, picture: Planes) -> Planes:
        if self.colors:
            picture = graded(picture, self.colors)
        if self.corners:
            picture = _shaded(picture, self.corners)
        return self.grain.on(number, picture) if self.grain else picture


def developed(exposure: float, temperature: float, contrast: float, saturation: float) -> Grade:
    """A grade. exposure: in stops. temperature: -100, cold, to 100, warm. contrast, saturation: factors."""
    gains = [2**exposure * gain for gain in _balance(temperature)]

    def grade(color: Rgb) -> Rgb:
        lit = [(part**GAMMA * gain) ** (1 / GAMMA) for part, gain in zip(color, gains, strict=True)]
        red, green, blue = ((part - MIDDLE) * contrast + MIDDLE for part in lit)
        grey = RED * red + GREEN * green + BLUE * blue
        r, g, b = (grey + (part - grey) * saturation for part in (red, green, blue))
        return r, g, b

    return grade


def _balance(temperature: float) -> Rgb:
    """Gains of red, green and blue in linear light that leave the brightness of grey as it is."""
    warm = 2 ** (temperature / 100 * WARMTH)
    whole = RED * warm + GREEN + BLUE / warm
    return warm / whole, 1 / whole, 1 / warm / whole


def _dark_corners(size: Size, strength: float) -> Image:
    """A mask: how much of a picture is black, most in its corners."""
    from PIL import Image
    from PIL.Image import Resampling

    disc = Image.radial_gradient("L")
    falling = [round(255 * strength * (1 - 1 / (1 + (i / 255) ** 2) ** 2)) for i in range(256)]
    return disc.resize(size, Resampling.BICUBIC).point(falling)


def _shaded(planes: Planes, mask: Image) -> Planes:
    from PIL import Image
    from PIL.Image import Resampling

    small = mask if planes[1].size == mask.size else mask.resize(planes[1].size, Resampling.BOX)
    y, u, v = (
        Image.composite(Image.new("L", plane.size, BLACK[i]), plane, mask if i == 0 else small)
        for i, plane in enumerate(planes)
    )
    return y, u, v


@dataclass(slots=True)
class _Grain:
    """Grain: one plate of noise, laid at another place in each picture."""

    size: Size
    strength: float
    seed: int
    plate: Image = field(init=False)

    def __post_init__(self) -> None:
        from PIL.Image import Resampling

        coarse = max(1.0, self.size[1] / GRAIN_LINES)
        width, height = (round((side + MARGIN) / coarse) for side in self.size)
        noise = _noise(random.Random(self.seed), (width, height))
        steps = GRAIN_STEPS * self.strength / DEVIATION
        thinned = noise.point([round(128 + (value - 127.5) * steps) for value in range(256)])
        whole = (self.size[0] + MARGIN, self.size[1] + MARGIN)
        self.plate = thinned if thinned.size == whole else thinned.resize(whole, Resampling.BICUBIC)

    def on(self, number: int, picture: Planes) -> Planes:
        """A picture with grain on it. number: of the picture in its film."""
        from PIL import ImageChops

        place = random.Random(f"{self.seed} {number}")
        left, top = place.randrange(MARGIN), place.randrange(MARGIN)
        width, height = self.size
        noise = self.plate.crop((left, top, left + width, top + height))
        return ImageChops.add(picture[0], noise, 1, -128), picture[1], picture[2]


def _noise(source: random.Random, size: Size) -> Image:
    """Noise around 127.5, nearly normal."""
    from PIL import Image

    evenly = [Image.frombytes("L", size, source.randbytes(size[0] * size[1])) for _ in range(UNIFORM)]
    one, other = (Image.blend(evenly[i], evenly[i + 1], 0.5) for i in (0, 2))
    return Image.blend(one, other, 0.5)
