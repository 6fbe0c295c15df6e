"""Lists the files of a content store and verifies them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.blobs import EXTENSIONS


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file. size: bytes. since: when it was stored, in seconds since the epoch."""

    path: Path
    digest: str
    size: int
    since: float

    @property
    def whole(self) -> bool:
        """Whether its bytes have its digest; reads all of it."""
        return disk.digest(self.path) == self.digest

    @property
    def kind(self) -> str:
        """image, video, audio or file, by its name."""
        ending = self.path.suffix
        return next((kind for kind, endings in EXTENSIONS.items() if ending in endings), "file")


def blobs(root: Path) -> Iterator[Blob]:
    """Every stored file under `root`, in order of digest."""
    for path in sorted((root / "blobs").glob("??/*")):
        if path.is_file() and not path.name.startswith("."):
            known = path.stat()
            digest = path.parent.name + path.name.split(".")[0]
            yield Blob(path, digest, known.st_size, known.st_mtime)
