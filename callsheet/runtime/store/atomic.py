"""Writes files atomically: a reader finds the whole file or none."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from uuid import uuid4

from callsheet.errors import StoreError

CHUNK: Final = 1 << 20
TEMPORARY: Final = ".callsheet-"
FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
REFUSED: Final = {errno.EACCES, errno.EPERM, errno.EROFS}


def chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a megabyte at a time."""
    with path.open("rb") as file:
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
    return folder / f"{TEMPORARY}{os.getpid()}-{uuid4().hex[:12]}"


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
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace(path: Path, content: Iterable[bytes], mode: int = 0o644) -> None:
    """Write `content` to `path` and replace an older file in one step. Raises StoreError."""
    new = temporary(path.parent)
    write_new(new, content, mode)
    move(new, path)


def create(path: Path, content: Iterable[bytes], mode: int = 0o644) -> bool:
    """Write `content` to `path`, whole, unless a file is there: of several writers one wins. Returns whether
    it was this one. Raises StoreError."""
    new = temporary(path.parent)
    write_new(new, content, mode)
    try:
        os.link(new, path)
    except FileExistsError:
        return False
    except OSError:
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
        new.replace(path)
        if lasting:
            sync_folder(path.parent)
    except OSError as error:
        raise explained(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Sync the names in `folder` to the disk, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove half-written files that processes left in `folder` which do not run any more."""
    for path in folder.glob(f"{TEMPORARY}*"):
        owner = path.name.removeprefix(TEMPORARY).split("-")[0]
        if owner.isdecimal() and not alive(int(owner)):
            with contextlib.suppress(OSError):
                path.unlink()


def alive(process: int) -> bool:
    """Whether a process with this number runs now (assumed, where the system cannot tell)."""
    if os.name != "posix":
        return process == os.getpid()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def explained(error: OSError, path: Path) -> StoreError:
    """The error of the operating system as a message with a next step."""
    if error.errno in FULL:
        return StoreError(
            f"the disk is full: {path.parent} could not take another file",
            "free some space and run again; what is already made is kept",
        )
    if error.errno in REFUSED:
        return StoreError(
            f"{path.parent} may not be written to ({error.strerror})",
            "check the permissions of the folder, or choose another one",
        )
    return StoreError(
        f"{path} could not be written: {error.strerror or error}", "check the disk and run again"
    )
