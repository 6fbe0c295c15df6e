"""Where a shared store is kept: a folder, or a URL. The only module that imports fsspec."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

from callsheet.errors import CallsheetError, InputError, StoreError
from callsheet.runtime.store import atomic as disk
from callsheet.spec.project import with_home


class Unreachable(CallsheetError):
    """The store cannot be read or written at all."""


class Missing(CallsheetError):
    """The store has no such file."""


class Backend(Protocol):
    """Implemented by `Folder`, and by `Bucket` for every URL that fsspec reaches. title: shown to the user,
    without secrets. Methods may be called from several threads; all raise Unreachable."""

    title: str

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever put there: it is made with the first upload."""
        ...

    def read(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, in pieces. Raises Missing."""
        ...

    def put(self, name: str, path: Path) -> bool:
        """Upload the file at `path`, whole or not at all, unless the store has it. Returns whether it was
        new."""
        ...

    def write(self, name: str, content: bytes, first: bool) -> bool:
        """Write a small file, whole. first: only where there is none; of several writers one wins, where the
        store can do that. Returns whether it was written."""
        ...

    def names(self) -> Iterable[tuple[str, int]]:
        """Every file with its size in bytes."""
        ...


def backend_at(location: str) -> Backend:
    """The backend for a folder or URL. The URL of a folder is that folder, so that a disk that is not there
    is noticed, too. Raises InputError when no installed backend can reach it."""
    if "://" not in location:
        return Folder(with_home(location))
    bucket = Bucket.at(location)
    return Folder(Path(bucket.root)) if bucket.protocol == "file" else bucket


def title_of(url: str) -> str:
    """A URL without user, password and query, which may be secret."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


class Folder:
    """A folder. It is made with the first upload."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.title = str(root)

    @property
    def is_new(self) -> bool:
        """A folder that is missing together with the one above it is rather a disk that is not there."""
        return not self.root.exists() and self.root.absolute().parent.is_dir()

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

    def write(self, name: str, content: bytes, first: bool) -> bool:
        target = self.root / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if first:
                return disk.create(target, [content])
            disk.replace(target, [content])
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


WHOLE: Final = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oci", "oss", "r2", "hf", "memory"}
"""Protocols in which a file appears when its upload is complete; in others it gets a temporary name first."""
EXTRA: Final = "install it: pip install 'callsheet[store]'"


class Bucket:
    """A URL that fsspec reaches. files: an fsspec file system. root: the path of the store in it. protocol:
    the name that fsspec has for such file systems."""

    def __init__(self, files: Any, root: str, title: str) -> None:
        self.files = files
        self.root = root.rstrip("/")
        self.title = title
        self.protocol = files.protocol if isinstance(files.protocol, str) else files.protocol[0]
        self._whole = self.protocol in WHOLE
        self._creates = self._whole and "mode" in inspect.signature(files.pipe_file).parameters

    @classmethod
    def at(cls, url: str) -> Bucket:
        """The backend for `url`. Raises InputError when fsspec, or what it needs for such URLs, is
        missing."""
        title = title_of(url)
        try:
            from fsspec.core import url_to_fs
        except ImportError as error:
            raise InputError(f"a store at {title} needs fsspec", EXTRA) from error
        try:
            files, root = url_to_fs(url)
        except ImportError as error:
            raise InputError(f"a store at {title} needs more than fsspec: {error}", "install it") from error
        except Exception as error:
            raise InputError(f"{title} is no store: {_said(error)}", "name a folder or a URL") from error
        return cls(files, root, title)

    @property
    def is_new(self) -> bool:
        """Not known, and not needed: what is not there is simply missing."""
        return False

    def read(self, name: str) -> Iterator[bytes]:
        with self._explained("read"), self.files.open(self._path(name), "rb") as file:
            while chunk := file.read(disk.CHUNK):
                yield chunk

    def put(self, name: str, path: Path) -> bool:
        target = self._path(name)
        with self._explained("written"):
            if self._size(target) == path.stat().st_size:
                return False
            self._put_whole(target, lambda new: self.files.put_file(str(path), new))
        return True

    def write(self, name: str, content: bytes, first: bool) -> bool:
        target = self._path(name)
        once = {"mode": "create"} if first and self._creates else {}
        with self._explained("written"):
            if first and self._size(target) is not None:
                return False
            try:
                self._put_whole(target, lambda new: self.files.pipe_file(new, content, **once))
            except FileExistsError:
                return False
        return True

    def names(self) -> Iterable[tuple[str, int]]:
        with self._explained("read"):
            found = self.files.find(self.root, detail=True)
        for path, info in sorted(found.items()):
            name = str(path)[len(self.root) :].lstrip("/")
            if not name.rpartition("/")[2].startswith("."):
                yield name, int(info["size"])

    def _put_whole(self, target: str, put: Callable[[str], None]) -> None:
        """`put` a file at the path that it is given, so that nobody sees a part of it at `target`."""
        if self._whole:
            put(target)
            return
        folder = target.rpartition("/")[0]
        new = f"{folder}/{disk.TEMPORARY}{uuid4().hex}"
        self.files.makedirs(folder, exist_ok=True)
        try:
            put(new)
            self.files.mv(new, target)
        except BaseException:
            with contextlib.suppress(Exception):
                self.files.rm_file(new)
            raise

    def _size(self, path: str) -> int | None:
        try:
            return int(self.files.info(path)["size"])
        except FileNotFoundError:
            return None

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}"

    @contextlib.contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        """Turns whatever a file system raises into Missing or Unreachable."""
        try:
            yield
        except FileNotFoundError as error:
            raise Missing(f"{self.title} does not have it") from error
        except Exception as error:
            raise Unreachable(f"{self.title} cannot be {what}: {_said(error)}") from error


def _said(error: Exception) -> str:
    """The message of a file system on one line, with URLs shortened as `title_of` does."""
    words = [title_of(word) if "://" in word else word for word in str(error).split()]
    return " ".join(words)[:300] or type(error).__name__
