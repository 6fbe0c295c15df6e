"""Whole paid calls with the real ledger: the process ends at each step, and another one goes on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from callsheet.errors import CallsheetError
from callsheet.nodes.queue.redacted import RedactedQueue
from callsheet.runtime.calls import reconcile
from callsheet.runtime.calls.breaker import Breaker
from callsheet.runtime.calls.call import Caller, SubmitRetry
from callsheet.runtime.calls.clock import Clock
from callsheet.runtime.calls.fetch import Fetcher
from callsheet.runtime.calls.order import Order
from callsheet.runtime.calls.patience import FetchRetry
from callsheet.runtime.calls.recover import recover
from callsheet.runtime.calls.slots import Slots
from callsheet.runtime.calls.store_files import Results, StoreFiles
from callsheet.runtime.calls.submit import Submitter
from callsheet.runtime.ledger import Attempt, NewRun
from callsheet.runtime.store.blobs import Store
from callsheet.testing.contract import service as faults
from callsheet.testing.contract.service import Fault, Service
from callsheet.testing.contract.subject import Subject
from callsheet.testing.simulation.parts import LedgerDisk
from callsheet.testing.simulation.process import Process

KEY: Final = "the-request"
MOST_STEPS: Final = 40
STEPS: Final = "call."
"""How the names of the failpoints begin at which a process ends; those of the ledger lie between them."""
AGAIN: Final = 2
"""Processes that go on after the first one has ended."""


def problems(subject: Subject) -> Iterator[str]:
    """What is wrong with whole calls, in sentences: with faults, and with a crash at every step."""
    for name, fault in TROUBLES.items():
        with TemporaryDirectory() as folder, subject.reached() as service, closing(_disk()) as disk:
            service.fault = fault(service)
            _Machine(subject, service, disk, Path(folder)).run(None)
            service.fault = None
            yield from (f"when {name}: {said}" for said in _gone_on(subject, service, disk, Path(folder)))
    for step in range(1, MOST_STEPS):
        with TemporaryDirectory() as folder, subject.reached() as service, closing(_disk()) as disk:
            reached = _Machine(subject, service, disk, Path(folder)).run(step)
            if len(reached) < step:
                return
            said = list(_gone_on(subject, service, disk, Path(folder)))
            yield from (f"when the process ends at {reached[-1]} (step {step}): {one}" for one in said)
            if said:
                return


def _gone_on(subject: Subject, service: Service, disk: LedgerDisk, folder: Path) -> Iterator[str]:
    """What is wrong after other processes have gone on."""
    for _ in range(AGAIN):
        _Machine(subject, service, disk, folder).run(None)
    if service.accepted > 1:
        yield f"the service took {service.accepted} requests for one result, and bills each of them"
    last = asyncio.run(_attempts(disk))[-1]
    if last.state in ("COMMITTED", "REJECTED", "UNKNOWN"):
        return
    yield f"the request is still {last.state} after {AGAIN} more runs: {last.error or 'nothing came'}"


def _disk() -> LedgerDisk:
    return LedgerDisk("sqlite", time.time)


async def _attempts(disk: LedgerDisk) -> list[Attempt]:
    return list(await disk.on_disk().attempts())


NO_ROOM: Final = faults.status(429, Retry_After="0")


def _first(count: int, fault: Fault) -> Fault:
    """The fault for the first replies that it is about."""
    left = count

    def some(request: faults.Request, answer: faults.Answer) -> faults.Response | None:
        nonlocal left
        left -= 1
        return fault(request, answer) if left >= 0 else answer(request)

    return some


TROUBLES: Final[dict[str, Callable[[Service], Fault]]] = {
    "nothing goes wrong": lambda _: _first(0, faults.no_reply),
    "the first reply of all is lost": lambda _: _first(1, faults.no_reply),
    "the reply to the POST is lost": lambda service: service.on_submits(faults.no_reply),
    "the service has no room at first": lambda service: service.on_submits(_first(1, NO_ROOM)),
    "every reply is lost": lambda _: faults.no_reply,
}


class _Caller(Process):
    """A process that ends at a step of a paid call."""

    def _reach(self, name: str) -> None:
        if name.startswith(STEPS):
            super()._reach(name)
        else:
            self.check()


class _Machine:
    """One process of a run that asks for the result."""

    def __init__(self, subject: Subject, service: Service, disk: LedgerDisk, folder: Path) -> None:
        self.subject, self.service, self.disk = subject, service, disk
        self.store = Store(folder)
        self.store.prepare()

    def run(self, step: int | None) -> list[str]:
        """Go on with the request, and end at this step of it; the steps that were reached."""
        process = _Caller(steps=step, after=None, stopped=None)
        loop = asyncio.new_event_loop()
        try:
            process.run(self._work(process), loop)
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()
        return process.reached

    async def _work(self, process: Process) -> None:
        ledger = self.disk.open_for(process, Random(1))
        queue = RedactedQueue(self.subject.queue(self.service.url), tuple, foreign=True)
        clock = Clock(sleep=_shortly)
        spec = self.subject.spec
        try:
            await recover(ledger)
            if queue.recovery == "listing":
                await reconcile.reconcile(ledger, queue, clock, grace=0.0)
            outgoing = await self.subject.outgoing(queue)
            run = await ledger.start_run(NewRun(f"test-{time.monotonic_ns()}", "test.yaml"))
            with self.store.workdir() as workdir:
                results = Results(lambda _: spec, lambda a: queue.outputs(spec, a.result, a.request_id))
                files = StoreFiles(self.store, results, workdir)
                submitter = Submitter(queue, ledger, Slots(queue.name), Breaker(queue.name), trusted=False)
                fetcher = Fetcher(queue, ledger, files, clock, FetchRetry(passing=6), lambda *_: None)
                caller = Caller(submitter, fetcher, clock, SubmitRetry(tries=4))
                body = json.loads(outgoing.body)
                await caller.call(Order(KEY, spec, outgoing.endpoint, body, run.id, "test", 1.0))
        except CallsheetError:  # the ledger says what became of it
            pass
        finally:
            await queue.close()


async def _shortly(seconds: float) -> None:
    await asyncio.sleep(min(seconds, 0.01))
