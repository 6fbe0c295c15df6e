"""The locks of a driver on the server: each says that a run is at work, and ends with the connection.

They are held on a connection of their own. Who loses it, connects again and takes the lock again. Another
driver takes a run over only after its lock was free for a while: then the epoch of the run is raised, and
whatever it still wanted to send is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Final

import psycopg

from callsheet.runtime.ledger.postgres.address import Address
from callsheet.runtime.ledger.postgres.pool import Pool
from callsheet.runtime.ledger.postgres.session import SERVER_TIMEOUTS, Session
from callsheet.runtime.ledger.records import LedgerError

LOOK_SECONDS: Final = 3.0
"""Seconds between two looks whether the lock of the own run is held."""
AGAIN_SECONDS: Final = 0.5
"""Seconds between two looks at the lock of another run."""
FREE_SECONDS: Final = 15.0
"""Seconds for which the lock of a run has to be seen free before it is taken over: its driver, which lost its
connection or its server, may be connecting again."""
UNSEEN_SECONDS: Final = 15.0
"""Seconds between two looks, at most; after a longer time it has to be seen free from the beginning."""
OPENING_SECONDS: Final = 20.0
"""Seconds for which a new run tries to get its lock: the server may hold it for a connection that it lost."""
SPACE: Final = "(SELECT oid::bigint::bit(32)::int FROM pg_namespace WHERE nspname = current_schema())"
"""The first number of the locks of a project: of its schema. The second one is that of the run."""
HELD: Final = f"""
SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND classid = {SPACE}::bit(32)::bigint::oid AND objid = ?
"""
STANDING: Final = f"""
SELECT EXISTS ({HELD}), EXISTS (SELECT 1 FROM runs WHERE id = ? AND (status <> '' OR epoch > 0))
"""
LEFT: Final = """
SELECT id FROM runs WHERE status = '' AND epoch = 0 AND id IN (SELECT run FROM attempts
WHERE state IN ('INTENT', 'SENDING', 'ACCEPTED', 'RESULT', 'STORED'))
"""
TAKE: Final = f"SELECT pg_try_advisory_lock({SPACE}, ?)"
RAISE: Final = "UPDATE runs SET epoch = epoch + 1 WHERE id = ?"
GIVE_BACK: Final = f"SELECT pg_advisory_unlock({SPACE}, ?)"


def is_held(session: Any, run: int) -> bool:
    """Whether a driver holds the lock of the run. session: a connection."""
    return session.execute(HELD, (run,)).fetchone() is not None


class Keeper:
    """Holds the locks of one driver."""

    def __init__(self, address: Address) -> None:
        self._pool = Pool(address, 1, SERVER_TIMEOUTS)
        self._turn = asyncio.Lock()
        self._taken_over: Counter[int] = Counter()
        self._free: dict[int, tuple[float, float]] = {}
        """Run → since when its lock was seen free, and when last, in seconds of the clock."""

    def is_alive(self, session: Session, run: int) -> bool:
        """Whether a driver makes the run, or may be on its way back to it. Who ended a run, or lost it to
        another driver, does not come back."""
        held, over = session.execute(STANDING, (run, run)).fetchone() or (False, False)
        if held or over:
            self._free.pop(run, None)
            return bool(held)
        now = time.monotonic()
        since, last = self._free.get(run, (now, now))
        since = since if now - last <= UNSEEN_SECONDS else now
        self._free[run] = since, now
        return now - since < FREE_SECONDS

    async def settle(self) -> None:
        """Wait until it is known of every run that has left something who may be on its way back."""

        def unsettled(session: Session) -> bool:
            runs = [run for (run,) in session.execute(LEFT)]
            alive = [run for run in runs if self.is_alive(session, run)]
            return not all(is_held(session, run) for run in alive)

        while await self._pool.read(unsettled):
            await asyncio.sleep(AGAIN_SECONDS)

    @contextlib.asynccontextmanager
    async def held(self, run: int, epoch: int) -> AsyncIterator[None]:
        """Be at work on a run that has sent nothing yet. epoch: that of the run at its beginning.

        Raises LedgerError when another driver is.
        """
        until = time.monotonic() + OPENING_SECONDS
        while not await self._pool.read(lambda s: _taken(s, run)):
            if time.monotonic() > until:
                raise LedgerError(f"another driver is at work on run {run}", "wait for it, or stop it")
            await asyncio.sleep(AGAIN_SECONDS)
        watch = asyncio.create_task(self._watch(run, epoch))
        try:
            yield
        finally:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
            await self._give_back(run)

    @contextlib.asynccontextmanager
    async def taken_over(self, run: int) -> AsyncIterator[bool]:
        """Take over a run that is not alive, and raise its epoch; False while another driver has it. May be
        entered several times at once, for several of its requests."""
        async with self._turn:
            if not self._taken_over[run] and not await self._pool.read(lambda s: self._take_over(s, run)):
                yield False
                return
            self._taken_over[run] += 1
        try:
            yield True
        finally:
            async with self._turn:
                self._taken_over[run] -= 1
                if not self._taken_over[run]:
                    await self._give_back(run)

    async def close(self) -> None:
        await self._pool.close()

    def _take_over(self, session: Session, run: int) -> bool:
        """Take the lock of a run that no driver makes, and raise its epoch: on one connection, since a lost
        one holds no lock."""
        if self.is_alive(session, run) or not _taken(session, run):
            return False
        session.execute(RAISE, (run,))
        return True

    async def _give_back(self, run: int) -> None:
        with contextlib.suppress(LedgerError):  # it ends with the connection
            await self._pool.read(lambda s: s.execute(GIVE_BACK, (run,)).fetchone())

    async def _watch(self, run: int, epoch: int) -> None:
        """Take the lock again when the connection was lost, until another driver has taken the run over. The
        server may still hold it for the lost connection."""

        def is_own(session: Session) -> bool:
            (now,) = session.execute("SELECT epoch FROM runs WHERE id = ?", (run,)).fetchone() or (None,)
            if now == epoch and not _has(session, run):
                _taken(session, run)
            return bool(now == epoch)

        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with contextlib.suppress(LedgerError, psycopg.Error):
                if not await self._pool.read(is_own):
                    return


def _taken(session: Session, run: int) -> bool:
    return bool((session.execute(TAKE, (run,)).fetchone() or (False,))[0])


def _has(session: Session, run: int) -> bool:
    """Whether this very connection holds the lock of a run."""
    query = f"{HELD} AND pid = pg_backend_pid()"
    return session.execute(query, (run,)).fetchone() is not None
