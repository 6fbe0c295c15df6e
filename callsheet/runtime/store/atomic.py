"""Writes files atomically: a reader finds the whole file or none."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final
from uuid import uuid4

from callsheet.spec.disk_errors import explained
from callsheet.spec.regular_file import open_regular

CHUNK: Final = 1 << 20
TEMPORARY: Final = ".callsheet-"
PROTECTS: Final = os.name == "posix"
"""Whether a file that nobody may change can still be replaced and removed. On Windows it cannot."""
READ_ONLY: Final = 0o444 if PROTECTS else 0o644
"""The mode of files that stay as they are."""
PAUSES: Final = () if PROTECTS else (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between attempts to replace a file: not while a player has it open, on Windows."""
NO_LINK: Final = (OSError, NotImplementedError, AttributeError)
"""How `os.link` ends where a disk or a system has no hard links; some systems have no `os.link` at all."""
NO_FOLDER_SYNC: Final = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
"""How some network drives answer to the sync of a folder; the names in it are then theirs to keep."""
SYNCHRONIZE, NO_SUCH_PROCESS, STILL_RUNS = 0x100000, 87, 0x102
"""Of Windows: the right to wait for a process; ERROR_INVALID_PARAMETER; WAIT_TIMEOUT."""


def chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a megabyte at a time. Raises OSError, also for a pipe, which has no end."""
    with open_regular(path) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def digest(path: Path) -> str:
    """The sha256 of a file's bytes, hex."""
    sha = hashlib.sha256()
    for chunk in chunks(path):
        sha.update(chunk)
    return sha.hexdigest()


def temporary(folder: Path) -> Path:
    """A new path in `folder` that names this process, so that a later run can remove it if we are killed."""
    return folder / f"{TEMPORARY}{this_process()}-{uuid4().hex[:12]}"


def this_process() -> str:
    """`4711@render-2`: this process in the name of a file. Machines that share a folder remove only what
    their own processes left."""
    return f"{os.getpid()}@{_machine()}"


@cache
def _machine() -> str:
    name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    return re.sub(r"[^A-Za-z0-9.]", "-", name)[:64]


def is_left_over(owner: str) -> bool:
    """Whether a process of this machine has ended which is named as `this_process` does; or by its number
    alone, as earlier versions did."""
    process, _, machine = owner.partition("@")
    return process.isdecimal() and machine in ("", _machine()) and not alive(int(process))


def write_new(path: Path, content: Iterable[bytes], mode: int = 0o644, lasting: bool = True) -> None:
    """Write a new file and sync it to the disk; after a failure no part of it is left.

    lasting: it must survive a loss of power, which costs a sync. Raises StoreError.
    """
    try:
        _write(path, content, mode, lasting)
    except BaseException as error:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise explained(error, path) from error
        raise


def _write(path: Path, content: Iterable[bytes], mode: int, lasting: bool) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        for chunk in content:
            view = memoryview(chunk)
            while view:
                view = view[os.write(descriptor, view) :]
        if lasting:
            sync(descriptor)
    finally:
        os.close(descriptor)


def replace(path: Path, content: Iterable[bytes], mode: int = 0o644) -> None:
    """Write `content` to `path` and replace an older file in one step. Raises StoreError.

    What is named as a device, such as `/dev/stdout`, is written into: as root, it would be replaced too.
    """
    if _is_device(path):
        _write_into(path, content)
        return
    new = temporary(path.parent)
    write_new(new, content, mode)
    move(new, path)


def _is_device(path: Path) -> bool:
    """Whether a path is in /proc, in /dev or in /dev/fd; /dev/shm is a disk."""
    _, *parts = path.absolute().parts
    return parts[:1] == ["proc"] or (parts[:1] == ["dev"] and (len(parts) == 2 or parts[1] == "fd"))


def _write_into(device: Path, content: Iterable[bytes]) -> None:
    try:
        with device.open("ab") as file:
            file.writelines(content)
    except OSError as error:
        raise explained(error, device) from error


def create(path: Path, content: Iterable[bytes], mode: int = 0o644) -> bool:
    """Write `content` to `path`, whole, unless a file is there: of several writers one wins. Returns whether
    it was this one. Raises StoreError."""
    new = temporary(path.parent)
    write_new(new, content, mode)
    try:
        os.link(new, path)
    except FileExistsError:
        return False
    except NO_LINK:
        return _moved_if_new(new, path)
    finally:
        new.unlink(missing_ok=True)
    return True


def _moved_if_new(new: Path, path: Path) -> bool:
    """`create` on a disk without hard links, where two writers in one moment may both seem to win."""
    if path.exists():
        return False
    move(new, path)
    return True


def make_folder(folder: Path) -> None:
    """Create a folder with those above it, if it is not there. Raises StoreError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explained(error, folder) from error


def move(new: Path, path: Path, lasting: bool = True) -> None:
    """Rename `new` to `path`; `new` is gone afterwards in any case. lasting: sync the folder, too.

    Raises StoreError.
    """
    try:
        _replace(new, path)
        if lasting:
            sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise explained(error, path) from error


def taken(path: Path, new: Path) -> bool:
    """Whether the file at `path` could be moved to `new`, on the same disk and under no other name."""
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            return False
        path.replace(new)
    except OSError:
        return False
    return True


def settle(path: Path) -> None:
    """Bring a file to the disk that stays as it is from now on; after a failure it is gone. Raises
    StoreError."""
    try:
        descriptor = os.open(path, os.O_RDWR)
        try:
            path.chmod(stat.S_IMODE(os.fstat(descriptor).st_mode) & READ_ONLY)
            sync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise explained(error, path) from error


def _replace(new: Path, path: Path) -> None:
    for pause in PAUSES:
        try:
            new.replace(path)
            return
        except PermissionError:
            time.sleep(pause)
    new.replace(path)


def sync(descriptor: int) -> None:
    """Bring the bytes of an open file to the disk. `fsync` of macOS leaves them in the disk's own memory."""
    try:
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # type: ignore[attr-defined,unused-ignore]
    except (ImportError, AttributeError, OSError):  # another system, or a drive that has no such call
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Sync the names in `folder` to the disk, where the system and the file system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in NO_FOLDER_SYNC:
            raise
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove half-written files that processes left in `folder` which do not run any more."""
    for path in folder.glob(f"{TEMPORARY}*"):
        if is_left_over(path.name.removeprefix(TEMPORARY).rpartition("-")[0]):
            with contextlib.suppress(OSError):
                path.unlink()


def alive(process: int) -> bool:
    """Whether a process with this number runs now (assumed, where the system cannot tell)."""
    if os.name != "posix":
        return _alive_on_windows(process)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _alive_on_windows(process: int) -> bool:
    """`os.kill` would end it there."""
    import ctypes

    library = getattr(ctypes, "WinDLL", None)
    if library is None:
        return True
    system = library("kernel32", use_last_error=True)
    handle = system.OpenProcess(SYNCHRONIZE, False, process)
    if not handle:
        return bool(ctypes.get_last_error() != NO_SUCH_PROCESS)  # type: ignore[attr-defined,unused-ignore]
    try:
        return bool(system.WaitForSingleObject(handle, 0) == STILL_RUNS)
    finally:
        system.CloseHandle(handle)
