"""A process of the pool: reads tasks from its standard input, one line each, and writes lines about them.

It ends when its input ends: so it does not outlive the process that started it.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
import time
from typing import BinaryIO, Final

EVERY: Final = 0.1
"""Seconds between two lines about the progress of a task."""


def main() -> None:
    """Carry out tasks until the input ends."""
    with os.fdopen(os.dup(1), "wb") as lines:
        os.dup2(2, 1)  # whatever a library prints is no answer
        try:
            from callsheet.runtime.engines.work import SURROUNDINGS, Surroundings, work
        except Exception as error:  # an installation that changed under the run, or no memory
            _say(lines, {"unable": f"{type(error).__name__}: {error}"})
            return
        tasks: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_read, args=(tasks,), daemon=True).start()
        while True:
            task = tasks.get()
            SURROUNDINGS.set(Surroundings(_Progress(lines)))
            _say(lines, {"answer": work(task)})


def _read(tasks: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin.buffer:
        tasks.put(line.decode())
    os._exit(0)


class _Progress:
    def __init__(self, lines: BinaryIO) -> None:
        self._lines, self._last = lines, float("-inf")

    def __call__(self, fraction: float) -> None:
        if (now := time.monotonic()) - self._last >= EVERY:
            self._last = now
            _say(self._lines, {"progress": fraction})


_ONE_AT_A_TIME = threading.Lock()


def _say(lines: BinaryIO, what: dict[str, object]) -> None:
    with _ONE_AT_A_TIME, contextlib.suppress(BrokenPipeError):
        lines.write(json.dumps(what).encode() + b"\n")
        lines.flush()
