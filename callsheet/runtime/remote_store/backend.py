"""What a place for a shared store can do, and how it fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from callsheet.errors import CallsheetError

MARK: Final = "store.json"
"""The first file of a store: since then films say there what they need. A bucket shows with it what it can
do. What is in it nobody believes."""
MARK_TEXT: Final = b'{"callsheet": 1}'


class Unreachable(CallsheetError):
    """The store cannot be read or written now."""


class Refusing(Unreachable):
    """The store does not exist or says no: waiting does not help."""


class Missing(CallsheetError):
    """The store has no such file."""


@dataclass(frozen=True, slots=True)
class Access:
    """What this machine can do with a store. writes: why it cannot write there, "" where it can. once:
    whether of several who create one file exactly one wins."""

    writes: str = ""
    once: bool = True


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file of a store. name: under the root of the store. size: bytes. time: when it was put there, in
    seconds since the epoch by the clock of the store; None where that does not say."""

    name: str
    size: int
    time: float | None = None


class Backend(Protocol):
    """Implemented by `Folder`, and by `Bucket` for every URL that fsspec reaches. title: shown to the user,
    without secrets. Methods may be called from several threads; all raise Unreachable."""

    title: str

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever put there: it is made with the first upload."""
        ...

    def access(self) -> Access:
        """Find out what can be done there, before anything depends on it. Raises Refusing for a store that
        does not exist or cannot be read."""
        ...

    def begin(self) -> None:
        """Put `MARK` there, unless the store has it."""
        ...

    def read(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, in pieces. Raises Missing."""
        ...

    def beginning(self, name: str, most: int) -> bytes:
        """The first bytes of a file, so many at the most, with one request. Raises Missing."""
        ...

    def put(self, name: str, path: Path, again: bool = False) -> bool:
        """Upload the file at `path`, whole or not at all, unless the store has one of its size. again: in any
        case, since the one that is there is damaged. Returns whether it was uploaded."""
        ...

    def write(self, name: str, content: bytes, first: bool) -> bool:
        """Write a small file, whole. first: only where there is none; of several writers one wins, where the
        store can do that (`Access.once`). Returns whether it was written."""
        ...

    def entries(self, folder: str = "") -> Iterable[SharedFile]:
        """Every file, or those in a folder, in order of name. A place that does not exist is Unreachable."""
        ...

    def remove(self, names: Iterable[str]) -> None:
        """Remove these files, several at once; one that is gone makes no difference."""
        ...
