"""The note of a file that cannot carry it: in the manifest of its folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from callsheet.nodes.media.tags import LONGEST
from callsheet.runtime.output.manifest import Manifest
from callsheet.runtime.store import atomic as disk


def notes_beside(file: Path) -> Iterator[str]:
    """The note that the manifest has for `file`, if it is the file that was put there. Raises OSError."""
    entry = Manifest(file.parent).files.get(file.name)
    if entry is None or not isinstance(entry.note, str) or not 0 < len(entry.note) <= LONGEST:
        return
    if disk.digest(file) == entry.sha256:
        yield entry.note
