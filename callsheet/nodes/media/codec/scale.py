"""Fits pictures into another size: `pad`, `crop` or `blur`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media.codec.frames import (
    BLACK,
    Box,
    Color,
    Planes,
    Size,
    blurred,
    darkened,
    even,
    filled,
    pasted,
    resized,
    rounded_even,
)

MAX_SIDE: Final = 16_384
MAX_PIXELS: Final = 100_000_000
SHRUNK: Final = 8
BLUR_SHARE: Final = 0.02
SHADE: Final = 0.35
SAME_SHAPE: Final = 2


def fitted(planes: Planes, size: Size, mode: str = "pad", color: Color = BLACK) -> Planes:
    """`planes` in exactly `size` (even), never distorted.

    pad: all of it, with bars of `color`. crop: filled, the overhang cut off evenly. blur: all of it, over
    a filled, blurred and darkened copy of itself.
    """
    inner = inside(planes[0].size, size)
    if mode == "crop" or _nearly(inner, size):
        return resized(planes, size, filling_box(planes[0].size, size))
    under = filled(size, color) if mode == "pad" else _backdrop(planes, size)
    at = ((size[0] - inner[0]) // 4 * 2, (size[1] - inner[1]) // 4 * 2)
    return pasted(under, [(resized(planes, inner), at)])


def fitted_reel(
    pictures: Iterable[Planes], size: Size, mode: str = "pad", color: Color = BLACK
) -> Iterator[Planes]:
    """Every picture fitted; one that is held is fitted once."""
    last, done = None, None
    for picture in pictures:
        if done is None or picture is not last:
            last, done = picture, fitted(picture, size, mode, color)
        yield done


def feasible(size: Size, address: str) -> Size:
    """`size`, when a picture can be that large. Raises NodeError (*local*)."""
    if max(size) > MAX_SIDE or size[0] * size[1] > MAX_PIXELS:
        raise NodeError(
            f"{address}: the result would be {size[0]}x{size[1]} pixels; "
            f"at most {MAX_SIDE} on a side and {MAX_PIXELS // 1_000_000} megapixels are made",
            "local",
            "ask for a smaller `width`, another shape, or more `columns`",
        )
    return size


def inside(given: Size, size: Size) -> Size:
    """The largest even size of the shape of `given` inside `size`."""
    scale = min(size[0] / given[0], size[1] / given[1])
    return min(size[0], rounded_even(given[0] * scale)), min(size[1], rounded_even(given[1] * scale))


def filling_box(given: Size, size: Size) -> Box:
    """The middle part of a picture of size `given` that has the shape of `size`."""
    scale = min(given[0] / size[0], given[1] / size[1])
    width, height = size[0] * scale, size[1] * scale
    left, top = (given[0] - width) / 2, (given[1] - height) / 2
    return left, top, left + width, top + height


def shaped(given: Size, aspect: tuple[float, float]) -> Size:
    """The even size of the shape `aspect` that has about the longer side of `given`."""
    longer = max(given)
    wide, high = aspect
    if wide >= high:
        return even(longer), rounded_even(longer * high / wide)
    return rounded_even(longer * wide / high), even(longer)


def _nearly(inner: Size, size: Size) -> bool:
    return all(abs(a - b) <= SAME_SHAPE for a, b in zip(inner, size, strict=True))


def _backdrop(planes: Planes, size: Size) -> Planes:
    small = (even(size[0] / SHRUNK), even(size[1] / SHRUNK))
    soft = blurred(resized(planes, small, filling_box(planes[0].size, small)), max(small) * BLUR_SHARE)
    return darkened(resized(soft, size), SHADE)
