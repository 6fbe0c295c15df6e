"""Pictures that show nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from callsheet.nodes.media.codec import still

DARK: Final = 4
"""The brightest value, of 255, that a compressed black picture has."""
BYTES: Final = 0.05
"""Bytes of a file for each pixel, above which it shows something: an even picture takes next to none."""


def is_black(path: Path, width: int, height: int) -> bool:
    """Whether the picture at `path`, of this size in pixels, is black all over.

    Raises NodeError (*local*) for a file that cannot be decoded.
    """
    if path.stat().st_size > BYTES * width * height + 4096:
        return False
    picture = still.load(path)
    if picture.has_transparency_data:
        return False
    return all(_highest(band.getextrema()) <= DARK for band in picture.convert("RGB").split())


def _highest(extremes: tuple[float, float] | tuple[tuple[int, int], ...]) -> float:
    """The highest value in a band of a picture."""
    highest = extremes[1]
    return highest if isinstance(highest, int | float) else highest[1]
