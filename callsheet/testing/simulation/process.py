"""A simulated process that dies at a failpoint or after some time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from random import Random
from typing import Any

from callsheet import failpoints


class Crash(BaseException):
    """The end of a simulated process. Nothing it does afterwards has an effect."""


class Process:
    """One process. steps: it dies at this failpoint, counted from 1. after: it dies after so many seconds.
    stopped: Ctrl-C is pressed after so many seconds. None: it does not happen."""

    def __init__(self, steps: int | None, after: float | None, stopped: float | None) -> None:
        self.dead = False
        self.reached: list[str] = []
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

    def die(self) -> None:
        self.dead = True
        self._died.set()

    def run(self, work: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> None:
        """Run `work` until it ends or the process dies. Raises what `work` raises."""
        with failpoints.armed(self._reach):
            loop.run_until_complete(self._run(work))

    def _reach(self, name: str) -> None:
        self.check()
        self.reached.append(name)
        if self._steps is not None and len(self.reached) >= self._steps:
            self.die()
            raise Crash

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(work)
        died = asyncio.ensure_future(self._died.wait())
        if self._after is not None:
            loop.call_later(self._after, self.die)
        if self._stopped is not None:
            loop.call_later(self._stopped, task.cancel)
        await asyncio.wait({task, died}, return_when=asyncio.FIRST_COMPLETED)
        await _end_all()
        if task.done() and not task.cancelled():
            with suppress(Crash):
                task.result()


async def _end_all() -> None:
    """Cancel every task, as the end of a process does."""
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    while rest:
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        rest = [task for task in rest if not task.done()]
