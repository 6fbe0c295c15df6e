"""A shared store in a folder, such as a network drive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from callsheet.errors import StoreError
from callsheet.runtime.remote_store.backend import (
    MARK,
    MARK_TEXT,
    Access,
    Missing,
    Refusing,
    SharedFile,
    Unreachable,
)
from callsheet.runtime.store import atomic as disk


class Folder:
    """A folder. It is made with the first upload."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.title = str(root)

    @property
    def is_new(self) -> bool:
        """A folder that is missing together with the one above it is rather a disk that is not there."""
        return not self.root.exists() and self.root.absolute().parent.is_dir()

    def access(self) -> Access:
        """A folder says no when it is used: its rights are those of its files."""
        return Access()

    def begin(self) -> None:
        if not (self.root / MARK).exists():
            self.write(MARK, MARK_TEXT, first=True)

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

    def beginning(self, name: str, most: int) -> bytes:
        content = b""
        for piece in self.read(name):
            content += piece
            if len(content) >= most:
                break
        return content[:most]

    def put(self, name: str, path: Path, again: bool = False) -> bool:
        target = self.root / name
        try:
            if not again and target.is_file() and target.stat().st_size == path.stat().st_size:
                return False
            target.parent.mkdir(parents=True, exist_ok=True)
            disk.replace(target, disk.chunks(path))
        except OSError as error:
            raise Refusing(f"{self.title} cannot be written: {error.strerror}") from error
        except StoreError as error:
            raise Refusing(error.message, error.next_step) from error
        return True

    def write(self, name: str, content: bytes, first: bool) -> bool:
        target = self.root / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if first:
                return disk.create(target, [content])
            disk.replace(target, [content])
        except OSError as error:
            raise Refusing(f"{self.title} cannot be written: {error.strerror}") from error
        except StoreError as error:
            raise Refusing(error.message, error.next_step) from error
        return True

    def entries(self, folder: str = "") -> Iterable[SharedFile]:
        if not self.root.is_dir():
            raise Unreachable(f"there is no folder {self.title}")
        try:
            for path in sorted((self.root / folder).rglob("*")):
                if path.is_file() and not path.name.startswith("."):
                    known = path.stat()
                    yield SharedFile(path.relative_to(self.root).as_posix(), known.st_size, known.st_mtime)
        except OSError as error:
            raise Unreachable(f"{self.title} cannot be read: {error.strerror}") from error

    def remove(self, names: Iterable[str]) -> None:
        try:
            for name in names:
                (self.root / name).unlink(missing_ok=True)
        except OSError as error:
            raise Refusing(f"{self.title} cannot be written: {error.strerror}") from error
