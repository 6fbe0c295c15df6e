"""A simulated process that dies at a failpoint or after some time."""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from random import Random
from typing import Any
from weakref import WeakKeyDictionary

from callsheet import failpoints


class Crash(BaseException):
    """The end of a simulated process. Nothing it does afterwards has an effect."""


class Process:
    """One process. steps: it dies at this failpoint, counted from 1. after: it dies after so many seconds.
    stopped: Ctrl-C is pressed after so many seconds. None: it does not happen. stands_at,
    stands_after: so many failpoints after this one it stands still, for `stands_for` seconds."""

    def __init__(self, steps: int | None, after: float | None, stopped: float | None) -> None:
        self.dead = False
        self.interrupted = False
        """Ctrl-C was pressed: it ends soon, also when a write of its own is not done by then."""
        self.reached: list[str] = []
        self.stands_at = ""
        self.stands_for = self.stands_after = 0.0
        self._stood = 0.0
        self._goes_on = 0.0
        self._steps = steps
        self._after = after
        self._stopped = stopped
        self._died: asyncio.Event = asyncio.Event()

    @classmethod
    def random(cls, rng: Random) -> Process:
        """A process with a random end."""
        end = rng.choice(("step", "step", "step", "moment", "stop"))
        return cls(
            steps=int(rng.expovariate(1 / 25)) + 1 if end == "step" else None,
            after=rng.uniform(0, 150) if end == "moment" else None,
            stopped=rng.uniform(0, 120) if end == "stop" else None,
        )

    def check(self) -> None:
        """Raise Crash when the process is dead; called before every effect outside of it."""
        if self.dead:
            raise Crash

    async def awake(self) -> None:
        """Wait while the process stands still. Raise Crash when it is dead."""
        self.check()
        while (rest := self._goes_on - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(rest)
            self.check()

    @property
    def stood(self) -> float:
        """Seconds that it has been standing still until now; 0.0 while it does not."""
        now = asyncio.get_running_loop().time()
        return now - self._stood if now < self._goes_on else 0.0

    def _interrupt(self, task: asyncio.Task[None]) -> None:
        self.interrupted = not task.done()
        task.cancel()

    def die(self) -> None:
        self.dead = True
        self._died.set()

    @classmethod
    def run_beside(
        cls, works: Mapping[Process, Coroutine[Any, Any, None]], loop: asyncio.AbstractEventLoop
    ) -> None:
        """Run several processes at once, each until its work ends or it dies. Raises what a work raises."""
        loop.set_task_factory(_owned_task)  # type: ignore[arg-type]
        try:
            with failpoints.armed(lambda name: _CURRENT.get()._reach(name)):
                loop.run_until_complete(_together([one._run(work) for one, work in works.items()]))
        finally:
            loop.set_task_factory(None)

    def run(self, work: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> None:
        """Run `work` until it ends or the process dies. Raises what `work` raises."""
        with failpoints.armed(self._reach):
            loop.run_until_complete(self._run(work))

    def _reach(self, name: str) -> None:
        self.check()
        self.reached.append(name)
        if self.stands_at in self.reached:
            self.stands_after -= 1
            if self.stands_after == 0:
                self._stood = asyncio.get_running_loop().time()
                self._goes_on = self._stood + self.stands_for
        if self._steps is not None and len(self.reached) >= self._steps:
            self.die()
            raise Crash

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        loop = asyncio.get_running_loop()
        context = copy_context()
        context.run(_CURRENT.set, self)
        task = loop.create_task(work, context=context)
        died = asyncio.ensure_future(self._died.wait())
        if self._after is not None:
            loop.call_later(self._after, self.die)
        if self._stopped is not None:
            loop.call_later(self._stopped, self._interrupt, task)
        await asyncio.wait({task, died}, return_when=asyncio.FIRST_COMPLETED)
        died.cancel()
        await _end_all(self)
        if task.done() and not task.cancelled():
            with suppress(Crash):
                task.result()


_CURRENT: ContextVar[Process] = ContextVar("process")
"""Whose task runs."""
_OWNERS: WeakKeyDictionary[Future[Any], Process | None] = WeakKeyDictionary()
"""Task → the process that it is of, where several run at once."""


def _owned_task(
    loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], context: Context | None = None
) -> asyncio.Task[Any]:
    task = asyncio.Task(work, loop=loop, context=context)
    _OWNERS[task] = _CURRENT.get(None) if context is None else context.get(_CURRENT)
    return task


async def _together(works: Sequence[Coroutine[Any, Any, None]]) -> None:
    await asyncio.gather(*works)


async def _end_all(process: Process) -> None:
    """Cancel every task of a process, as its end does."""
    every = (task for task in asyncio.all_tasks() if task is not asyncio.current_task())
    rest = [task for task in every if _OWNERS.get(task, process) is process]
    while rest:
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        rest = [task for task in rest if not task.done()]
