"""The process pool of this machine, `--on here:4`: a process that ends is replaced, its task done again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from typing import Final

from callsheet.errors import NodeError
from callsheet.runtime.engines.engine import TRIES, Watch, lost
from callsheet.runtime.engines.place import Place
from callsheet.runtime.engines.task import Answer, Task
from callsheet.runtime.engines.where import host

PROGRAM: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from callsheet.runtime.engines.child import main; main()"
)
LONGEST: Final = 64 * 1024 * 1024
"""Bytes of a line at most."""
PER_PROCESS: Final = 2
"""Tasks that are taken for each process, so that none waits while results are stored."""


class _Ended(Exception):
    """A process ended in the middle of its task."""


class Processes:
    """Carries out tasks in `count` processes of this machine, which are started when they are needed."""

    def __init__(self, count: int) -> None:
        self.title = f"here:{count}"
        self.limit = PER_PROCESS * count
        self.when_wider: Callable[[], None] = lambda: None
        self.notes: list[str] = []
        self.patience = math.inf
        self._room = asyncio.Semaphore(count)
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()

    async def open(self, place: Place) -> None:
        """Processes are started when there is work for them."""

    async def perform(self, task: Task, watch: Watch) -> Answer:
        text = task.to_json()
        async with self._room:
            for _ in range(TRIES):
                child = self._idle.pop() if self._idle else await self._started()
                try:
                    answer = await child.perform(text, watch)
                except _Ended:
                    self._all.discard(child)
                except BaseException:
                    await self._end(child)
                    raise
                else:
                    self._idle.append(child)
                    return answer
        raise lost(task.address, "its process ended", TRIES)

    async def close(self) -> None:
        """End every process, also in the middle of a task."""
        for child in list(self._all):
            await self._end(child)
        self._idle.clear()

    async def _started(self) -> _Child:
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                PROGRAM,
                json.dumps(sys.path),
                stdin=PIPE,
                stdout=PIPE,
                limit=LONGEST,
                start_new_session=True,  # Ctrl-C is for the driver, which ends its processes
            )
        except OSError as error:
            raise _unable(error.strerror or str(error)) from error
        child = _Child(process)
        self._all.add(child)
        return child

    async def _end(self, child: _Child) -> None:
        self._all.discard(child)
        await child.end()


def _unable(why: str) -> NodeError:
    """The error of a process that cannot begin to work."""
    return NodeError(
        f"no process can be started on {host()}: {why}", "local", "take fewer processes, or --on here"
    )


class _Child:
    """One process. It has one task at a time."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def perform(self, text: str, watch: Watch) -> Answer:
        """Raises _Ended, and NodeError (*local*) where it cannot work."""
        tasks, lines = self._process.stdin, self._process.stdout
        assert tasks is not None and lines is not None
        try:
            tasks.write(text.encode() + b"\n")
            await tasks.drain()
            while line := await lines.readline():
                match json.loads(line):
                    case {"progress": float(fraction) | int(fraction)}:
                        watch.progress(fraction)
                    case {"answer": str(answer)}:
                        return Answer.from_json(answer)
                    case {"unable": str(why)}:
                        raise _unable(why)
        except (OSError, ValueError) as error:
            await self.end()
            raise _Ended from error
        await self.end()
        raise _Ended

    async def end(self) -> None:
        """Kill it, and wait for its end."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
