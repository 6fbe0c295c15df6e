"""A shared store in a folder, as on a network drive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from callsheet.errors import StoreError
from callsheet.runtime.remote_store.place import Missing, Unreachable
from callsheet.runtime.store import atomic as disk


class Folder:
    """See `Place`. The folder is made when something is first put there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.title = str(root)

    def read(self, name: str) -> Iterator[bytes]:
        path = self.root / name
        try:
            if not self.root.is_dir():
                raise Unreachable(f"there is no folder {self.title}")
            if not path.is_file():
                raise Missing(f"{self.title} does not have it")
            yield from disk.chunks(path)
        except OSError as error:
            raise Unreachable(f"{self.title} cannot be read: {error.strerror}") from error

    def put(self, name: str, path: Path) -> bool:
        target = self.root / name
        try:
            if target.is_file() and target.stat().st_size == path.stat().st_size:
                return False
            target.parent.mkdir(parents=True, exist_ok=True)
            disk.replace(target, disk.chunks(path))
        except OSError as error:
            raise Unreachable(f"{self.title} cannot be written: {error.strerror}") from error
        except StoreError as error:
            raise Unreachable(error.message, error.next_step) from error
        return True

    def names(self) -> Iterable[tuple[str, int]]:
        try:
            for path in sorted(self.root.rglob("*")):
                if path.is_file() and not path.name.startswith("."):
                    yield path.relative_to(self.root).as_posix(), path.stat().st_size
        except OSError as error:
            raise Unreachable(f"{self.title} cannot be read: {error.strerror}") from error
