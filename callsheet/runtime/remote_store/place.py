"""Where a team keeps what it has in common: named files that are written once and never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from callsheet.errors import CallsheetError


class Unreachable(CallsheetError):
    """The place cannot be read or written at all."""


class Missing(CallsheetError):
    """The place has no such file."""


class Place(Protocol):
    """Implemented by `Folder`, and by `Bucket` for every URL that fsspec reaches. title: as it is shown to
    people, without secrets. Methods may be called from several threads; all raise Unreachable."""

    title: str

    def read(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, in pieces. Raises Missing."""
        ...

    def put(self, name: str, path: Path) -> bool:
        """Put the file at `path` there, whole or not at all, unless it is there; whether it was new."""
        ...

    def names(self) -> Iterable[tuple[str, int]]:
        """Every file with its size in bytes."""
        ...


def place_at(where: str) -> Place:
    """The place that a person named: a folder, or a URL. Raises InputError when nothing here can reach it."""
    if "://" not in where:
        from callsheet.runtime.remote_store.folder import Folder

        return Folder(Path(where).expanduser())
    from callsheet.runtime.remote_store.backends import Bucket

    return Bucket.at(where)


def title_of(url: str) -> str:
    """A URL without what may be secret in it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
