"""Who is at work: what a ledger asks before it takes over what another run began."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Protocol

from callsheet.runtime.ledger.records import Attempt


class Locks(Protocol):
    """Locks of the operating system; see `callsheet.runtime.store.run_locks.RunLocks`."""

    def own(self, run: int) -> AbstractContextManager[None]: ...

    def at_work(self, run: int) -> bool: ...

    def taken_up(self, attempt: int) -> AbstractContextManager[bool]: ...


class Nobody:
    """The locks of a process that is alone."""

    def own(self, run: int) -> AbstractContextManager[None]:
        return nullcontext()

    def at_work(self, run: int) -> bool:
        return False

    def taken_up(self, attempt: int) -> AbstractContextManager[bool]:
        return nullcontext(True)


class Locked:
    """What a ledger asks of the locks of its processes; see `Ledger`. locks: None for a process that is
    alone."""

    def __init__(self, locks: Locks | None = None) -> None:
        self._locks: Locks = locks or Nobody()

    async def alive(self, run: int) -> bool:
        return self._locks.at_work(run)

    async def settle(self) -> None:
        """The operating system knows at once."""

    @asynccontextmanager
    async def owned(self, run: int) -> AsyncIterator[None]:
        with self._locks.own(run):
            yield

    @asynccontextmanager
    async def taken_over(self, attempt: Attempt) -> AsyncIterator[bool]:
        if self._locks.at_work(attempt.run):
            yield False
            return
        with self._locks.taken_up(attempt.id) as mine:
            yield mine

    def when_away(self, tell: Callable[[str], None]) -> None:
        """No server, so it is never away."""
