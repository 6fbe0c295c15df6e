"""A few connections, each with a thread of its own, and operations that survive the loss of a connection."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import psycopg

from callsheet import failpoints
from callsheet.runtime.ledger.postgres.address import Address
from callsheet.runtime.ledger.postgres.session import LOST, Session, explained
from callsheet.runtime.ledger.records import Forbidden, LedgerError, Moved

T = TypeVar("T")
S = TypeVar("S")
Operation = Callable[[Session], T]

SIZE: Final = 8
AGAIN_SECONDS: Final = 60.0
"""For how long an operation is tried again when the server is away. A reply of a provider may wait in it."""
PAUSES: Final = (0.1, 0.3, 1.0)
"""Seconds before it is tried again; the last one from then on."""
TOLD_SECONDS: Final = 3.0
"""Seconds after which it is told that an operation waits."""
Tell = Callable[[str], None]


class Lost(Exception):
    """The connection was lost: the operation may have been done or not. error: what happened."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Pool:
    """Connections to the ledger at `address`. settings: statements for each of them."""

    def __init__(self, address: Address, size: int = SIZE, settings: str = "") -> None:
        self.address = address
        self._settings = settings
        self._threads = ThreadPoolExecutor(size, "callsheet-ledger")
        self._mine = threading.local()
        self._all: set[Session] = set()
        self._closed = False
        self._losses = 0
        self._told = False
        self.tell: Tell = lambda _: None
        """Called in the event loop with what is waited for, and with the end of that."""

    async def read(self, operation: Operation[T]) -> T:
        """The result of an operation that may be repeated; it is no transaction. Raises LedgerError."""
        return await self._tried(operation, self._once, None)

    async def write(
        self, operation: Operation[T], done: Operation[T | None] | None = None, whole: bool = False
    ) -> T:
        """Do an operation in a transaction; returns once it is durable. done: looks whether it was done
        already, when the connection was lost in it; None for an operation that may be repeated. whole: it is
        one statement, which is a transaction of its own.

        Raises what the operation raises, Forbidden for what the tables refuse, and LedgerError.
        """
        return await self._tried(operation, self._statement if whole else self._transaction, done)

    async def close(self) -> None:
        """Let what is under way end, and close the connections."""
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._threads.shutdown)
            for session in self._all:
                session.close()

    async def _tried(
        self,
        operation: Operation[T],
        carry_out: Callable[[Operation[T]], T],
        done: Operation[T | None] | None,
    ) -> T:
        since, tries = time.monotonic(), 0
        while True:
            try:
                found = await self._settled(carry_out, operation, done if tries else None)
            except Lost as lost:
                waited = time.monotonic() - since
                if waited > AGAIN_SECONDS:
                    raise explained(lost.error, self.address) from lost.error
                if waited > TOLD_SECONDS:
                    self._tell(lost.error)
                await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
                tries += 1
            else:
                self._tell(None)
                return found

    def _tell(self, error: Exception | None) -> None:
        """Tell once that operations wait after `error`, and once, with None, that they go on."""
        if self._told == (error is None):
            self._told = error is not None
            self.tell(
                f"the ledger at {self.address.shown} answers again"
                if error is None
                else f"waits for the ledger at {self.address.shown}: {' '.join(str(error).split())}"
            )

    async def _settled(
        self,
        carry_out: Callable[[Operation[T]], T],
        operation: Operation[T],
        look: Operation[T | None] | None,
    ) -> T:
        """Do it. look: whether an earlier try has done it, None where there was none: it can be committed as
        late as after that was looked up, and then this try is refused."""
        if look is not None and (found := await self._on_thread(self._once, look)) is not None:
            return found
        try:
            return await self._on_thread(carry_out, operation)
        except (Forbidden, Moved):
            found = await self._on_thread(self._once, look) if look is not None else None
            if found is None:
                raise
            return found

    async def _on_thread(self, carry_out: Callable[[Operation[S]], S], operation: Operation[S]) -> S:
        if self._closed:
            raise LedgerError("the ledger is closed")
        return await asyncio.get_running_loop().run_in_executor(self._threads, carry_out, operation)

    def _once(self, operation: Operation[T]) -> T:
        return self._guarded(operation)

    def _statement(self, operation: Operation[T]) -> T:
        def durable(session: Session) -> T:
            failpoints.reach("ledger.before_commit")
            value = operation(session)
            failpoints.reach("ledger.after_commit")
            return value

        return self._guarded(durable)

    def _transaction(self, operation: Operation[T]) -> T:
        def durable(session: Session) -> T:
            with session.inner.transaction():
                value = operation(session)
                failpoints.reach("ledger.before_commit")
            failpoints.reach("ledger.after_commit")
            return value

        return self._guarded(durable)

    def _guarded(self, operation: Operation[T]) -> T:
        session: Session | None = None
        try:
            session = self._session()
            return operation(session)
        except psycopg.IntegrityError as error:
            raise Forbidden(f"the ledger refuses this: {error.diag.message_primary or error}") from error
        except LOST as error:
            self._drop(session)
            raise Lost(error) from error
        except (psycopg.Error, UnicodeError) as error:
            raise explained(error, self.address) from error

    def _session(self) -> Session:
        """The connection of this thread. One that is older than the last loss of any is not used again: each
        could take its time to be found lost."""
        session: Session | None = getattr(self._mine, "session", None)
        if session is not None and self._mine.losses < self._losses:
            self._close(session)
            session = None
        if session is None:
            self._mine.losses = self._losses
            session = self._mine.session = Session(self.address, self._settings)
            self._all.add(session)
        return session

    def _drop(self, session: Session | None) -> None:
        self._losses += 1
        if session is not None:
            self._close(session)

    def _close(self, session: Session) -> None:
        self._mine.session = None
        self._all.discard(session)
        session.close()
