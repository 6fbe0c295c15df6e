"""Finds the content type of a media file from its first bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from callsheet.nodes.media.sniff import Container, sniff
from callsheet.spec.content_types import BY_ENDING, UNKNOWN

ENDINGS: Final[Mapping[str, str]] = {
    "PNG": ".png",
    "JPEG": ".jpg",
    "GIF": ".gif",
    "TIFF": ".tiff",
    "WebP": ".webp",
    "AVIF": ".avif",
    "HEIC": ".heic",
    "BMP": ".bmp",
    "MP4": ".mp4",
    "MOV": ".mov",
    "WebM": ".webm",
    "Matroska": ".mkv",
    "AVI": ".avi",
    "M4A": ".m4a",
    "MP3": ".mp3",
    "WAV": ".wav",
    "FLAC": ".flac",
    "Ogg": ".ogg",
    "AAC": ".aac",
    "AIFF": ".aiff",
}
"""Container → the ending of its files."""
EXTENSIONS: Final = {kind: ending for ending, kind in BY_ENDING.items()}


def content_type(path: Path) -> str:
    """The content type, `application/octet-stream` for unknown files. Raises OSError."""
    return type_of(sniff(path))


def type_of(container: Container | None) -> str:
    """The content type of a container, `application/octet-stream` for None."""
    return BY_ENDING.get(ENDINGS.get(container.name, ""), UNKNOWN) if container else UNKNOWN


def extension(kind: str) -> str:
    """`.mp4` for `video/mp4`."""
    return EXTENSIONS.get(kind, "")
