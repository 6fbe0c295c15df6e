"""The emulator's clock: durations pass `scale` times faster, and the time of day is `skew` seconds wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate


class Clock:
    """`scale` 60 makes a minute of latency, lag or retention last a second."""

    def __init__(self, scale: float = 1.0, skew: float = 0.0) -> None:
        self.scale, self.skew = scale, skew

    def now(self) -> float:
        """Seconds since the epoch by this provider's clock."""
        return time.time() + self.skew

    def real(self, seconds: float) -> float:
        """How long `seconds` of configured time really last."""
        return seconds / self.scale

    def past(self, moment: float, seconds: float) -> bool:
        """Whether `seconds` of configured time have gone by since `moment`."""
        return self.now() - moment >= self.real(seconds)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(self.real(seconds))

    def later(self, seconds: float, action: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(self.real(seconds), action)

    def date(self) -> str:
        """The `Date` header."""
        return formatdate(self.now(), usegmt=True)


def iso(moment: float | None) -> str | None:
    """`2026-11-21T05:11:02.123456Z`."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
