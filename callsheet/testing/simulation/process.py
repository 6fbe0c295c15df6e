"""A process that can die at any failpoint, or at any moment."""

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
    """One life of the program. steps: at how many reached failpoints it dies; after: after how many
    seconds; stopped: after how many seconds Ctrl-C is pressed. None: it does not happen."""

    def __init__(self, steps: int | None, after: float | None, stopped: float | None) -> None:
        self.dead = False
        self.reached: list[str] = []
        self._steps = steps
        self._after = after
        self._stopped = stopped
        self._died: asyncio.Event = asyncio.Event()

    @classmethod
    def drawn(cls, rng: Random) -> Process:
        """A life with one of the ends."""
        end = rng.choice(("step", "step", "step", "moment", "stop"))
        return cls(
            steps=int(rng.expovariate(1 / 25)) + 1 if end == "step" else None,
            after=rng.uniform(0, 150) if end == "moment" else None,
            stopped=rng.uniform(0, 120) if end == "stop" else None,
        )

    def check(self) -> None:
        """Called by everything that has an effect on the world."""
        if self.dead:
            raise Crash

    def die(self) -> None:
        self.dead = True
        self._died.set()

    def live(self, work: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> None:
        """Run `work` until it is over or the process dies; raises what `work` raises."""
        with failpoints.armed(self._reach):
            loop.run_until_complete(self._live(work))

    def _reach(self, name: str) -> None:
        self.check()
        self.reached.append(name)
        if self._steps is not None and len(self.reached) >= self._steps:
            self.die()
            raise Crash

    async def _live(self, work: Coroutine[Any, Any, None]) -> None:
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
    """Drop every task there is, as the end of a process does."""
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    while rest:
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        rest = [task for task in rest if not task.done()]
