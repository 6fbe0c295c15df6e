"""The simulated ledger and store, which survive a crash of the process."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, Final, Literal, TypeVar

from callsheet import failpoints
from callsheet.errors import NodeError
from callsheet.runtime.calls.result_files import ExpectedFile
from callsheet.runtime.calls.store_files import Results, StoreFiles
from callsheet.runtime.ledger import Kept, Ledger, MemoryLedger, SqliteLedger
from callsheet.runtime.ledger.database import prepare
from callsheet.runtime.ledger.locks import Locked, Locks
from callsheet.runtime.ledger.writer import InlineWriter, Operation, Writer
from callsheet.runtime.store.blobs import Store
from callsheet.testing.simulation.process import Process

T = TypeVar("T")
Kind = Literal["sqlite", "memory"]
SLOW: Final = 20.0
"""Seconds that a slow write waits at most."""
WRITES: Final = ("start_run", "finish_run", "intend", "advance", "note", "commit", "log", "uploaded")


class LedgerDisk:
    """The disk that a ledger is on. slow: how likely a write waits for long, 0 to 1.

    `sqlite`: the real tables, triggers and statements, in a database in
    memory. `memory`: `MemoryLedger`, which is faster."""

    def __init__(self, kind: Kind, now: Callable[[], float]) -> None:
        self.slow = 0.0
        self._now = now
        self._connection = _fresh() if kind == "sqlite" else None
        self._memory = MemoryLedger(now)

    def open_for(self, process: Process, rng: Random, locks: Locks | None = None) -> Ledger:
        """Open the ledger for a process; its writes fail when the process is dead. locks: of the processes
        beside it."""
        if self._connection is not None:
            return SqliteLedger(self.writer(process, rng), self._now, locks)
        return _CrashingMemoryLedger(self._memory, process, rng, locks)

    def writer(self, process: Process, rng: Random) -> Writer:
        """The writer of a process, on the real tables."""
        assert self._connection is not None
        return _CrashingWriter(self._connection, process, rng, self.slow)

    def on_disk(self) -> Ledger:
        """The ledger as it is on the disk, for checks of the rules."""
        if self._connection is not None:
            return SqliteLedger(_Reader(self._connection), self._now)
        return self._memory

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


class _CrashingWriter(InlineWriter):
    """Commits in order, after a short delay, unless the process is dead by then."""

    def __init__(self, connection: sqlite3.Connection, process: Process, rng: Random, slow: float) -> None:
        super().__init__(connection)
        self._slow = slow
        self._process = process
        self._rng = rng

    async def write(self, operation: Operation[T]) -> T:
        await self._process.awake()
        await asyncio.sleep(self._rng.random() * (SLOW if self._rng.random() < self._slow else 0.01))
        self._process.check()
        written = await super().write(operation)
        await self._process.awake()
        return written


class _Reader:
    """Reads the tables between the steps of a process."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def write(self, operation: Operation[T]) -> T:
        return operation(self._connection)

    async def close(self) -> None: ...


class _CrashingMemoryLedger(Locked):
    """`MemoryLedger` with the failpoints of a commit."""

    def __init__(
        self, ledger: MemoryLedger, process: Process, rng: Random, locks: Locks | None = None
    ) -> None:
        super().__init__(locks)
        self._ledger = ledger
        self._process = process
        self._rng = rng

    def __getattr__(self, name: str) -> Any:
        async def method(*args: Any, **named: Any) -> Any:
            self._process.check()
            await asyncio.sleep(self._rng.random() * 0.01)
            self._process.check()
            if name in WRITES:
                failpoints.reach("ledger.before_commit")
            value = await getattr(self._ledger, name)(*args, **named)
            if name in WRITES:
                failpoints.reach("ledger.after_commit")
            return value

        return method


class SimulatedFiles(StoreFiles):
    """A store of texts, which reads results as the real one does. blobs: digest → content, on the disk.
    files: downloads, gone with the process."""

    def __init__(
        self, results: Results, blobs: dict[str, str], files: dict[Path, str], process: Process
    ) -> None:
        super().__init__(Store(Path()), results, Path())
        self.blobs = blobs
        self.files = files
        self.process = process

    def download_path(self, file: ExpectedFile) -> Path:
        return Path(f"download-{len(self.files)}")

    async def keep(self, file: ExpectedFile, path: Path) -> Kept:
        self.process.check()
        content = self.files[path]
        if content != f"video of {file.url.split('/')[3]}":
            raise NodeError("a video was promised, but the file is something else", "failed")
        digest = sha256(content.encode()).hexdigest()
        self.blobs[digest] = content
        return Kept(file.place, file.kind, digest, ".mp4", len(content))

    async def holds(self, kept: Kept) -> bool:
        return kept.digest in self.blobs


def _fresh() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.deserialize(_template())
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


@cache
def _template() -> bytes:
    """An empty ledger."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    prepare(connection, None)
    return connection.serialize()
