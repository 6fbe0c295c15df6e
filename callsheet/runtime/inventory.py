"""What is in a content store, and whether it is still what it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callsheet.runtime import disk


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file. size: bytes."""

    path: Path
    digest: str
    size: int

    @property
    def whole(self) -> bool:
        """Whether its bytes are those it was stored with."""
        return disk.digest(self.path) == self.digest


def blobs(root: Path) -> Iterator[Blob]:
    """Every stored file under `root`, in order of digest."""
    for path in sorted((root / "blobs").glob("??/*")):
        if path.is_file() and not path.name.startswith("."):
            yield Blob(path, path.parent.name + path.name.split(".")[0], path.stat().st_size)
