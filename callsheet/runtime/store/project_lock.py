"""Locks a project for one process, with an OS lock that ends with the process.

It is no lease: a process that slept too long could wake up and send requests that another one sent already.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.store import atomic as disk

RETRY_SECONDS: Final = 0.2
"""Seconds between two attempts to get a lock that another process holds."""


@contextlib.contextmanager
def project_owned(
    folder: Path, wait: bool = False, on_wait: Callable[[int | None], None] | None = None
) -> Iterator[None]:
    """Hold the lock of the project whose state is in `folder` (`.callsheet`).

    wait: wait for another process to end, instead of refusing; `on_wait` is called once with its number.
    Raises InputError when another process owns it, StoreError when the folder cannot be written.
    """
    descriptor = _opened(folder)
    try:
        _lock(descriptor, folder, wait, on_wait)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def owner(folder: Path) -> int | None:
    """The number of the process that last held the lock."""
    try:
        return int((folder / "lock").read_text().strip())
    except (OSError, ValueError):
        return None


def _opened(folder: Path) -> int:
    path = folder / "lock"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    except OSError as error:
        raise disk.explained(error, path) from error


def _lock(descriptor: int, folder: Path, wait: bool, on_wait: Callable[[int | None], None] | None) -> None:
    while not _taken(descriptor):
        if not wait:
            by = owner(folder)
            who = f"process {by}" if by else "another process"
            raise InputError(
                f"{who} is working on this project ({folder})", "wait for it, or stop it, and run again"
            )
        if on_wait:
            on_wait(owner(folder))
            on_wait = None
        time.sleep(RETRY_SECONDS)


def _taken(descriptor: int) -> bool:
    if os.name != "posix":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
