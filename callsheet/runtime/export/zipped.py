"""The folder that is handed over as one ZIP file."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.zip_entry import add, entry

SQUEEZED: Final = (".otio", ".edl", ".xml", ".fcpxml", ".mlt", ".csv", ".srt", ".vtt", ".txt", ".html")
"""Endings of texts; media are small already."""


def zip_digest(files: Mapping[str, str]) -> str:
    """What tells one ZIP from another: sha256, hex. files: name in it → digest."""
    return sha256("\n".join(f"{name} {files[name]}" for name in sorted(files)).encode()).hexdigest()


def write_zip(top: str, files: Mapping[str, Path], path: Path) -> None:
    """Write a new ZIP. top: the folder in it. files: name in it → file. Raises OSError."""
    with zipfile.ZipFile(path, "x") as target:
        for name, source in files.items():
            how = zipfile.ZIP_DEFLATED if name.endswith(SQUEEZED) else zipfile.ZIP_STORED
            add(target, entry(f"{top}/{name}", how), disk.chunks(source))
