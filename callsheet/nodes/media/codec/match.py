"""Measures the colours of pictures, and finds the grade that gives one clip the colours of another.

The grade is the straight map of red, green and blue that brings average and covariance of one to those of the
other and moves colours least (Pitié and Kokaram, the linear Monge-Kantorovitch colour mapping, 2007).
A changed exposure, contrast or white balance is such a map, so it is undone. How different two clips are is
told in CIE Lab, where equal distances look alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import dist, sqrt
from typing import Final

from callsheet.nodes.media.codec.frames import Planes, Size, resized, to_image
from callsheet.nodes.media.codec.grade import Grade, Rgb
from callsheet.nodes.media.codec.matrix import Matrix, applied, reshaped, times
from callsheet.nodes.media.codec.reader import Clip, pictures

MOST: Final = 12
"""Pictures of a clip that are measured, spread evenly."""
SIDE: Final = 64
"""Pixels of the longer side of a picture that is measured."""
GREATEST: Final = 2.0
"""How much contrast and colour are raised at most."""
LEAST: Final = (2 / 255) ** 2
"""Variance that is added to each, so that what is hardly there is not raised much."""
ONE_COLOR: Final = 1.0
"""Spread in Lab below which pictures count as of one colour."""
GAMMA: Final = 2.2
WHITE: Final[Rgb] = (0.95047, 1.0, 1.08883)
TO_XYZ: Final = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
EDGE: Final = 6 / 29
"""Where the cube root of Lab becomes a straight line."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of pictures. mean, covariance: of red, green and blue, 0 to 1. lab, spread: average and
    standard deviation in CIE Lab."""

    mean: Rgb
    covariance: Matrix
    lab: Rgb
    spread: Rgb

    @property
    def plain(self) -> bool:
        """Whether there is only one colour, so that its spread says nothing."""
        return max(self.spread) < ONE_COLOR

    def distance(self, other: Palette) -> float:
        """How different two are, in the units of Lab: a difference of 2 is just visible."""
        return dist((*self.lab, *self.spread), (*other.lab, *other.spread))


def palette(measured: Iterable[Planes]) -> Palette:
    """The colours of pictures, of which there is at least one."""
    colors = [color for planes in measured for color in _colors(planes)]
    mean, covariance = _moments(colors)
    lab, of_lab = _moments([_lab(color) for color in colors])
    spread = (sqrt(of_lab[0][0]), sqrt(of_lab[1][1]), sqrt(of_lab[2][2]))
    return Palette(mean, covariance, lab, spread)


def samples(clip: Clip) -> Iterator[Planes]:
    """Pictures of a clip to measure."""
    count = min(MOST, clip.count)
    for i in range(count):
        yield next(pictures(clip, start=clip.seconds * Fraction(2 * i + 1, 2 * count), count=1))


def matching(own: Palette, wanted: Palette, strength: float) -> Grade:
    """The grade that gives pictures with the colours `own` those of `wanted`. strength: 0 to 1.

    Contrast is left as it is where one of the two is of one colour.
    """
    plain = own.plain or wanted.plain
    change = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)) if plain else _change(own, wanted)

    def grade(color: Rgb) -> Rgb:
        offset = (color[0] - own.mean[0], color[1] - own.mean[1], color[2] - own.mean[2])
        moved = applied(change, offset)
        red, green, blue = (color[i] + strength * (wanted.mean[i] + moved[i] - color[i]) for i in range(3))
        return red, green, blue

    return grade


def _change(own: Palette, wanted: Palette) -> Matrix:
    """The symmetric map between two covariances."""
    root = reshaped(own.covariance, lambda value: sqrt(value + LEAST))
    back = reshaped(own.covariance, lambda value: 1 / sqrt(value + LEAST))
    goal = reshaped(wanted.covariance, lambda value: value + LEAST)
    between = reshaped(times(times(root, goal), root), lambda value: sqrt(max(value, 0.0)))
    return reshaped(times(times(back, between), back), lambda value: min(value, GREATEST))


def _colors(planes: Planes) -> Iterator[Rgb]:
    """The colours of a small copy of a picture."""
    data = to_image(resized(planes, _small(planes[0].size))).tobytes()
    for at in range(0, len(data), 3):
        yield data[at] / 255, data[at + 1] / 255, data[at + 2] / 255


def _moments(colors: list[Rgb]) -> tuple[Rgb, Matrix]:
    """Mean and covariance."""
    count = len(colors)
    mean = [sum(color[i] for color in colors) / count for i in range(3)]
    rows = [[0.0] * 3 for _ in range(3)]
    for i, j in product(range(3), repeat=2):
        rows[i][j] = sum((color[i] - mean[i]) * (color[j] - mean[j]) for color in colors) / count
    a, b, c = ((row[0], row[1], row[2]) for row in rows)
    return (mean[0], mean[1], mean[2]), (a, b, c)


def _small(size: Size) -> Size:
    scale = min(1.0, SIDE / max(size))
    width, height = (max(2, round(side * scale)) for side in size)
    return width, height


def _lab(rgb: Rgb) -> Rgb:
    """A colour in sRGB, parts 0 to 1, in CIE Lab (D65)."""
    red, green, blue = (part**GAMMA for part in rgb)
    x, y, z = (
        _bent((row[0] * red + row[1] * green + row[2] * blue) / white)
        for row, white in zip(TO_XYZ, WHITE, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _bent(part: float) -> float:
    return part ** (1 / 3) if part > EDGE**3 else part / (3 * EDGE**2) + 4 / 29
