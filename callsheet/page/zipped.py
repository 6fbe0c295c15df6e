"""A page with its media in one ZIP file."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.zip_entry import add, entry
from callsheet.spec.disk_errors import explained


def write_zip(target: Path, name: str, page: bytes, media: Mapping[str, Path]) -> None:
    """Write the ZIP. name: of the page in it. media: name in it → file. Raises StoreError."""
    new = disk.temporary(target.absolute().parent)
    try:
        with zipfile.ZipFile(new, "w") as archive:
            archive.writestr(entry(name), page)
            for place, path in media.items():
                add(archive, entry(place, zipfile.ZIP_STORED), disk.chunks(path))  # they are small already
        disk.move(new, target)
    except OSError as error:
        raise explained(error, target) from error
    finally:
        new.unlink(missing_ok=True)
