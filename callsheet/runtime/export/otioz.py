"""The edit and its media in one file: an OTIO bundle, which opens on another machine."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

from callsheet.runtime.export.cut import EditCut, Medium
from callsheet.runtime.export.otio import as_otio

VERSION: Final = "1.0.0"
MEDIA: Final = "media"
"""The folder of the media in the bundle; its name is a part of the format."""
NO_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The same edit gives the same bytes."""


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
            file = entry(f"{MEDIA}/{medium.name}", zipfile.ZIP_STORED)
            with bundle.open(file, "w", force_zip64=True) as target:
                for chunk in content(medium):
                    target.write(chunk)


def entry(name: str, how: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    """A file in a ZIP, without the time at which it was written."""
    found = zipfile.ZipInfo(name, NO_DATE)
    found.compress_type = how
    found.external_attr = 0o644 << 16
    return found
