"""Reads and writes still images with Pillow."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.nodes.media.codec.ffmpeg import container_of, unreadable

if TYPE_CHECKING:
    from PIL.Image import Exif, Image

    from callsheet.nodes.media.sniff import Container

MAX_PIXELS: Final = 100_000_000
ORIENTATION: Final = 0x0112
"""The EXIF tag that says how a picture is turned."""
LYING: Final = (5, 6, 7, 8)
"""Its values for a picture that is turned by a quarter: width and height change places."""
FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")


def load(path: Path) -> Image:
    """The image at `path`, upright (its EXIF rotation applied), fully decoded.

    Raises NodeError (*local*) for what is no image, is broken or cut off, or has more than MAX_PIXELS.
    """
    from PIL import ImageOps

    with _opened(path) as image:
        image.load()
        return ImageOps.exif_transpose(image)


def decoded_size(path: Path, found: Container) -> tuple[int, int]:
    """Width and height in pixels of what `load` gives, without the copy of it. found: the file's container.

    Raises NodeError like `load`.
    """
    with _opened(path, found) as image:
        image.load()
        return _upright(image.size, image.getexif())


def size(path: Path) -> tuple[int, int]:
    """Width and height in pixels of the image at `path`, upright like `load` gives it, from its header alone.

    Raises NodeError (*local*) for what is no image or has more than MAX_PIXELS.
    """
    from PIL.Image import Image

    with _opened(path) as image:
        if image.format == "TIFF":  # versions of Pillow differ in the size that they tell before decoding one
            return load(path).size
        return _upright(image.size, Image.getexif(image))  # that of a PNG would decode the picture


def _upright(size: tuple[int, int], exif: Exif) -> tuple[int, int]:
    return size[::-1] if exif.get(ORIENTATION) in LYING else size


@contextmanager
def _opened(path: Path, found: Container | None = None) -> Iterator[Image]:
    """The image at `path`, not decoded. What Pillow says about it inside becomes a NodeError (*local*)."""
    from PIL import Image

    found = found or container_of(path)
    if found.kind != "image":
        raise NodeError(f"{path.name} is {found.name}, not an image", "local", "take a `media/frame` of it")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                _within_limits(image, path)
                yield image
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
