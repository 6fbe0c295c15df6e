"""Runs a plan in a private event loop. Paid runs also hold the lock of their film and an open ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from callsheet.runtime.calls.protocol import PaidProvider
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.consent import new_run
from callsheet.runtime.engines.opened import HERE, Opened, opened
from callsheet.runtime.events import NodeSkipped, RunNote, Status, Stream
from callsheet.runtime.execute.announcement import run_started
from callsheet.runtime.execute.executor import Executor
from callsheet.runtime.execute.finish import status_of
from callsheet.runtime.execute.instance import InstanceRunner
from callsheet.runtime.execute.tally import Tally
from callsheet.runtime.execute.waiting import WaitingEvents
from callsheet.runtime.graph.uses import Uses
from callsheet.runtime.ledger import UNFETCHED
from callsheet.runtime.other_states import OtherStates
from callsheet.runtime.plan.budget import month_of
from callsheet.runtime.plan.list_snapshots import ListSnapshots
from callsheet.runtime.plan.providers import workers_in
from callsheet.runtime.prepare import Prepared
from callsheet.runtime.store.os_lock import InUse, InUseForNow
from callsheet.spec.event_loop import outside_of_loops
from callsheet.spec.node import Worker

if TYPE_CHECKING:
    from callsheet.runtime.calls.session import Project
    from callsheet.runtime.ledger import Run

BILL_SECONDS: Final = 3.0
"""Seconds that the end of a run waits for bills, at most."""
CONCURRENCY: Final = 64
"""Pending requests at each provider where nobody says otherwise."""
Providers = Mapping[str, Worker | PaidProvider]


@dataclass(frozen=True, slots=True)
class RunSession:
    """One run of what was prepared. `execute` has to be awaited in an event loop. on_wait: called again and
    again with what another process does, while this run waits for its end. engine: carries out the jobs of
    this machine."""

    prepared: Prepared
    runner: InstanceRunner
    emit: Stream
    on_wait: Callable[[InUse], None] = lambda _: None
    engine: Opened = HERE

    async def execute(self) -> Tally:
        """Execute the plan. While anything may have to be paid for, this process owns the film: its pipeline
        with the lock file, and its folder of results.

        Raises InputError when another process owns it, or the engine cannot carry anything out, StoreError
        when the disk cannot take it.
        """
        options = self.prepared.options
        opening = opened(options.on, self.runner.store, options.place)
        async with opening as engine, WaitingEvents(self.emit) as waiting:
            self.runner.pausing = waiting.pausing
            tally = await self._by(engine, waiting)._execute_all(waiting)
        tally.notes += engine.notes
        return tally

    def _by(self, engine: Opened, waiting: WaitingEvents) -> RunSession:
        """The same run with the jobs of this machine carried out by `engine`."""
        workers = engine.over(workers_in(self.prepared.providers), waiting.for_worker)
        providers = {**self.prepared.providers, **workers}
        return replace(self, prepared=replace(self.prepared, providers=providers), engine=engine)

    async def _execute_all(self, waiting: WaitingEvents) -> Tally:
        if not self.prepared.paid:
            executor = self._executor(self.prepared.providers)
            self._begin()
            return await executor.run(self.prepared.options.grace)
        paying = self.prepared.workspace.open_for_payment(
            self.prepared.paid, self._waits, self.prepared.places
        )
        async with paying as project:
            project.ledger.when_away(lambda said: self.emit(RunNote(said)))
            return await self._buy(project, waiting)

    def _waits(self, other: InUse) -> bool:
        """Whether to go on waiting for another run to end. Raises KeyboardInterrupt after Ctrl-C."""
        if self.runner.stop.requested:
            raise KeyboardInterrupt
        wait = self.prepared.options.wait or isinstance(other, InUseForNow)
        if wait:
            self.on_wait(other)
        return wait

    async def _buy(self, project: Project, waiting: WaitingEvents) -> Tally:
        from callsheet.runtime.calls.session import start_run
        from callsheet.runtime.execute.event_log import Journal

        graph = self.prepared.graph
        run = await start_run(project, graph.name, new_run(self.prepared))
        self.emit.run = run.name
        status: Status = "failed"
        async with project.ledger.owned(run.id), Journal(project.ledger, run.id, self.emit):
            self._begin(ListSnapshots(project.ledger, run.id))
            try:
                tally = await self._execute(project, run, waiting)
                status = status_of(tally, None)
            finally:
                await project.ledger.finish_run(run.id, status)
        return tally

    async def _execute(self, project: Project, run: Run, waiting: WaitingEvents) -> Tally:
        from callsheet.runtime.calls.buyer import CallOptions

        options, workspace = self.prepared.options, self.prepared.workspace
        with project.store.workdir() as folder, OtherStates(workspace, self.prepared.graph.path) as others:
            calls = CallOptions(
                run.id,
                options.concurrency or CONCURRENCY,
                on_waiting=lambda attempt, what: waiting.tell(attempt.address, what),
                refuse=others.refuse,
                pay_again=options.pay_again,
                webhook=options.webhook,
                beside=True,
                ceiling=month_of(self.prepared.settings.budget),
            )
            buyers = project.buyers(folder, calls, Uses(lambda: self.prepared.dynamic.graph).of)
            tally = await self._executor({**self.prepared.providers, **buyers}).run(options.grace)
        tally.under_way = len(await project.ledger.attempts(*UNFETCHED, run=run.id))
        if not tally.interrupted:
            await self._settle(project, run, tally)
        return tally

    async def _settle(self, project: Project, run: Run, tally: Tally) -> None:
        """Count what was billed where that is known already."""
        from callsheet.runtime.bills import bills_by_now

        found = await bills_by_now(project, run.id, BILL_SECONDS)
        for bill in found.new:
            tally.billed(bill.address, bill.key, bill.usd)
        tally.attention += [str(bill) for bill in found.new if bill.far]

    def _executor(self, providers: Providers) -> Executor:
        executor = Executor(self.prepared, providers, self.runner, self.emit)
        self.engine.when_wider(executor.look_again)
        return executor

    def _begin(self, snapshots: ListSnapshots | None = None) -> None:
        plan = self.prepared.plan
        self.prepared.dynamic.start(plan.steps, snapshots)
        self.emit(run_started(plan, self.prepared.options.preview))
        for address in plan.graph.skipped:
            self.emit(NodeSkipped(address))


def in_loop(work: Coroutine[object, object, Tally], stop: Stop) -> Tally:
    """Run `work` in an event loop of its own, which does not wait for threads that do not stop.

    Where a loop is running already, as in a notebook, the new one gets a thread.
    """

    def complete() -> Tally:
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(work)
        finally:
            stop.forget()
            loop.close()

    return outside_of_loops(complete)
