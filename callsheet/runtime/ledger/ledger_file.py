"""The ledger of a project on one connection, which reads, and writes once this process holds the project
lock."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import RLock
from typing import TypeVar

from callsheet.runtime.ledger import operations
from callsheet.runtime.ledger.database import (
    FAILURES,
    explained,
    forbid_writes,
    open_before_owning,
    open_ledger,
    open_to_read,
    own,
)
from callsheet.runtime.ledger.health import Health, health_of
from callsheet.runtime.ledger.join import Joined, join
from callsheet.runtime.ledger.reused_events import forget_reused
from callsheet.runtime.ledger.sqlite import SqliteLedger
from callsheet.runtime.ledger.writer import Operation, ThreadWriter
from callsheet.runtime.store.run_locks import RunLocks

T = TypeVar("T")


class LedgerFile:
    """The ledger at `path`, on one connection that only one thread at a time uses.

    A run reads it for the plan, writes while it buys, and reads it again at its end, all on this connection.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._locks = RunLocks(path.parent)
        self._connection: sqlite3.Connection | None = None
        self._can_own = False
        self._turn = RLock()

    @property
    def shown(self) -> str:
        """Where it is, for people."""
        return str(self.path)

    @property
    def exists(self) -> bool:
        """Whether anything was ever bought in this project."""
        return self._connection is not None or self.path.exists()

    def open(self, can_own: bool = False) -> sqlite3.Connection:
        """Open it to read, if it is not open. Raises LedgerError.

        can_own: this process may come to own the project, and then goes on with this connection. Such a
        connection writes into the file what a killed process left in the log beside it; any other only reads.
        """
        with self._turn:
            if self._connection is None:
                found = open_before_owning(self.path) if can_own else None
                self._can_own = found is not None
                self._connection = found or open_to_read(self.path)
            return self._connection

    def read(self, operation: Operation[T]) -> T:
        """The result of `operation`, which only reads, between the transactions of the writer. Raises
        LedgerError."""
        with self._turn:
            try:
                return operation(self.open())
            except FAILURES as error:
                raise explained(error, self.path) from error

    def writer(self) -> ThreadWriter:
        """A writer, for the process that owns the project; reads go on meanwhile, and after its end.

        The file is made, or brought to the newest version, if need be. Raises LedgerError.
        """
        with self._turn:
            try:
                if self._connection is not None and self._can_own:
                    own(self._connection, self.path)
                else:
                    self.close()
                    self._connection, self._can_own = open_ledger(self.path), True
            except BaseException:
                self.close()
                raise
            return ThreadWriter(self._connection, self.path, self._turn, self._ended)

    def ledger(self) -> SqliteLedger:
        """The ledger, for the process that owns the project or a film of it. Raises LedgerError."""
        return SqliteLedger(self.writer(), locks=self._locks)

    def at_work(self, run: int) -> bool:
        """Whether a process makes the run with this number now. Raises StoreError."""
        return self._locks.at_work(run)

    def health(self) -> Health | None:
        """Whether it is whole, and its version; None where nothing was ever bought. Raises LedgerError."""
        return health_of(self.path) if self.path.exists() else None

    def take_over(self, source: Path) -> Joined:
        """See `join`. Raises LiveInBoth, LedgerError."""
        self.close()
        return join(self.path, source)

    def shorten(self) -> int:
        """See `forget_reused`. Raises LedgerError."""
        if not self.exists:
            return 0
        self.close()
        return forget_reused(self.path)

    def maker(self, run: int) -> str:
        """The name of a run. Raises LedgerError."""
        return self.read(lambda c: operations.get_run(c, run)).name

    def close(self) -> None:
        """Close it. It is opened again when it is read again."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _ended(self, connection: sqlite3.Connection, broken: bool) -> None:
        """The writer is done. After a failed commit only opening the file again tells what is on the disk."""
        with self._turn:
            if broken:
                self.close()
            else:
                forbid_writes(connection)
