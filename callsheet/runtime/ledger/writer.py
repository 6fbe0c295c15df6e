"""One thread owns the connection; many callers wait, and one fsync serves all of them."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from callsheet import failpoints
from callsheet.runtime.ledger.database import explained
from callsheet.runtime.ledger.records import Forbidden, LedgerError
from callsheet.runtime.ledger.rows import Malformed
from callsheet.runtime.store.transaction import transaction

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]
"""Runs inside a transaction; when it raises, its changes are undone and its caller gets the error."""

Ended = Callable[[sqlite3.Connection, bool], None]

MOST: Final = 512
"""Operations in one commit at most."""


class Writer(Protocol):
    """Runs operations on the ledger's connection, in order, durably."""

    async def write(self, operation: Operation[T]) -> T: ...

    async def close(self) -> None: ...


@dataclass(slots=True)
class Waiting:
    """An operation and the future of its caller."""

    operation: Operation[Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    value: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        """Give the result to the caller, unless it was cancelled."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)


class ThreadWriter:
    """The writer of a running process. After a failed commit it accepts no operation: only opening the file
    again shows what is on the disk."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path | None = None,
        turn: AbstractContextManager[object] | None = None,
        ended: Ended = lambda connection, broken: connection.close(),
    ) -> None:
        """turn: a lock held during a transaction, where others read on the same connection. ended: called at
        the end with the connection and whether a commit failed."""
        self._connection = connection
        self._path = path
        self._turn = turn or nullcontext()
        self._ended = ended
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._broken: LedgerError | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="callsheet-ledger", daemon=True)
        self._thread.start()

    async def write(self, operation: Operation[T]) -> T:
        """Run `operation`; returns after its commit is durable. It runs even if the caller is cancelled
        meanwhile.

        Raises what the operation raises, and LedgerError.
        """
        if self._closed:
            raise LedgerError("the ledger is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(Waiting(operation, loop, future))
        return await future

    async def close(self) -> None:
        """Run the waiting operations, then release the connection."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        going = True
        while going:
            taken = self._take()
            batch = [waiting for waiting in taken if waiting is not None]
            going = len(batch) == len(taken)
            self._commit(batch)
            _tell(batch)
        self._ended(self._connection, self._broken is not None)

    def _take(self) -> list[Waiting | None]:
        """All waiting operations; waits for the first one."""
        taken = [self._queue.get()]
        while taken[-1] is not None and len(taken) < MOST:
            try:
                taken.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return taken

    def _commit(self, batch: Sequence[Waiting]) -> None:
        if batch and self._broken is None:
            try:
                with self._turn:
                    commit(self._connection, batch)
            except Exception as error:
                self._broken = explained(error, self._path)
        if self._broken is not None:
            for waiting in batch:
                waiting.error = self._broken


class InlineWriter:
    """The same without a thread: for simulations, which must be repeatable."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def write(self, operation: Operation[T]) -> T:
        """Run `operation` in a transaction of its own."""
        loop = asyncio.get_running_loop()
        waiting = Waiting(operation, loop, loop.create_future())
        commit(self._connection, [waiting])
        waiting.settle()
        return await waiting.future  # type: ignore[no-any-return]

    async def close(self) -> None:
        """Leave the connection to its owner."""


def commit(connection: sqlite3.Connection, batch: Sequence[Waiting]) -> None:
    """Run each operation of `batch`, undo those that fail, and commit the others together."""
    with transaction(connection):
        for waiting in batch:
            _run(connection, waiting)
        failpoints.reach("ledger.before_commit")
    failpoints.reach("ledger.after_commit")


def _run(connection: sqlite3.Connection, waiting: Waiting) -> None:
    connection.execute("SAVEPOINT operation")
    try:
        waiting.value = waiting.operation(connection)
    except sqlite3.IntegrityError as error:
        connection.execute("ROLLBACK TO operation")
        waiting.error = Forbidden(f"the ledger refuses this: {error}")
    except (sqlite3.Error, UnicodeError, Malformed):
        raise
    except Exception as error:
        connection.execute("ROLLBACK TO operation")
        waiting.error = error
    connection.execute("RELEASE operation")


def _tell(batch: Sequence[Waiting]) -> None:
    """Wake the waiting callers, with one call for each event loop."""
    for loop in {id(waiting.loop): waiting.loop for waiting in batch}.values():
        mine = [waiting for waiting in batch if waiting.loop is loop]
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, mine)


def _settle(batch: Sequence[Waiting]) -> None:
    for waiting in batch:
        waiting.settle()
