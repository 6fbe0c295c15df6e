"""How far a job is: told from any thread, passed on as often as it is worth telling."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

EVERY: Final = 0.1
"""Seconds between two progress events of one instance."""


class Progress:
    """Takes a job's progress from any thread and passes on what is worth telling."""

    def __init__(
        self,
        address: str,
        loop: asyncio.AbstractEventLoop,
        tell: Callable[[tuple[str, float]], None],
    ) -> None:
        self._address = address
        self._loop = loop
        self._tell = tell
        self._last = float("-inf")

    def __call__(self, fraction: float) -> None:
        now = time.monotonic()
        if now - self._last < EVERY or not 0 <= fraction <= 1 or self._loop.is_closed():
            return
        self._last = now
        self._loop.call_soon_threadsafe(self._tell, (self._address, float(round(fraction, 3))))
