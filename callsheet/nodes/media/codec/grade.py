"""Changes the colours of pictures by one table of colours (a 3D LUT) for a whole clip.

The table works on Y, U and V, so that a picture is never converted to RGB and back. It holds differences, so
that what is to stay the same stays the same to the bit. Pillow looks it up in integers: the same result on
every processor.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec.frames import RGB_TO_YUV, YUV_TO_RGB, Planes

if TYPE_CHECKING:
    from PIL.ImageFilter import Color3DLUT

Rgb = tuple[float, float, float]
Grade = Callable[[Rgb], Rgb]
"""A colour in sRGB, each part 0 to 1, as another one; parts of the result outside of that are cut off."""
STEPS: Final = 33
NEAR: Final = 0.12
"""How far beyond 0 and 1 a part of a colour may be for its neighbours to be needed."""


def table(grade: Grade) -> Color3DLUT:
    """The table of a grade."""
    from PIL.ImageFilter import Color3DLUT

    places = [i / (STEPS - 1) for i in range(STEPS)]
    found = array("f")
    for v in places:
        for u in places:
            for y in places:
                found.extend(_changed(grade, (y, u, v)))
    return Color3DLUT(STEPS, found.tolist())


def graded(planes: Planes, colors: Color3DLUT) -> Planes:
    """A picture with the colours of a table."""
    from PIL import Image
    from PIL.Image import Resampling

    y, u, v = planes
    if u.size != y.size:
        # Each pixel has the colour of its block: what a grade leaves alone stays the same to the bit.
        u, v = u.resize(y.size, Resampling.NEAREST), v.resize(y.size, Resampling.NEAREST)
    made = Image.merge("RGB", (y, u, v)).filter(colors)
    small = made if planes[1].size == y.size else made.reduce(2)
    return made.getchannel(0), small.getchannel(1), small.getchannel(2)


def _changed(grade: Grade, yuv: Rgb) -> Rgb:
    """What becomes of a colour in Y, U and V."""
    rgb = _through(YUV_TO_RGB, yuv)
    if not all(-NEAR <= part <= 1 + NEAR for part in rgb):
        return yuv
    inside = _cut(rgb)
    made, before = _through(RGB_TO_YUV, _cut(grade(inside))), _through(RGB_TO_YUV, inside)
    y, u, v = (place + a - b for place, a, b in zip(yuv, made, before, strict=True))
    return y, u, v


def _cut(rgb: Rgb) -> Rgb:
    red, green, blue = (min(1.0, max(0.0, part)) for part in rgb)
    return red, green, blue


def _through(matrix: tuple[float, ...], given: Rgb) -> Rgb:
    """A colour through a matrix of three rows with an offset in steps of 255."""
    a, b, c = given
    x, y, z = (
        matrix[row] * a + matrix[row + 1] * b + matrix[row + 2] * c + matrix[row + 3] / 255
        for row in (0, 4, 8)
    )
    return x, y, z
