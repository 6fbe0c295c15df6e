"""A picture with transparent parts that is laid over others, in the planes that films are worked in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callsheet.nodes.media.codec.frames import RGB_TO_YUV, Planes

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Plate:
    """A picture over another one. cover: how much it covers of each pixel, 0 to 255, in the size of Y and in
    that of U and V. corner: its left top corner in the picture under it, in even pixels."""

    planes: Planes
    cover: tuple[Image, Image]
    corner: tuple[int, int]


def plate(image: Image, corner: tuple[int, int] = (0, 0), opacity: float = 1.0) -> Plate:
    """An image with alpha (mode RGBA) as a plate; only the part that is seen is kept. opacity: 0 to 1."""
    from PIL import Image as Pillow
    from PIL.Image import Resampling

    seen = image.getchannel("A").getbbox() or (0, 0, 2, 2)
    left, top = ((corner[i] + seen[i]) // 2 * 2 for i in (0, 1))
    right, bottom = ((corner[i] + seen[i + 2] + 1) // 2 * 2 for i in (0, 1))
    whole = Pillow.new("RGBA", (right - left, bottom - top), (0, 0, 0, 0))
    whole.paste(image, (corner[0] - left, corner[1] - top))
    small = whole.resize((whole.width // 2, whole.height // 2), Resampling.BOX)
    y = whole.convert("RGB").convert("RGB", RGB_TO_YUV).getchannel(0)
    _, u, v = small.convert("RGB").convert("RGB", RGB_TO_YUV).split()
    cover = whole.getchannel("A"), small.getchannel("A")
    return Plate((y, u, v), cover if opacity >= 1 else _thinned(cover, opacity), (left, top))


def laid(under: Planes, plates: Iterable[tuple[Plate, float]]) -> Planes:
    """A copy of `under` with plates on it, each with the share of it that is there, 0 to 1."""
    planes = [plane.copy() for plane in under]
    for over, share in plates:
        cover = over.cover if share >= 1 else _thinned(over.cover, share)
        for i, plane in enumerate(planes):
            step = 1 if i == 0 else 2
            place = over.corner[0] // step, over.corner[1] // step
            plane.paste(over.planes[i], place, cover[min(i, 1)])
    y, u, v = planes
    return y, u, v


def _thinned(cover: tuple[Image, Image], share: float) -> tuple[Image, Image]:
    whole, small = (mask.point([round(value * share) for value in range(256)]) for mask in cover)
    return whole, small
