"""The ledger of a project: one SQLite file, with one writer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from callsheet.runtime.ledger import operations
from callsheet.runtime.ledger.ledger_file import LedgerFile
from callsheet.runtime.ledger.records import (
    Attempt,
    Billed,
    Ceiling,
    Change,
    Chargeable,
    Frozen,
    Intent,
    Kept,
    NewRun,
    Run,
    Upload,
)
from callsheet.runtime.ledger.states import State
from callsheet.runtime.ledger.writer import Operation, Writer

T = TypeVar("T")
Clock = Callable[[], float]


class SqliteLedger:
    """See `Ledger` for what each method does. Reads use the connection of the writer, too."""

    def __init__(self, writer: Writer, now: Clock = time.time) -> None:
        self._writer = writer
        self._now = now

    async def write(self, operation: Operation[T]) -> T:
        """Run `operation` in a transaction; returns once it is durable."""
        return await self._writer.write(operation)

    async def start_run(self, new: NewRun) -> Run:
        return await self.write(lambda c: operations.start_run(c, new, self._now()))

    async def finish_run(self, run: int, status: str) -> None:
        await self.write(lambda c: operations.finish_run(c, run, status, self._now()))

    async def runs(self) -> Sequence[Run]:
        return await self.write(operations.runs)

    async def intend(self, intent: Intent, ceiling: Ceiling | None = None, known: int = 0) -> Attempt:
        return await self.write(lambda c: operations.intend(c, intent, self._now(), ceiling, known))

    async def advance(
        self, attempt: int, to: State, change: Change | None = None, *, before: State | None = None
    ) -> Attempt:
        return await self.write(lambda c: operations.advance(c, attempt, to, change, before, self._now()))

    async def note(self, attempt: int, change: Change) -> Attempt:
        return await self.write(lambda c: operations.note(c, attempt, change))

    async def commit(self, attempt: int, kept: Sequence[Kept]) -> Attempt:
        return await self.write(lambda c: operations.commit(c, attempt, kept, self._now()))

    async def live(self, key: str) -> Attempt | None:
        return await self.write(lambda c: operations.live(c, key))

    async def committed(self, key: str) -> Attempt | None:
        return await self.write(lambda c: operations.committed(c, key))

    async def get(self, attempt: int) -> Attempt:
        return await self.write(lambda c: operations.get(c, attempt))

    async def attempts(self, *states: State, run: int | None = None) -> Sequence[Attempt]:
        return await self.write(lambda c: operations.attempts(c, states, run))

    async def chargeable(self, *states: State, run: int | None = None) -> Sequence[Chargeable]:
        """The requests in any of `states` that the provider may bill, oldest first."""
        return await self.write(lambda c: operations.chargeable(c, states, run))

    async def bill(self, bills: Mapping[int, int]) -> None:
        """Record what was billed, all in one step: attempt → micro-dollars."""
        await self.write(lambda c: operations.bill(c, bills))

    async def owner(self, request_id: str) -> Attempt | None:
        return await self.write(lambda c: operations.owner(c, request_id))

    async def kept(self, attempt: int) -> Sequence[Kept]:
        return await self.write(lambda c: operations.kept(c, attempt))

    async def spent(self, run: int) -> int:
        return await self.write(lambda c: operations.spent(c, run))

    async def durations(self, endpoint: str, last: int = 50) -> Sequence[float]:
        return await self.write(lambda c: operations.durations(c, endpoint, last))

    async def log(self, run: int, lines: Sequence[str]) -> None:
        await self.write(lambda c: operations.log(c, run, lines, self._now()))

    async def uploaded(self, upload: Upload) -> None:
        await self.write(lambda c: operations.uploaded(c, upload))

    async def upload(self, digest: str, provider: str) -> Upload | None:
        return await self.write(lambda c: operations.upload(c, digest, provider))

    async def freeze(self, frozen: Frozen) -> None:
        await self.write(lambda c: operations.freeze(c, frozen))

    async def frozen(self, key: str, output: str) -> Frozen | None:
        return await self.write(lambda c: operations.frozen(c, key, output))

    async def close(self) -> None:
        await self._writer.close()


class LedgerReader:
    """Reads a ledger, also while another process writes; from any thread. Raises LedgerError."""

    def __init__(self, file: LedgerFile | Path) -> None:
        self._file = LedgerFile(file) if isinstance(file, Path) else file
        self._file.open()

    def runs(self) -> list[Run]:
        """All runs, newest first."""
        return self._file.read(operations.runs)

    def attempts(self, *states: State, run: int | None = None) -> list[Attempt]:
        """Attempts in any of `states` (all, when none is named), oldest first."""
        return self._file.read(lambda c: operations.attempts(c, states, run))

    def committed(self, key: str) -> Attempt | None:
        """The newest attempt of `key` whose result is stored."""
        return self._file.read(lambda c: operations.committed(c, key))

    def last(self, key: str) -> Attempt | None:
        """The newest attempt of `key`, in any state."""
        return self._file.read(lambda c: operations.last(c, key))

    def newest(self, address: str, series: str) -> Attempt | None:
        """The newest attempt of an instance whose result is stored, with any key. series: what the names
        of the runs begin with."""
        return self._file.read(lambda c: operations.newest(c, address, series))

    def committed_at(self, address: str) -> list[Attempt]:
        """Every attempt of an instance whose result is stored, newest first."""
        return self._file.read(lambda c: operations.committed_at(c, address))

    def knows(self, attempt: Attempt) -> bool:
        """Whether an attempt of another ledger is in this one, too."""
        return self._file.read(lambda c: operations.knows(c, attempt))

    def kept(self, attempt: int) -> list[Kept]:
        """The files of an attempt's result."""
        return self._file.read(lambda c: operations.kept(c, attempt))

    def addresses(self, series: str) -> set[str]:
        """Every instance that has a stored result. series: what the names of the runs begin with."""
        return self._file.read(lambda c: operations.addresses(c, series))

    def durations(self, endpoint: str, last: int = 50) -> list[float]:
        """Seconds from accepted to known result, of the newest calls to an endpoint."""
        return self._file.read(lambda c: operations.durations(c, endpoint, last))

    def billed(self, last: int) -> list[Billed]:
        """The newest bills of calls whose result is stored."""
        return self._file.read(lambda c: operations.billed(c, last))

    def events(self, run: int) -> list[str]:
        """The events of a run, each one line of JSON."""
        return self._file.read(lambda c: operations.events(c, run))

    def spent(self, run: int) -> int:
        """Micro-dollars that count for a run."""
        return self._file.read(lambda c: operations.spent(c, run))

    def counted(self, first: int | None, series: str) -> int:
        """Micro-dollars that count for a budget of the run numbered `first`, and of those that go on from it;
        None for a run that is still to begin. series: what the names of all runs of the film begin with."""
        return self._file.read(lambda c: operations.counted(c, first, series))

    def spent_since(self, since: float) -> int:
        """Micro-dollars of everything that was asked for since then (seconds since the epoch)."""
        return self._file.read(lambda c: operations.spent_since(c, since))

    def frozen(self, key: str, output: str) -> Frozen | None:
        """The output of a call that extended the graph of the newest run that used it."""
        return self._file.read(lambda c: operations.frozen(c, key, output))

    def close(self) -> None:
        self._file.close()
