"""Scenarios in which processes make films of one project at the same time: they share ledger and calls."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from callsheet.errors import CallsheetError
from callsheet.runtime.calls.breaker import Breaker
from callsheet.runtime.calls.call import Caller, SubmitRetry
from callsheet.runtime.calls.other_runs import LOOK, OtherRuns
from callsheet.runtime.calls.recover import ENDED, recover
from callsheet.runtime.calls.slots import SubmitLimit
from callsheet.runtime.ledger import Attempt, Forbidden, Ledger, Moved, NewRun
from callsheet.testing.simulation.loop import VirtualLoop
from callsheet.testing.simulation.parts import Kind
from callsheet.testing.simulation.process import Process
from callsheet.testing.simulation.scenario import QUIET_SECONDS, RuleBroken, Scenario, Summary, at_once

MOST: Final = 3
"""Processes at once."""
PAUSE: Final = 40.0
"""Seconds before what was refused is sent again: long enough for another run to buy it meanwhile."""


class SimulatedLocks:
    """Locks that end with their process, as those of the operating system."""

    def __init__(self) -> None:
        self.runs: dict[int, Process] = {}
        self._attempts: set[int] = set()

    def at_work(self, run: int) -> bool:
        """Whether the process of a run lives."""
        return run in self.runs and not self.runs[run].dead

    @contextlib.contextmanager
    def taken_up(self, attempt: int) -> Iterator[bool]:
        """See `Locks`."""
        if attempt in self._attempts:
            yield False
            return
        self._attempts.add(attempt)
        try:
            yield True
        finally:
            self._attempts.remove(attempt)


class LocksOf:
    """The same, for one process. Implements `Locks`."""

    def __init__(self, locks: SimulatedLocks, process: Process) -> None:
        self._locks, self._process = locks, process
        self.at_work, self.taken_up = locks.at_work, locks.taken_up

    @contextlib.contextmanager
    def own(self, run: int) -> Iterator[None]:
        """Be at work on a run."""
        self._locks.runs[run] = self._process
        try:
            yield
        finally:
            del self._locks.runs[run]


class SideBySide(Scenario):
    """As a scenario, but for the processes with faults: two or three run at once, each with a run of its own,
    and ask for the same calls. Those at the end run alone, and look up what is in doubt."""

    def __init__(self, seed: int, ledger: Kind, loop: VirtualLoop) -> None:
        super().__init__(seed, ledger, loop)
        self.budget = None
        self.locks = SimulatedLocks()
        self.made_by: dict[int, Process] = {}
        self.look = LOOK

    def _run_process(self, process: Process, gives_up: bool = False) -> None:
        self.made_by.clear()  # a process alone goes on with the run of another one
        if self._alone():
            return super()._run_process(process, gives_up)
        self.machine.wake(wrong=True)
        self._lose_a_file(3 * self.server.faults)
        others = [self._process() for _ in range(self.rng.randint(1, MOST - 1))]
        works = {one: self._beside(one) for one in (process, *others)}
        Process.run_beside(works, self.loop)
        self.crashes += sum(one.dead for one in works)
        self._nothing_taken_away()
        self.loop.jump(self.rng.choice((0.0, QUIET_SECONDS)))
        return None

    def _alone(self) -> bool:
        return not self.server.faults or self.rng.random() < 0.2

    def _later(self) -> float:
        """Seconds after which a process begins."""
        return self.rng.choice((0.0, 0.0, 1.0, 30.0)) * self.rng.random()

    def _process(self) -> Process:
        return Process.random(self.rng)

    async def _beside(self, process: Process) -> None:
        await asyncio.sleep(self._later())
        ledger = self._opened(process)
        await recover(ledger)
        name = f"film-{self.rng.getrandbits(32)}"
        run = (await ledger.start_run(NewRun(name, "film.yaml"))).id
        self.made_by[run] = process
        async with ledger.owned(run):
            await self._made_beside(ledger, process, run)

    def _opened(self, process: Process) -> Ledger:
        return self.disk.open_for(process, self.rng, LocksOf(self.locks, process))

    async def _made_beside(self, ledger: Ledger, process: Process, run: int) -> None:
        limit, breaker = SubmitLimit(), Breaker("simulated")

        def others(clock: object) -> OtherRuns:
            return OtherRuns(ledger, run, clock, lambda *_: None, self.look)  # type: ignore[arg-type]

        caller = self._caller(ledger, process, limit, breaker, others)
        caller.retry = SubmitRetry(first=PAUSE)
        await self._looked_up(ledger, caller)
        asked = [order for order in self.orders if self.rng.random() < 0.8]
        work = [self._made(caller, run, order) for order in asked]
        for outcome in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(outcome, Forbidden | Moved) and self._is_at_work(process):
                raise RuleBroken(f"run {run} came across what another one does: {outcome.message}")
            if isinstance(outcome, BaseException) and not isinstance(outcome, CallsheetError):
                raise outcome

    async def _looked_up(self, ledger: Ledger, caller: Caller) -> None:
        """Nobody looks up what is in doubt while others are at work."""

    def _is_at_work(self, process: Process) -> bool:
        """Whether a process was at work until now, as its locks say."""
        return not process.dead and not process.interrupted

    def _nothing_taken_away(self) -> None:
        """What a run was sending is in doubt only when its process has died."""
        for attempt in at_once(self.disk.on_disk().attempts("UNKNOWN")):
            process = self.made_by.get(attempt.run)
            if attempt.error == ENDED and process is not None and self._is_at_work(process):
                raise RuleBroken(f"{attempt.address} was put in doubt while run {attempt.run} was sending it")

    def _nothing_in_its_place(self, attempts: Sequence[Attempt]) -> None:
        """As there; where one run saw a failure and asked another model, another run may have asked again."""
        failed = {attempt.key for attempt in attempts if attempt.state in ("FAILED", "REJECTED")}
        super()._nothing_in_its_place([a for a in attempts if a.key not in failed])


def simulate_beside(seed: int, ledger: Kind = "sqlite", loop: VirtualLoop | None = None) -> Summary:
    """Run the scenario of `seed` with processes side by side. Raises RuleBroken."""
    mine = loop or VirtualLoop()
    try:
        return SideBySide(seed, ledger, mine).run()
    except RuleBroken as error:
        raise RuleBroken(f"seed {seed}, side by side ({ledger}): {error}") from None
    finally:
        if loop is None:
            with suppress(RuntimeError):
                mine.close()
