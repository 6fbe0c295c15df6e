"""A shared store in a bucket, or at any other URL. The only module that imports fsspec."""

from __future__ import annotations

import contextlib
import inspect
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from callsheet.errors import InputError
from callsheet.runtime.remote_store.at_once import at_once
from callsheet.runtime.remote_store.backend import (
    MARK,
    MARK_TEXT,
    Access,
    Missing,
    Refusing,
    SharedFile,
)
from callsheet.runtime.remote_store.bucket_errors import explained, words_of
from callsheet.runtime.remote_store.store_url import has_key, title_of
from callsheet.runtime.store import atomic as disk

WHOLE: Final = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oci", "oss", "r2", "hf", "memory"}
"""Protocols in which a file appears when its upload is complete; in others it gets a temporary name first."""
BUCKETS: Final = {"s3", "s3a", "gs", "gcs", "oss", "r2"}
"""Protocols whose URLs begin with the name of a bucket. In those of Azure a container may precede an @."""
EXTRA: Final = "install it: pip install 'callsheet[store]'"
PACKAGES: Final = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs"}
"""What fsspec needs besides itself."""
BLOCK: Final = 8 * disk.CHUNK
"""Bytes that one request for a file reads."""
CONFLICT: Final = "ConditionalRequestConflict"
"""What S3 says while another writer creates the same file: that one may still fail."""
EMPTY: Final = "range is not satisfiable"
"""What S3 says of the first bytes of an empty file."""
TRIES: Final = 5
"""Attempts to create a file while another writer is at it."""
TIMES: Final = ("LastModified", "last_modified", "updated", "mtime", "created")
"""Where file systems say when a file was written."""


class Bucket:
    """A URL that fsspec reaches. files: an fsspec file system. root: the path of the store in it. secrets: of
    the URL. protocol: the name that fsspec has for such file systems."""

    def __init__(self, files: Any, root: str, title: str, secrets: Iterable[str] = ()) -> None:
        self.files = files
        self.root = root.rstrip("/")
        self.title = title
        self.protocol = files.protocol if isinstance(files.protocol, str) else files.protocol[0]
        self._secrets = tuple(secrets)
        self._begun = False
        self._whole = self.protocol in WHOLE
        self._creates = self._whole and _creates(files)

    @classmethod
    def at(cls, url: str) -> Bucket:
        """The backend for `url`. Raises InputError when fsspec, or what it needs for such URLs, is missing,
        and for a bucket with a key in its URL."""
        title, parts = title_of(url), urlsplit(url)
        if parts.scheme in BUCKETS and has_key(url):
            raise InputError(
                f"the address of the store {title} has a user or a key in it",
                "leave it out: keys come from the environment (AWS_ACCESS_KEY_ID, …) or from the files of"
                " the provider's own program",
            )
        try:
            from fsspec.core import url_to_fs
        except ImportError as error:
            raise InputError(f"a store at {title} needs fsspec", EXTRA) from error
        fresh = {"use_listings_cache": False} if parts.scheme in WHOLE else {}
        secrets = [
            unquote(part) for part in (*parts.netloc.rpartition("@")[0].split(":"), parts.query) if part
        ]
        try:
            files, root = url_to_fs(url, **fresh)
        except ImportError as error:
            package = PACKAGES.get(parts.scheme)
            step = f"install it: pip install {package}" if package else "install what it names"
            raise InputError(f"a store at {title} needs more than fsspec: {error}", step) from error
        except Exception as error:
            said = words_of(error, secrets)
            raise InputError(f"{title} is no store: {said}", "name a folder or a URL") from error
        return cls(files, root, title, secrets)

    @property
    def is_new(self) -> bool:
        """Not known, and not needed: what is not there is simply missing."""
        return False

    def access(self) -> Access:
        """Tried with a file of its own, which is created twice: the second time it has to be refused."""
        try:
            new = self._marked()
        except Refusing as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise
            with contextlib.suppress(Missing):
                b"".join(self.read(MARK))
            return Access(writes=error.message, once=False)
        return Access(once=self._creates and not (new and self._marked()))

    def begin(self) -> None:
        if not self._begun:
            self._marked()

    def read(self, name: str) -> Iterator[bytes]:
        with self._explained("read"), self.files.open(self._path(name), "rb", block_size=BLOCK) as file:
            while chunk := file.read(disk.CHUNK):
                yield chunk

    def beginning(self, name: str, most: int) -> bytes:
        with self._explained("read"):
            try:
                return bytes(self.files.cat_file(self._path(name), start=0, end=most))
            except OSError as error:
                if EMPTY not in str(error):
                    raise
                return b""

    def put(self, name: str, path: Path, again: bool = False) -> bool:
        target = self._path(name)
        with self._explained("written"):
            if not again and self._size(target) == path.stat().st_size:
                return False
            self._put_whole(target, lambda new: self.files.put_file(str(path), new))
        return True

    def write(self, name: str, content: bytes, first: bool) -> bool:
        target = self._path(name)
        with self._explained("written"):
            if first and self._creates:
                return self._create(target, content)
            if first and self._size(target) is not None:
                return False
            self._put_whole(target, lambda new: self.files.pipe_file(new, content))
        return True

    def entries(self, folder: str = "") -> Iterable[SharedFile]:
        with self._explained("read"):
            found = self.files.find(self._path(folder).rstrip("/"), detail=True)
        for path, info in sorted(found.items()):
            name = str(path)[len(self.root) :].lstrip("/")
            if not name.rpartition("/")[2].startswith("."):
                yield SharedFile(name, int(info["size"]), _time(info))

    def remove(self, names: Iterable[str]) -> None:
        def gone(name: str) -> None:
            with contextlib.suppress(FileNotFoundError):
                self.files.rm_file(self._path(name))

        with self._explained("written"):
            at_once(gone, names)

    def _marked(self) -> bool:
        """Create the mark. Returns whether it is new."""
        new = self.write(MARK, MARK_TEXT, first=True)
        self._begun = True
        return new

    def _create(self, target: str, content: bytes) -> bool:
        """Create a file with the condition that there is none."""
        for left in reversed(range(TRIES)):
            try:
                self.files.pipe_file(target, content, mode="create")
                return True
            except FileExistsError:
                return False
            except OSError as error:
                if CONFLICT not in str(error) or not left:
                    raise
                time.sleep(0.05 * 2 ** (TRIES - left))
        raise AssertionError("the last attempt returns or raises")

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

    def _explained(self, what: str) -> AbstractContextManager[None]:
        """what: "read" or "written"."""
        return explained(self.title, what, self._secrets)


def _creates(files: Any) -> bool:
    """Whether the file system creates a file with a condition that its server keeps. The one that fsspec
    gives to all others looks first and writes then."""
    own = getattr(files, "_pipe_file", None) or files.pipe_file
    return "mode" in inspect.signature(own).parameters and not _is_inherited(files)


def _is_inherited(files: Any) -> bool:
    from fsspec import AbstractFileSystem

    if getattr(files, "async_impl", False):
        return False
    return getattr(type(files), "pipe_file", None) is AbstractFileSystem.pipe_file


def _time(info: Mapping[str, Any]) -> float | None:
    """Seconds since the epoch."""
    found = next((info[name] for name in TIMES if info.get(name)), None)
    try:
        if isinstance(found, str):
            found = datetime.fromisoformat(found)
        return found.timestamp() if isinstance(found, datetime) else float(found)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
