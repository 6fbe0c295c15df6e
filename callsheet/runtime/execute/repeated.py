"""Repeats a piece of work beside other work."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable


class Repeated:
    """Does `work` every `seconds` seconds, from `start` to `stop`; the first time after `seconds`."""

    def __init__(self, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        self._work, self._seconds = work, seconds
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._repeat())

    async def stop(self) -> None:
        """Stop, also in the middle of the work. Raises what the work raised before."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            await self._work()
