"""Time and random numbers as values, so that a simulation can replace them."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from callsheet.spec.since_boot import since_boot

BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
UPTIME: Final = Path("/proc/uptime")


@dataclass(frozen=True, slots=True)
class Uptime:
    """How long this machine has been up: `seconds` since the boot of this name. No one can set it, unlike the
    date. Two of them can be compared when their boot is the same."""

    boot: str
    seconds: float


def uptime() -> Uptime:
    """The machine's, where it tells; elsewhere that of this process, which no other one can go by."""
    try:
        return Uptime(_boot(), _seconds())
    except (OSError, ValueError, IndexError):
        return Uptime(PROCESS, since_boot())


def _seconds() -> float:
    """Read twice for each request, so without the layers of a text file. Raises OSError, ValueError,
    IndexError."""
    descriptor = os.open(UPTIME, os.O_RDONLY)
    try:
        return float(os.read(descriptor, 64).split()[0])
    finally:
        os.close(descriptor)


@cache
def _boot() -> str:
    """The name of the boot: a process does not outlive it. Raises OSError."""
    return BOOT.read_text().strip()


PROCESS: Final = f"process {os.getpid()} {time.time_ns()}"


@dataclass(frozen=True, slots=True)
class Clock:
    """now: seconds since the epoch, by the date of this machine. sleep: waits for seconds. rng: tokens, seeds
    and jitter come from it. uptime: for what must not depend on anybody's date."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    rng: random.Random = field(default_factory=random.SystemRandom)
    uptime: Callable[[], Uptime] = uptime
