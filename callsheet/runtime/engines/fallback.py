"""Two engines: the second takes over where nobody works for the first."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.engines.engine import Engine, NoWorkers, Watch
from callsheet.runtime.engines.place import Place
from callsheet.runtime.engines.task import Answer, Task

PATIENCE: Final = 60.0
"""Seconds that the first engine has no worker before the second takes over."""


class Fallback:
    """Carries out tasks by `main`; by `spare` where that cannot be reached at the start, or has no worker for
    longer than its patience. It does not go back in one run."""

    def __init__(self, main: Engine, spare: Engine) -> None:
        self.title = f"{main.title},{spare.title}"
        self.notes: list[str] = []
        self._main, self._spare = main, spare
        self.patience = math.inf
        main.patience = PATIENCE
        self._now = main

    @property
    def limit(self) -> int:
        """That of the engine that works now."""
        return self._now.limit

    @property
    def when_wider(self) -> Callable[[], None]:
        """Called when the limit has changed."""
        return self._main.when_wider

    @when_wider.setter
    def when_wider(self, call: Callable[[], None]) -> None:
        self._main.when_wider = self._spare.when_wider = call

    async def open(self, place: Place) -> None:
        await self._spare.open(place)
        try:
            await self._main.open(place)
        except InputError as error:
            self._turn(error.message)

    async def perform(self, task: Task, watch: Watch) -> Answer:
        if self._now is self._main:
            try:
                return await self._main.perform(task, watch)
            except NoWorkers as error:
                self._turn(str(error))
        watch.waits("")
        return await self._spare.perform(task, watch)

    async def close(self) -> None:
        self.notes += [*self._main.notes, *self._spare.notes]
        await self._main.close()
        await self._spare.close()

    def _turn(self, why: str) -> None:
        if self._now is self._main:
            self._now = self._spare
            self.notes.append(f"{why}; the work was done by {self._spare.title}")
            self.when_wider()
