"""Starts the workers of this machine for a Dask scheduler: one process for each slot, replaced when it ends.

A worker that alone in its process has all of Python for itself; one that FFmpeg takes down takes nobody with
it. After its scheduler was lost it waits for the next one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import dask
from distributed import Nanny, Status

from callsheet.errors import InputError
from callsheet.runtime.engines.dask_address import dask_address
from callsheet.runtime.engines.dask_client import Unreached, connected, security
from callsheet.runtime.engines.task import program
from callsheet.runtime.engines.where import host
from callsheet.spec.plural import plural

LOOK: Final = 0.5
"""Seconds between two looks at whether the workers are there."""
BEGIN: Final = 10.0
"""Seconds in which a scheduler that is started together with its workers has to be there."""
AGAIN: Final = 1.0
"""Seconds between two attempts to reach a scheduler that was lost."""
SETTINGS: Final = {
    "distributed.worker.daemon": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.limit": "60s",
    "distributed.nanny.pre-spawn-environ": {},
}
"""Nothing that a worker holds is worth spilling: media are in the store. What Dask sets for the allocator
gives the memory of each picture back to the system, which costs a quarter of the work."""
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Workers:
    """What is started. address: of the scheduler. slots: tasks at once, each in a process of its own. memory:
    bytes of all of them together, 0 for no limit. wait: whether to wait for another scheduler when the first
    is lost."""

    address: str
    slots: int
    memory: int = 0
    wait: bool = True

    async def run(self, tell: Tell) -> None:
        """Work until the task that awaits this is cancelled, or with `wait` off until the scheduler is lost.
        Raises InputError when the scheduler cannot be reached at the beginning, and when no process can be
        started for one that is there."""
        scheduler = dask_address(self.address)
        first, until = True, time.monotonic() + BEGIN
        while first or self.wait:
            try:
                await self._reach(scheduler)
            except InputError as error:
                if first and not (isinstance(error, Unreached) and time.monotonic() < until):
                    raise
                await asyncio.sleep(AGAIN)
                continue
            first = False
            try:
                await self._work(scheduler, tell)
            except (RuntimeError, OSError) as error:  # whatever keeps Dask from a start
                await self._blame(scheduler, error)
            if self.wait:
                tell(f"{self.address} was lost; the workers wait until it is back")

    async def _reach(self, scheduler: str) -> None:
        """Raises InputError where the scheduler does not answer."""
        client = await connected(self.address, scheduler)
        await client.close(timeout=1)

    async def _blame(self, scheduler: str, error: Exception) -> None:
        """Raises InputError for a worker that did not start, unless it was the scheduler that was lost."""
        with contextlib.suppress(Unreached):
            await self._reach(scheduler)
            raise InputError(
                f"a worker cannot be started on {host()}: {_first_cause(error)}",
                "if it lacks memory or room for temporary files, free some or take fewer slots",
            ) from error

    async def _work(self, scheduler: str, tell: Tell) -> None:
        """Work until the scheduler is lost."""
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        each = self.memory // self.slots or None
        with dask.config.set(SETTINGS):
            nannies = [
                Nanny(
                    scheduler,
                    nthreads=1,
                    memory_limit=each or 0,
                    name=f"{host()}-{os.getpid()}-{i}",
                    security=security(self.address, scheduler),
                    silence_logs=logging.CRITICAL,
                    death_timeout=None,
                    config=dask.config.config,
                    dashboard=False,
                )
                for i in range(self.slots)
            ]
            try:
                await asyncio.gather(*nannies)
                tell(f"{plural(self.slots, 'worker')} at {self.address} ({program()})")
                while not all(nanny.status in (Status.closed, Status.failed) for nanny in nannies):
                    await asyncio.sleep(LOOK)
            finally:
                for nanny in nannies:
                    with contextlib.suppress(Exception):
                        await nanny.close(timeout=2)


def _first_cause(error: BaseException) -> str:
    """What began a chain of errors: the first sentence of it."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return " ".join(str(error).split()).partition(". ")[0] or type(error).__name__
