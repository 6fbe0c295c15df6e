"""Names of media files in a shared store."""

from __future__ import annotations

from typing import Final

BLOBS: Final = "blobs"


def blob_name(digest: str) -> str:
    """The name of the file with this sha256."""
    return f"{BLOBS}/{digest[:2]}/{digest[2:]}"
