"""What a Dask worker runs: `work`, with its progress told and a look at whether it was called back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any, Final

from distributed import get_worker

from callsheet.runtime.engines.work import SURROUNDINGS, Surroundings, work

EVERY: Final = 1.0
"""Seconds between two messages about the progress of a task."""
FIRST: Final = 0.25
"""Seconds of work before the first one: what is quick tells nothing."""
MOST: Final = 10_000
"""Keys that are remembered of tasks that were called back."""
CALLED_BACK: Final[dict[str, None]] = {}
_LOCK: Final = threading.Lock()


def carried_out(text: str, topic: str) -> str:
    """The answer to a task, as `work` gives it. topic: of the messages about its progress."""
    worker = get_worker()
    key = str(worker.get_current_task())
    token = SURROUNDINGS.set(Surroundings(_Progress(worker, topic, key), lambda: key in CALLED_BACK))
    try:
        return work(text)
    finally:
        SURROUNDINGS.reset(token)


def call_back(keys: Iterable[str]) -> None:
    """Let the tasks with these keys end, where this worker has them."""
    with _LOCK:
        CALLED_BACK.update(dict.fromkeys(keys))
        for key in list(CALLED_BACK)[:-MOST]:
            del CALLED_BACK[key]


class _Progress:
    """Tells the driver how far a task is. May be called in any thread."""

    def __init__(self, worker: Any, topic: str, key: str) -> None:
        self._worker, self._topic, self._key = worker, topic, key
        self._last = time.monotonic() - EVERY + FIRST

    def __call__(self, fraction: float) -> None:
        if (now := time.monotonic()) - self._last >= EVERY:
            self._last = now
            self._worker.log_event(self._topic, [self._key, float(fraction)])
