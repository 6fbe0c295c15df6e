"""A lock of the operating system on a file. It ends with the process that holds it, however that ends.

It is no lease: a process that slept too long could wake up and send requests that another one sent already.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from callsheet.errors import InputError, StoreError
from callsheet.spec.disk_errors import explained

OWN: Final = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
FLAGS: Final = os.O_RDWR | OWN
LOCKED_BYTE: Final = 1024
"""What is locked on Windows, where nobody else can read a byte that is locked: one after the number of the
process."""


class InUse(InputError):
    """Another process is at work where this one would be."""


class InUseForNow(InUse):
    """The other process is done soon: this one waits for it without being asked."""


@contextlib.contextmanager
def held(path: Path, shared: bool = False) -> Iterator[bool]:
    """Hold the lock of the file `path`, which is made if need be; False where another process holds it.

    shared: several may hold it so at once, and nobody else beside them; see `sign`. Windows has no such lock:
    there, only one holds it. Raises StoreError when the file cannot be written, or its disk has no locks.
    """
    descriptor = _opened(path)
    try:
        taken = _taken(descriptor, path, shared) and _is_at(descriptor, path)
        if taken and not shared:
            _sign(descriptor)
        yield taken
    finally:
        os.close(descriptor)


def sign(path: Path) -> None:
    """Say in the file of a shared lock that this process holds it."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, FLAGS)
        try:
            _sign(descriptor)
        finally:
            os.close(descriptor)


def _sign(descriptor: int) -> None:
    """Write the number of this process. On a full disk others are not told who holds the lock."""
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{os.getpid()}\n".encode())


def is_held(path: Path) -> bool:
    """Whether a process holds the lock of the file `path`. Raises StoreError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | OWN)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise explained(error, path) from error
    try:
        return not _taken(descriptor, path, shared=True)
    finally:
        os.close(descriptor)


def holder(path: Path) -> int | None:
    """The number of the process that took the lock last."""
    try:
        return int(path.read_text().strip())
    except (OSError, ValueError):
        return None


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, FLAGS | os.O_CREAT, 0o600)
    except OSError as error:
        raise explained(error, path) from error


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the file is still the one at `path`: its last holder may have removed it."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except OSError:
        return False


def _taken(descriptor: int, path: Path, shared: bool) -> bool:
    try:
        import fcntl
    except ImportError:
        return _taken_on_windows(descriptor)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:  # some network drives
        raise StoreError(
            f"{path.parent} is on a file system that cannot lock a file ({error.strerror})",
            "two runs could pay for the same: move the project to another disk, or its state: "
            "CALLSHEET_STATE=/a/folder",
        ) from error
    return True


def _taken_on_windows(descriptor: int) -> bool:
    import msvcrt

    os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        return False
    return True
