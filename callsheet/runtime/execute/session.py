"""One run inside an event loop of its own; for money, inside the project that this process then owns."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callsheet.runtime.calls.protocol import PaidProvider
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.events import NodeSkipped, Status, Stream
from callsheet.runtime.execute.announcement import run_started
from callsheet.runtime.execute.executor import Driver, execute
from callsheet.runtime.execute.finish import status_of
from callsheet.runtime.execute.instance import Workshop
from callsheet.runtime.execute.tally import Account
from callsheet.runtime.lock.approvals import Gates
from callsheet.runtime.plan.dynamic import Growth
from callsheet.runtime.plan.list_snapshots import Lists
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.workspace import Workspace
from callsheet.spec.node import Worker

if TYPE_CHECKING:
    from callsheet.runtime.calls.session import Project


@dataclass(frozen=True, slots=True)
class Drive:
    """One run inside its event loop."""

    known: Plan
    growth: Growth
    workshop: Workshop
    emit: Stream
    options: RunOptions
    gates: Gates

    async def drive(
        self, makers: Mapping[str, Worker | PaidProvider], paid: tuple[str, ...], workspace: Workspace
    ) -> Account:
        """Execute the plan; with paid providers, inside the project that this process then owns."""
        if not paid:
            graph, foreseen = self.growth.chosen, self.known.foreseen
            driver = Driver(foreseen, graph, makers, self.workshop, self.emit, self.gates, self.growth)
            self._begin()
            return await driver.drive(self.options.grace)

        def waiting() -> bool:
            if self.workshop.stop.requested:
                raise KeyboardInterrupt
            return self.options.wait

        async with workspace.open_for_payment(paid, waiting) as project:
            return await self._buying(project, makers)

    async def _buying(self, project: Project, makers: Mapping[str, Worker | PaidProvider]) -> Account:
        from callsheet.runtime.calls.session import start_run
        from callsheet.runtime.execute.event_log import Journal

        graph, options = self.growth.chosen, self.options
        budget = options.budget if options.budget is not None else graph.budget
        run = await start_run(project, graph.name, options.record, budget, options.unpriced)
        status: Status = "failed"
        self.emit.run = run.name
        async with Journal(project.ledger, run.id, self.emit) as journal:
            self._begin(Lists(project.ledger, run.id))
            with project.store.workdir() as folder:
                buyers = project.buyers(run, folder, options.concurrency, journal.waiting)
                try:
                    providers: dict[str, Worker | PaidProvider] = {**makers, **buyers}
                    account = await execute(
                        self.known.foreseen,
                        graph,
                        providers,
                        self.workshop,
                        self.emit,
                        options.grace,
                        self.gates,
                        self.growth,
                    )
                    status = status_of(account, None)
                    account.under_way = len(await project.ledger.attempts("ACCEPTED", run=run.id))
                finally:
                    await project.ledger.finish_run(run.id, status)
        return account

    def _begin(self, lists: Lists | None = None) -> None:
        work = self.known.draft
        self.growth.start(work.steps, lists)
        self.emit(run_started(self.known, self.options.preview))
        for address in work.graph.skipped:
            self.emit(NodeSkipped(address))


def in_loop(work: Coroutine[object, object, Account], stop: Stop) -> Account:
    """Run in an event loop of our own, which does not wait for threads that will not stop.

    Where a loop is running already, as in a notebook, ours gets a thread.
    """
    if _loop_is_running():
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(_drive, work, stop).result()
    return _drive(work, stop)


def _drive(work: Coroutine[object, object, Account], stop: Stop) -> Account:
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        stop.forget()
        loop.close()


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
