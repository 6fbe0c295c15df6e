"""Reads and writes still images with Pillow."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.nodes.media.codec.ffmpeg import container_of, unreadable

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS: Final = 100_000_000
FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")


def load(path: Path) -> Image:
    """The image at `path`, upright (its EXIF rotation applied), fully decoded.

    Raises NodeError (*local*) for what is no image, is broken or cut off, or has more than MAX_PIXELS.
    """
    from PIL import Image, ImageOps

    found = container_of(path)
    if found.kind != "image":
        raise NodeError(f"{path.name} is {found.name}, not an image", "local", "take a `media/frame` of it")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                _within_limits(image, path)
                image.load()
                return ImageOps.exif_transpose(image)
    except NodeError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(path, "") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise unreadable(path, found.name, error) from error


def save(image: Image, path: Path) -> Path:
    """Write `image` as a PNG, the same bytes each time."""
    image.save(path, format="PNG", compress_level=6)
    return path


def _within_limits(image: Image, path: Path) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise _too_large(path, f" ({image.width}x{image.height})")


def _too_large(path: Path, size: str) -> NodeError:
    return NodeError(
        f"{path.name} has too many pixels{size}; at most {MAX_PIXELS // 1_000_000} megapixels are read",
        "local",
        "make it smaller first",
    )
