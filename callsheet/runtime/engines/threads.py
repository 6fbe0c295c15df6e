"""The engine of this process: tasks in threads. Another engine falls back to it."""

from __future__ import annotations

import asyncio
import math
import os
import threading
from collections.abc import Callable
from contextvars import copy_context

from callsheet.runtime.engines.engine import Watch
from callsheet.runtime.engines.place import Place
from callsheet.runtime.engines.task import Answer, Task
from callsheet.runtime.engines.work import SURROUNDINGS, Surroundings, work


class Threads:
    """Carries out tasks in threads of this process, one per core."""

    title = "here"

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit or os.cpu_count() or 1
        self.when_wider: Callable[[], None] = lambda: None
        self.notes: list[str] = []
        self.patience = math.inf

    async def open(self, place: Place) -> None:
        """There is nothing to open."""

    async def perform(self, task: Task, watch: Watch) -> Answer:
        dropped = threading.Event()
        context = copy_context()
        context.run(SURROUNDINGS.set, Surroundings(watch.progress, dropped.is_set))
        try:
            return Answer.from_json(await asyncio.to_thread(context.run, work, task.to_json()))
        finally:
            dropped.set()

    async def close(self) -> None:
        """Threads end with their tasks."""
