"""Locks a project for one process, or for the run of one film beside runs of others."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from callsheet.runtime.store.os_lock import InUse, held, holder, sign
from callsheet.spec.project import AT_WORK

RETRY_SECONDS: Final = 0.2
"""Seconds between two attempts to get a lock that another process holds."""
LOCK: Final = "lock"
FILM: Final = "film-"
"""How the names of the locks of films begin."""
NEXT_STEP: Final = "wait for it, or stop it, and run again"


@contextlib.contextmanager
def project_owned(
    folder: Path, wait: bool = False, on_wait: Callable[[int | None], None] | None = None
) -> Iterator[None]:
    """Hold the lock of the project whose state is in `folder` (`.callsheet`): no run is at work meanwhile.

    wait: wait for another process to end, instead of refusing; `on_wait` is called once with its number.
    Raises InUse when another process is at work in it, StoreError when the folder cannot be written.
    """
    while True:
        with contextlib.ExitStack() as stack:
            if stack.enter_context(held(folder / LOCK)):
                yield
                return
        if not wait:
            raise _in_use(folder, folder / LOCK, "this project")
        if on_wait:
            on_wait(owner(folder))
            on_wait = None
        time.sleep(RETRY_SECONDS)


@contextlib.contextmanager
def films_owned(folder: Path, places: Collection[Path]) -> Iterator[None]:
    """Hold the locks of what one run alone may write: a pipeline with its lock file, a folder of results.
    Other runs may hold those of other places meanwhile, and nobody holds that of the project.

    Raises InUse when another process holds one of them, StoreError when the folder cannot be written.
    """
    with contextlib.ExitStack() as stack:
        if not stack.enter_context(held(folder / LOCK, shared=True)):
            raise _in_use(folder, folder / LOCK, "this project")
        for place in sorted({str(place.resolve()) for place in places}):
            lock = folder / AT_WORK / f"{FILM}{sha256(place.encode('utf-8', 'replace')).hexdigest()[:16]}"
            if not stack.enter_context(held(lock)):
                raise _in_use(Path(place), lock, "this film")
        sign(folder / LOCK)
        yield


def owner(folder: Path) -> int | None:
    """The number of the process that took the lock of the project last."""
    return holder(folder / LOCK)


def _in_use(place: Path, lock: Path, what: str) -> InUse:
    by = holder(lock)
    who = f"process {by}" if by else "another process"
    return InUse(f"{who} is working on {what} ({place})", NEXT_STEP)
