"""Which runs of a project are at work: each holds a lock of its own from before its first request.

So a request that another run was sending is in doubt only once the lock of that run is free.

    <state>/at-work/run-7        held by the process that makes run 7, removed at its end
    <state>/at-work/attempt-12   held by the process that takes up what an ended run left
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.errors import StoreError
from callsheet.runtime.store.os_lock import InUse, held, is_held
from callsheet.runtime.store.project_lock import FILM
from callsheet.spec.project import AT_WORK

TRIES: Final = 200
PAUSE: Final = 0.01
"""Seconds between two tries: who looks whether a run is at work holds its lock for a moment."""


@dataclass(frozen=True, slots=True)
class RunLocks:
    """The locks of the runs of the project whose state is in `state`."""

    state: Path

    @contextlib.contextmanager
    def own(self, run: int) -> Iterator[None]:
        """Be at work on a run that has sent nothing yet. Raises InUse, StoreError."""
        path = self._path(f"run-{run}")
        for _ in range(TRIES):
            with held(path) as mine:
                if mine:
                    try:
                        yield
                        return
                    finally:
                        _remove(path)
            time.sleep(PAUSE)
        raise InUse(f"another process is at work on run {run} ({path})", "wait for it, or stop it")

    def at_work(self, run: int) -> bool:
        """Whether a process is at work on a run. Raises StoreError."""
        return is_held(self._path(f"run-{run}"))

    @contextlib.contextmanager
    def taken_up(self, attempt: int) -> Iterator[bool]:
        """Take up an attempt that an ended run left; False where another process does that."""
        path = self._path(f"attempt-{attempt}")
        with held(path) as mine:
            try:
                yield mine
            finally:
                if mine:
                    _remove(path)

    @contextlib.contextmanager
    def opening(self) -> Iterator[bool]:
        """Open the ledger, while no other process does; False where one does."""
        with held(self._path("opening")) as mine:
            yield mine

    def sweep(self) -> None:
        """Remove what killed processes left."""
        for path in self._path("").glob("*-[0-9]*"):
            if not path.name.startswith(FILM):
                with contextlib.suppress(StoreError), held(path) as free:
                    if free:
                        _remove(path)

    def _path(self, name: str) -> Path:
        return self.state / AT_WORK / name


def _remove(path: Path) -> None:
    """Remove the file of a lock that is held. Windows does not, while it is open."""
    with contextlib.suppress(OSError):
        path.unlink()
