"""The engine of a Dask cluster: submits tasks, waits for workers, and submits again what was lost."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from distributed import Client, Future, KilledWorker
from distributed.client import FutureCancelledError

from callsheet.errors import InputError, NodeError
from callsheet.runtime.engines.dask_client import connected, foreign
from callsheet.runtime.engines.dask_work import call_back, carried_out
from callsheet.runtime.engines.dask_workers import Crew
from callsheet.runtime.engines.engine import TRIES, NoWorkers, Watch, lost
from callsheet.runtime.engines.look import Look
from callsheet.runtime.engines.place import Place
from callsheet.runtime.engines.task import Answer, Task

FIRST_WORKER: Final = 30.0
"""Seconds in which a worker has to be there at the start of a run."""
ALONE: Final = 10.0
"""Seconds without a worker after which the run says so."""
LOOK: Final = 1.0
"""Seconds between two looks at the workers."""
PER_SLOT: Final = 2
"""Tasks that are taken for each slot: enough that none is idle, few enough that urgent ones go first."""
DEATHS: Final = 4
"""Workers that Dask lets one task lose before it gives it up; so one that is begun again may lose eight."""
RECALL: Final = 0.05
"""Seconds in which tasks that are called back are gathered."""


@dataclass(slots=True, eq=False)
class _Pending:
    """A task that somebody awaits. future: what was submitted of it, None before. allowed: the workers that
    may have it, None for all. told: what it waits for, as was told last."""

    watch: Watch
    task: Task
    future: Future | None = None
    allowed: frozenset[str] | None = None
    told: str = ""

    def wait_for(self, what: str) -> None:
        """Tell it, if it is something else than before."""
        if what != self.told:
            self.told = what
            self.watch.waits(what)


class Dask:
    """Carries out tasks on the workers of the scheduler at `address`. scheduler: the same as Dask writes it.
    patience: seconds without a worker after which tasks are given back."""

    def __init__(self, address: str, scheduler: str) -> None:
        self.title = address
        self.limit = 1
        self.notes: list[str] = []
        self.when_wider: Callable[[], None] = lambda: None
        self.patience = math.inf
        self._scheduler = scheduler
        self._topic = f"callsheet-{uuid4().hex}"
        self._exit = contextlib.AsyncExitStack()
        self._has_workers = asyncio.Event()
        self._since = time.monotonic()
        self._answers = True
        self._given_up = ""
        self._pending: set[_Pending] = set()
        self._begun: dict[str, _Pending] = {}
        self._recalled: list[str] = []
        self._unused: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, place: Place) -> None:
        self._client = await self._connect()
        self._exit.push_async_callback(self._leave)
        self._crew = Crew(await asyncio.to_thread(Look, place))
        self._exit.callback(self._crew.question.close)
        await self._first_workers()
        await self._try()
        self._keep(self._watch())

    async def perform(self, task: Task, watch: Watch) -> Answer:
        pending = _Pending(watch, task)
        self._pending.add(pending)
        try:
            return await self._performed(pending)
        finally:
            self._pending.discard(pending)

    async def close(self) -> None:
        """Call back what is not done, and leave the cluster as it is."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._exit.aclose()

    async def _leave(self) -> None:
        self.notes += [f"{name} was not used: it {why}" for name, why in self._unused.items()]
        with contextlib.suppress(OSError, TimeoutError, ValueError):
            async with asyncio.timeout(2):
                await self._recall()
        await self._client.close(timeout=2)

    async def _performed(self, pending: _Pending) -> Answer:
        deaths, text = 0, pending.task.to_json()
        while deaths < TRIES:
            if not self._given_up:
                await self._has_workers.wait()
            if self._given_up:
                raise NoWorkers(self._given_up)
            try:
                answer = Answer.from_json(await self._submitted(text, pending))
            except KilledWorker:
                deaths += DEATHS
            except (FutureCancelledError, OSError, ValueError):
                await asyncio.sleep(0.1)  # the scheduler was lost, or a worker that alone had the task
            else:
                if not answer.other:
                    return answer
                self._crew.mistrust(answer.where, answer.other)
                self._counted()
                if not self._crew.fit:
                    answer.require()
        raise lost(pending.task.address, "its worker ended", deaths)

    async def _submitted(self, text: str, pending: _Pending) -> str:
        """The answer of a worker. The future is released at once: one that is held is computed again when its
        worker ends."""
        fit, key = self._crew.fit, f"{pending.task.uses or pending.task.maker}-{uuid4().hex}"
        self._begun[key] = pending
        pending.allowed = frozenset(fit) if self._crew.unfit else None
        future = pending.future = self._client.submit(
            carried_out,
            text,
            self._topic,
            key=key,
            pure=False,
            workers=list(fit) if self._crew.unfit else None,
        )
        try:
            answer: str = await future.result()
            return answer
        except asyncio.CancelledError:
            self._call_back(key)
            raise
        finally:
            pending.future = None
            del self._begun[key]
            future.release()

    def _call_back(self, key: str) -> None:
        """Let a worker end what nobody awaits any more."""
        self._recalled.append(key)
        if len(self._recalled) == 1:
            self._keep(self._recall_soon())

    async def _recall_soon(self) -> None:
        await asyncio.sleep(RECALL)
        with contextlib.suppress(OSError, TimeoutError, ValueError):
            await self._recall()

    async def _recall(self) -> None:
        keys, self._recalled = self._recalled, []
        if keys and self._client.status == "running":
            await self._client.run(call_back, keys, on_error="ignore")

    def _keep(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self) -> Client:
        client = await connected(self.title, self._scheduler)
        client.subscribe_topic(self._topic, self._progressed)
        return client

    def _progressed(self, event: tuple[float, list[object]]) -> None:
        match event:
            case (_, [str(key), float(fraction)]) if key in self._begun:
                self._begun[key].watch.progress(fraction)

    async def _first_workers(self) -> None:
        """Wait for a worker that can be used. Raises InputError when none comes."""
        until = time.monotonic() + FIRST_WORKER
        while True:
            try:
                await self._crew.look(self._client)
            except (OSError, ValueError) as error:
                raise InputError(f"{self.title} was lost while its workers were looked at") from error
            self._counted()
            if self._crew.fit:
                return
            if self._crew.unfit or time.monotonic() > until:
                raise self._nobody()
            await asyncio.sleep(LOOK / 2)

    async def _try(self) -> None:
        """Let a worker answer as it answers tasks. Raises InputError where the scheduler takes none, and
        where the answer is of no use."""
        question = self._crew.question
        try:
            text = await self._submitted(question.task.to_json(), _Pending(Watch(), question.task))
            await asyncio.to_thread(question.require, Answer.from_json(text))
        except RuntimeError as error:
            raise foreign(self.title, error) from error
        except NodeError as error:
            said = f"no worker of {self.title} can be used: {error.message}"
            raise InputError(said, error.next_step) from error
        except (KilledWorker, FutureCancelledError, OSError) as error:
            raise InputError(f"{self.title} was lost while a worker was tried", "run it again") from error

    def _nobody(self) -> InputError:
        """The error of a cluster without a worker that can be used."""
        if not self._crew.unfit:
            return InputError(
                f"{self.title} has no worker, also after {FIRST_WORKER:.0f} s",
                f"start one: callsheet worker {self.title}",
            )
        one, *more = self._crew.unfit
        name = one.where or one.address
        others = f", and {len(more)} more" if more else ""
        return InputError(f"no worker of {self.title} can be used: {name} {one.problem}{others}", one.step)

    async def _watch(self) -> None:
        """Follow who comes and goes; connect again after the scheduler was lost."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                if self._client.status == "closed":
                    self._client = await self._connect()
                await self._crew.look(self._client)
                self._answers = True
            except (OSError, TimeoutError, ValueError, InputError):
                self._answers = False
                self._crew.seen.clear()
            self._counted()
            self._tell()

    def _counted(self) -> None:
        """Take as many tasks as there are slots for, and none while there is nobody."""
        fit = self._crew.fit
        self._unused |= {one.where or one.address: one.problem for one in self._crew.unfit}
        if not fit and self._has_workers.is_set():
            self._has_workers.clear()
            self._since = time.monotonic()
        elif fit:
            self._has_workers.set()
            self._widen(PER_SLOT * sum(fit.values()))
        for pending in self._pending:
            if pending.allowed and not pending.allowed & fit.keys():
                self._submit_again(pending)

    def _widen(self, limit: int) -> None:
        if limit != self.limit:
            self.limit = limit
            self.when_wider()

    def _submit_again(self, pending: _Pending) -> None:
        """Cancel what was submitted of a task: then it is submitted again, or given back."""
        if pending.future:
            self._keep(_cancelled(pending.future))

    def _tell(self) -> None:
        """Say what tasks wait for, while there is no worker; give them back when that is too long."""
        alone = 0.0 if self._has_workers.is_set() else time.monotonic() - self._since
        said = ""
        if alone > ALONE:
            said = f"{self.title} has no worker; start one: callsheet worker {self.title}"
            if not self._answers:
                said = f"{self.title} does not answer; the run goes on when a scheduler and workers are there"
        for pending in list(self._pending):
            pending.wait_for(said)
        if alone > self.patience:
            self._given_up = f"{self.title} had no worker for {self.patience:.0f} s"
            self._has_workers.set()
            for pending in list(self._pending):
                self._submit_again(pending)


async def _cancelled(future: Future) -> None:
    with contextlib.suppress(OSError, ValueError, NodeError):
        await future.cancel()
