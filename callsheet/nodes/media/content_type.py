"""Finds the content type of a media file from its first bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from callsheet.nodes.media.sniff import sniff

TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "PNG": ("image/png", ".png"),
    "JPEG": ("image/jpeg", ".jpg"),
    "GIF": ("image/gif", ".gif"),
    "TIFF": ("image/tiff", ".tiff"),
    "WebP": ("image/webp", ".webp"),
    "AVIF": ("image/avif", ".avif"),
    "HEIC": ("image/heic", ".heic"),
    "BMP": ("image/bmp", ".bmp"),
    "MP4": ("video/mp4", ".mp4"),
    "MOV": ("video/quicktime", ".mov"),
    "WebM": ("video/webm", ".webm"),
    "Matroska": ("video/x-matroska", ".mkv"),
    "AVI": ("video/x-msvideo", ".avi"),
    "M4A": ("audio/mp4", ".m4a"),
    "MP3": ("audio/mpeg", ".mp3"),
    "WAV": ("audio/wav", ".wav"),
    "FLAC": ("audio/flac", ".flac"),
    "Ogg": ("audio/ogg", ".ogg"),
    "AAC": ("audio/aac", ".aac"),
    "AIFF": ("audio/aiff", ".aiff"),
}
UNKNOWN: Final = ("application/octet-stream", "")
EXTENSIONS: Final = dict(TYPES.values())


def content_type(path: Path) -> str:
    """The content type, `application/octet-stream` for unknown files. Raises OSError."""
    container = sniff(path)
    return TYPES.get(container.name, UNKNOWN)[0] if container else UNKNOWN[0]


def extension(kind: str) -> str:
    """`.mp4` for `video/mp4`."""
    return EXTENSIONS.get(kind, "")
