"""The edit and its media in one file: an OTIO bundle, which opens on another machine."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

from callsheet.runtime.export.cut import EditCut, Medium
from callsheet.runtime.export.otio import as_otio
from callsheet.runtime.store.zip_entry import add, entry

VERSION: Final = "1.0.0"
MEDIA: Final = "media"
"""The folder of the media in the bundle; its name is a part of the format."""


def bundle_digest(cut: EditCut) -> str:
    """What tells one bundle from another, without writing it: sha256, hex."""
    parts = [as_otio(cut, MEDIA), *sorted(cut.media)]
    return sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


def write_bundle(cut: EditCut, content: Callable[[Medium], Iterable[bytes]], path: Path) -> None:
    """Write a new file. content: the bytes of a medium. Raises OSError, and what `content` raises."""
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(entry("version.txt"), VERSION)
        bundle.writestr(entry("content.otio"), as_otio(cut, MEDIA).encode("utf-8", "replace"))
        for medium in cut.media.values():
            add(bundle, entry(f"{MEDIA}/{medium.name}", zipfile.ZIP_STORED), content(medium))
