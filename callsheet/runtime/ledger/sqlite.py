"""The ledger of a project: one SQLite file, with one writer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from callsheet.runtime.ledger import operations
from callsheet.runtime.ledger.locks import Locked, Locks
from callsheet.runtime.ledger.operations import Seen
from callsheet.runtime.ledger.records import (
    Attempt,
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


class SqliteLedger(Locked):
    """See `Ledger` for what each method does. Reads use the connection of the writer, too."""

    def __init__(self, writer: Writer, now: Clock = time.time, locks: Locks | None = None) -> None:
        """locks: of the processes that may be at work beside this one; None where it is alone."""
        self._writer = writer
        self._now = now
        super().__init__(locks)

    async def write(self, operation: Operation[T]) -> T:
        """Run `operation` in a transaction; returns once it is durable."""
        return await self._writer.write(operation)

    async def start_run(self, new: NewRun) -> Run:
        return await self.write(lambda c: operations.start_run(c, new, self._now()))

    async def finish_run(self, run: int, status: str) -> None:
        await self.write(lambda c: operations.finish_run(c, run, status, self._now()))

    async def runs(self) -> Sequence[Run]:
        return await self.write(operations.runs)

    async def maker(self, run: int) -> str:
        return (await self.write(lambda c: operations.get_run(c, run))).name

    async def intend(self, intent: Intent, seen: Seen, ceiling: Ceiling | None = None) -> Attempt:
        return await self.write(lambda c: operations.intend(c, intent, seen, self._now(), ceiling))

    async def advance(
        self, attempt: int, to: State, change: Change | None = None, *, before: State
    ) -> Attempt:
        return await self.write(lambda c: operations.advance(c, attempt, to, change, before, self._now()))

    async def note(self, attempt: int, change: Change) -> Attempt:
        return await self.write(lambda c: operations.note(c, attempt, change))

    async def commit(self, attempt: int, kept: Sequence[Kept]) -> Attempt:
        return await self.write(lambda c: operations.commit(c, attempt, kept, self._now()))

    async def live(self, key: str) -> Attempt | None:
        return await self.write(lambda c: operations.live(c, key))

    async def last(self, key: str) -> Attempt | None:
        return await self.write(lambda c: operations.last(c, key))

    async def committed(self, key: str) -> Attempt | None:
        return await self.write(lambda c: operations.committed(c, key))

    async def get(self, attempt: int) -> Attempt:
        return await self.write(lambda c: operations.get(c, attempt))

    async def attempts(self, *states: State, run: int | None = None) -> Sequence[Attempt]:
        return await self.write(lambda c: operations.attempts(c, states, run))

    async def chargeable(self, *states: State, run: int | None = None) -> Sequence[Chargeable]:
        return await self.write(lambda c: operations.chargeable(c, states, run))

    async def bill(self, bills: Mapping[int, int]) -> None:
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
