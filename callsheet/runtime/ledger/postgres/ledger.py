"""The ledger on a server: each operation is a transaction, which locks what others may not do meanwhile."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from callsheet.runtime.ledger import operations, rows
from callsheet.runtime.ledger.operations import Seen
from callsheet.runtime.ledger.postgres.address import Address
from callsheet.runtime.ledger.postgres.keeper import SPACE, Keeper
from callsheet.runtime.ledger.postgres.pool import Pool
from callsheet.runtime.ledger.postgres.session import Session
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
    TakenOver,
    Upload,
)
from callsheet.runtime.ledger.states import State

RESERVE: Final = f"""
SELECT epoch, {rows.RUN_COLUMNS} FROM runs WHERE id = ? OR id = (SELECT resumes FROM runs WHERE id = ?)
ORDER BY id FOR NO KEY UPDATE
"""
"""One call after the other is held against the budget of a run, and of those that it goes on from."""
ONE_MONTH: Final = f"SELECT pg_advisory_xact_lock({SPACE}, 0)"
"""The same for the limit of all runs together."""
FENCE: Final = (
    " AND EXISTS (SELECT 1 FROM runs r WHERE r.id = attempts.run AND (r.id <> ? OR r.epoch = ?) FOR SHARE)"
)
"""A run that was taken over sends nothing more."""
ORDERED: Final = "SELECT 1 FROM runs WHERE id = ? FOR NO KEY UPDATE"


class PostgresLedger:
    """See `Ledger` for what each method does."""

    def __init__(self, address: Address, now: Callable[[], float] = time.time) -> None:
        self.pool = Pool(address)
        self._keeper = Keeper(address)
        self._now = now
        self._own = (0, 0)

    async def start_run(self, new: NewRun) -> Run:
        now = self._now()

        def start(session: Session) -> Run:
            run = operations.start_run(session, new, now)
            session.execute("UPDATE runs SET host = ? WHERE id = ?", (platform.node(), run.id))
            return run

        def started(session: Session) -> Run | None:
            query = f"SELECT {rows.RUN_COLUMNS} FROM runs WHERE name = ? AND pid = ? AND started = ?"
            row = session.execute(query, (new.name, os.getpid(), now)).fetchone()
            return rows.run(row) if row else None

        return await self.pool.write(start, started)

    async def finish_run(self, run: int, status: str) -> None:
        await self.pool.write(lambda s: operations.finish_run(s, run, status, self._now()), whole=True)

    async def runs(self) -> Sequence[Run]:
        return await self.pool.read(operations.runs)

    async def alive(self, run: int) -> bool:
        return await self.pool.read(lambda s: self._keeper.is_alive(s, run))

    @asynccontextmanager
    async def owned(self, run: int) -> AsyncIterator[None]:
        async with self._keeper.held(run, epoch=0):
            self._own = (run, 0)
            yield

    @asynccontextmanager
    async def taken_over(self, attempt: Attempt) -> AsyncIterator[bool]:
        async with self._keeper.taken_over(attempt.run) as mine:
            yield mine

    async def settle(self) -> None:
        await self._keeper.settle()

    async def maker(self, run: int) -> str:
        return await self.pool.read(lambda s: maker(s, run))

    async def intend(self, intent: Intent, seen: Seen, ceiling: Ceiling | None = None) -> Attempt:
        own, epoch = self._own

        def intend(session: Session) -> Attempt:
            run, now = _reserving(session, intent.run)
            if intent.run == own and now != epoch:
                raise TakenOver(maker(session, own))
            if ceiling is not None:
                session.execute(ONE_MONTH)
            return operations.intend(session, intent, seen, self._now(), ceiling, run)

        return await self.pool.write(
            intend, lambda s: next(iter(rows.select(s, "a.token = ?", intent.token)), None)
        )

    async def advance(
        self, attempt: int, to: State, change: Change | None = None, *, before: State
    ) -> Attempt:
        fence = (FENCE, *self._own) if to == "SENDING" else ("",)

        def advance(session: Session) -> Attempt:
            done = operations.step(session, attempt, to, change, before, self._now(), *fence)
            return done or _refused(session, attempt, to, before)

        def advanced(session: Session) -> Attempt | None:
            found = operations.get(session, attempt)
            news = {"state": to, **rows.known(change or Change())}
            return found if all(getattr(found, name) == value for name, value in news.items()) else None

        return await self.pool.write(advance, advanced, whole=True)

    async def note(self, attempt: int, change: Change) -> Attempt:
        return await self.pool.write(lambda s: operations.note(s, attempt, change))

    async def commit(self, attempt: int, kept: Sequence[Kept]) -> Attempt:
        def committed(session: Session) -> Attempt | None:
            found = operations.get(session, attempt)
            return found if found.state == "COMMITTED" else None

        return await self.pool.write(lambda s: operations.commit(s, attempt, kept, self._now()), committed)

    async def live(self, key: str) -> Attempt | None:
        return await self.pool.read(lambda s: operations.live(s, key))

    async def last(self, key: str) -> Attempt | None:
        return await self.pool.read(lambda s: operations.last(s, key))

    async def committed(self, key: str) -> Attempt | None:
        return await self.pool.read(lambda s: operations.committed(s, key))

    async def get(self, attempt: int) -> Attempt:
        return await self.pool.read(lambda s: operations.get(s, attempt))

    async def attempts(self, *states: State, run: int | None = None) -> Sequence[Attempt]:
        return await self.pool.read(lambda s: operations.attempts(s, states, run))

    async def chargeable(self, *states: State, run: int | None = None) -> Sequence[Chargeable]:
        return await self.pool.read(lambda s: operations.chargeable(s, states, run))

    async def bill(self, bills: Mapping[int, int]) -> None:
        await self.pool.write(lambda s: operations.bill(s, bills))

    async def owner(self, request_id: str) -> Attempt | None:
        return await self.pool.read(lambda s: operations.owner(s, request_id))

    async def kept(self, attempt: int) -> Sequence[Kept]:
        return await self.pool.read(lambda s: operations.kept(s, attempt))

    async def spent(self, run: int) -> int:
        return await self.pool.read(lambda s: operations.spent(s, run))

    async def durations(self, endpoint: str, last: int = 50) -> Sequence[float]:
        return await self.pool.read(lambda s: operations.durations(s, endpoint, last))

    async def log(self, run: int, lines: Sequence[str]) -> None:
        def log(session: Session) -> None:
            session.execute(ORDERED, (run,))
            operations.log(session, run, lines, self._now())

        def logged(session: Session) -> bool | None:
            return operations.events(session, run)[-len(lines) :] == list(lines) or None

        await self.pool.write(log, logged)

    async def uploaded(self, upload: Upload) -> None:
        await self.pool.write(lambda s: operations.uploaded(s, upload), whole=True)

    async def upload(self, digest: str, provider: str) -> Upload | None:
        return await self.pool.read(lambda s: operations.upload(s, digest, provider))

    async def freeze(self, frozen: Frozen) -> None:
        await self.pool.write(lambda s: operations.freeze(s, frozen), whole=True)

    async def frozen(self, key: str, output: str) -> Frozen | None:
        return await self.pool.read(lambda s: operations.frozen(s, key, output))

    def when_away(self, tell: Callable[[str], None]) -> None:
        self.pool.tell = tell

    async def close(self) -> None:
        await self._keeper.close()
        await self.pool.close()


def _reserving(session: Session, run: int) -> tuple[Run, int]:
    """The run and its epoch, locked with the run that it goes on from, which is older."""
    *_, (epoch, *row) = session.execute(RESERVE, (run, run))
    return rows.run(row), epoch


def maker(session: Session, run: int) -> str:
    """Who makes a run, for a person: `film-3 on studio`."""
    found = session.execute("SELECT name, host FROM runs WHERE id = ?", (run,)).fetchone()
    return " on ".join(part for part in found if part) if found else f"run {run}"


def _refused(session: Session, attempt: int, to: State, before: State) -> Attempt:
    """Raises why a step was not taken."""
    found = operations.get(session, attempt)
    if (found.state, before, to) == ("INTENT", "INTENT", "SENDING"):
        raise TakenOver(maker(session, found.run))
    raise operations.forbidden(found, to)
