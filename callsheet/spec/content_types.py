"""Content types of media files, by the ending of a file's name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

BY_ENDING: Final[Mapping[str, str]] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".gif": "image/gif",
    ".tiff": "image/tiff",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".heic": "image/heic",
    ".bmp": "image/bmp",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".avi": "video/x-msvideo",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".aac": "audio/aac",
    ".aiff": "audio/aiff",
}
UNKNOWN: Final = "application/octet-stream"
OTHER_ENDINGS: Final = {".jpeg": ".jpg", ".tif": ".tiff", ".aif": ".aiff", ".opus": ".ogg"}


def by_name(path: PurePath) -> str:
    """The content type of a file by its name; `application/octet-stream` for an unknown ending."""
    ending = path.suffix.lower()
    return BY_ENDING.get(OTHER_ENDINGS.get(ending, ending), UNKNOWN)
