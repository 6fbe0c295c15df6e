"""The folder of this machine for its workers, and how it stays small."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from stat import S_ISREG

from callsheet.errors import NodeError
from callsheet.runtime.store.blobs import Store
from callsheet.spec.disk_errors import explained


@cache
def scratch() -> Store:
    """The folder of this machine for the work of its workers, and for what they read of shared stores. Raises
    NodeError (*local*), StoreError."""
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    root = Path(tempfile.gettempdir(), f"callsheet-worker-{user}")
    try:
        root.mkdir(mode=0o700, exist_ok=True)
        if hasattr(os, "getuid") and (root.is_symlink() or root.stat().st_uid != os.getuid()):
            raise NodeError(f"{root} belongs to somebody else", "local", "set TMPDIR to a folder of your own")
    except OSError as error:
        raise explained(error, root) from error
    store = Store(root)
    store.prepare()
    return store


def make_room(folder: Path, most: int) -> None:
    """Where there are more than so many bytes, delete the files that were not used for longest. Other
    processes may do the same at once."""
    found = sorted(_files(folder), reverse=True)
    size = sum(length for _, length, _ in found)
    while found and size > most:
        _, length, path = found.pop()
        with contextlib.suppress(OSError):
            path.unlink()
        size -= length


def _files(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """Time, bytes and path of each file that is still there when it is looked at."""
    for path in folder.rglob("*.*"):
        with contextlib.suppress(OSError):
            about = path.stat()
            if S_ISREG(about.st_mode):
                yield about.st_mtime, about.st_size, path
