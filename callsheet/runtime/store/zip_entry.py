"""Files in a ZIP, without the time at which they were written: the same files give the same bytes.

A ZIP knows no time before 1980, which a file may have, and a clock that was never set.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from typing import Final

NO_DATE: Final = (1980, 1, 1, 0, 0, 0)


def entry(name: str, how: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    """A file in a ZIP. how: it is compressed, as `zipfile` names it."""
    found = zipfile.ZipInfo(name, NO_DATE)
    found.compress_type = how
    found.external_attr = 0o644 << 16
    return found


def add(archive: zipfile.ZipFile, file: zipfile.ZipInfo, content: Iterable[bytes]) -> None:
    """Write a file of any size into a ZIP. Raises OSError, and what `content` raises."""
    with archive.open(file, "w", force_zip64=True) as target:
        for chunk in content:
            target.write(chunk)
