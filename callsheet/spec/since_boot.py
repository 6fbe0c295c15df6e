"""A clock that nobody can set and that goes on while the machine sleeps."""

from __future__ import annotations

import time
from typing import Final

CLOCKS: Final = ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC")
"""Of Linux, whose monotonic clock stops in sleep; of macOS, whose `time.monotonic` does."""


def since_boot() -> float:
    """Seconds since some moment near the start of this machine, with all that it slept."""
    for name in CLOCKS:
        if hasattr(time, name):
            return time.clock_gettime(getattr(time, name))
    return time.monotonic()  # of Windows, which counts sleep
