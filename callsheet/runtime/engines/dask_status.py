"""Asks a Dask scheduler how much it has to do, and looks at its workers."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from callsheet.runtime.engines.dask_address import dask_address
from callsheet.runtime.engines.dask_client import connected, foreign
from callsheet.runtime.engines.dask_workers import Crew
from callsheet.runtime.engines.look import Look
from callsheet.runtime.engines.place import Place
from callsheet.runtime.engines.status import EngineStatus, EngineWorker
from callsheet.runtime.engines.task import program

QUESTION: Final = 15.0
"""Seconds that the scheduler has to answer."""


async def dask_status(address: str, place: Place | None) -> EngineStatus:
    """What a scheduler and its workers are doing. Raises InputError when it is not reached, NodeError and
    StoreError where the store is not."""
    client = await connected(address, dask_address(address))
    question = None
    try:
        question = await asyncio.to_thread(Look, place)
        crew = Crew(question)
        async with asyncio.timeout(QUESTION):
            began = time.perf_counter()
            load = await client.run_on_scheduler(load_of)
            seconds = time.perf_counter() - began
        await crew.look(client)
        workers = tuple(
            EngineWorker(
                one.where or one.address, one.slots, load["busy"].get(one.address, 0), one.problem, one.step
            )
            for one in sorted(crew.seen.values(), key=lambda one: (one.where, one.address))
        )
        return EngineStatus(address, program(), seconds, load["waiting"], load["unrunnable"], workers)
    except (OSError, TimeoutError, ValueError, RuntimeError, ImportError, AttributeError) as error:
        raise foreign(address, error) from error
    finally:
        if question is not None:
            question.close()
        await client.close(timeout=2)


def load_of(dask_scheduler: Any) -> dict[str, Any]:
    """Tasks that are done now by each worker, and how many wait: for a slot, or for a worker that can be
    given them. Runs in the scheduler."""
    given = {one.address: (len(one.processing), one.nthreads) for one in dask_scheduler.workers.values()}
    behind = sum(max(0, tasks - slots) for tasks, slots in given.values())
    return {
        "busy": {address: min(tasks, slots) for address, (tasks, slots) in given.items()},
        "waiting": behind + len(dask_scheduler.queued),
        "unrunnable": len(dask_scheduler.unrunnable),
    }
