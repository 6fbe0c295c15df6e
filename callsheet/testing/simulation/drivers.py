"""Scenarios with several drivers on one ledger, each on a machine of its own: a server keeps their locks, and
takes them from who stands still for too long, though that one may wake up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from callsheet.nodes.queue.protocol import QueueError
from callsheet.runtime.calls import reconcile
from callsheet.runtime.calls.call import Caller
from callsheet.runtime.ledger import (
    Attempt,
    Ceiling,
    Change,
    Connection,
    Intent,
    Ledger,
    SqliteLedger,
    State,
    TakenOver,
    operations,
)
from callsheet.runtime.ledger.operations import Seen
from callsheet.runtime.ledger.writer import Writer
from callsheet.testing.simulation.loop import VirtualLoop
from callsheet.testing.simulation.process import Process
from callsheet.testing.simulation.scenario import QUIET_DAYS, RuleBroken, Summary
from callsheet.testing.simulation.side_by_side import LocksOf, SideBySide, SimulatedLocks

NOTICED: Final = 13.0
"""Seconds after which the server has noticed that a driver does not answer."""
PAUSES: Final = (5.0, 20.0, 60.0, 900.0, 900.0)
"""Seconds for which a driver stands still."""
PLACES: Final = ("call.before_intent", "call.before_sending", "call.before_sending", "call.after_accepted")
"""Failpoints after which one does."""
LOOK: Final = 2.0
"""Seconds between two looks at a driver that may stand still for a quarter of an hour."""
LATER: Final = (0.0, 0.0, 30.0, 700.0)
"""Seconds after which a driver begins, about."""


class ServersLocks(SimulatedLocks):
    """Locks that a server takes from a process that does not answer. epochs: run → how often it was taken
    over."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs: dict[int, int] = {}
        self.sent_late: list[str] = []

    def at_work(self, run: int) -> bool:
        """Whether the process of a run answers, and the run is still its own."""
        process = self.runs.get(run)
        return super().at_work(run) and process is not None and process.stood < NOTICED


class ServedLedger(SqliteLedger):
    """The ledger of a driver: what was taken over from its run cannot be sent by it any more."""

    def __init__(
        self, writer: Writer, now: Callable[[], float], locks: ServersLocks, process: Process
    ) -> None:
        super().__init__(writer, now, LocksOf(locks, process))
        self.served = locks

    @asynccontextmanager
    async def taken_over(self, attempt: Attempt) -> AsyncIterator[bool]:
        async with super().taken_over(attempt) as mine:
            if mine:
                epochs = self.served.epochs
                epochs[attempt.run] = epochs.get(attempt.run, 0) + 1
            yield mine

    async def intend(self, intent: Intent, seen: Seen, ceiling: Ceiling | None = None) -> Attempt:
        def intend(connection: Connection) -> Attempt:
            self.fence(intent.run)
            return operations.intend(connection, intent, seen, self._now(), ceiling)

        return await self.write(intend)

    async def advance(
        self, attempt: int, to: State, change: Change | None = None, *, before: State
    ) -> Attempt:
        def advance(connection: Connection) -> Attempt:
            run = operations.get(connection, attempt).run
            if to == "SENDING":
                self.fence(run)
            done = operations.advance(connection, attempt, to, change, before, self._now())
            if to == "SENDING" and self.served.epochs.get(run):
                self.served.sent_late.append(f"{done.address} of run {run}")
            return done

        return await self.write(advance)

    def fence(self, run: int) -> None:
        """Raises TakenOver when another driver has taken over a run."""
        if self.served.epochs.get(run) and not isinstance(self.served, BlindLocks):
            raise TakenOver(f"run {run}")


class Drivers(SideBySide):
    """As side by side; but drivers stand still now and then, and each looks up what is in doubt.

    blind: nobody is told who is at work, so what another one does is taken over at any time. No rule about
    money may depend on locks.
    """

    def __init__(self, seed: int, loop: VirtualLoop, blind: bool = False) -> None:
        super().__init__(seed, "sqlite", loop)
        self.blind = blind
        self.locks: ServersLocks = BlindLocks() if blind else ServersLocks()
        self.disk.slow = 0.1
        self.look = LOOK
        self._ending = False

    def _alone(self) -> bool:
        return self._ending

    def _run_process(self, process: Process, gives_up: bool = False) -> None:
        if self.loop.time() - self.start >= QUIET_DAYS:
            self._ending, self.disk.slow = True, 0.0
        super()._run_process(process if self._ending else self._process(), gives_up)
        if self.locks.sent_late and not self.blind:
            raise RuleBroken(f"{self.locks.sent_late[0]} was sent after another driver had taken it over")

    def _process(self) -> Process:
        """One that stands still at some time, a healthy one, or one that dies."""
        process = super()._process()
        what = self.rng.choice(("tired", "tired", "healthy", "mortal"))
        if what == "mortal":
            return process
        process = Process(None, None, None)
        if what == "tired":
            process.stands_at = self.rng.choice(PLACES)
            process.stands_after = self.rng.randint(1, 5)
            process.stands_for = self.rng.choice(PAUSES)
        return process

    def _later(self) -> float:
        return self.rng.choice(LATER) + self.rng.random()

    def _opened(self, process: Process) -> Ledger:
        return ServedLedger(self.disk.writer(process, self.rng), self.machine.date, self.locks, process)

    async def _looked_up(self, ledger: Ledger, caller: Caller) -> None:
        with suppress(QueueError):
            await reconcile.reconcile(ledger, caller.submitter.queue, caller.clock)

    def _is_at_work(self, process: Process) -> bool:
        noticed = process.stands_at in process.reached and process.stands_for > NOTICED
        return super()._is_at_work(process) and not noticed and not self.blind


class BlindLocks(ServersLocks):
    """Nobody knows who is at work."""

    def at_work(self, run: int) -> bool:
        return False


def simulate_drivers(seed: int, loop: VirtualLoop | None = None, blind: bool = False) -> Summary:
    """Run the scenario of `seed` with several drivers. blind: as for `Drivers`. Raises RuleBroken."""
    mine = loop or VirtualLoop()
    try:
        return Drivers(seed, mine, blind).run()
    except RuleBroken as error:
        raise RuleBroken(f"seed {seed}, {'blind ' if blind else ''}drivers: {error}") from None
    except Exception as error:
        error.add_note(f"seed {seed}, {'blind ' if blind else ''}drivers")
        raise
    finally:
        if loop is None:
            mine.close()
