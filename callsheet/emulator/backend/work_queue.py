"""The queue of requests: they wait for a free runner, work, and end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from callsheet.emulator.clock import Clock
from callsheet.emulator.faults.outcome import CANCELLED_OUTCOME, START_TIMEOUT, Outcome
from callsheet.emulator.job import Generation

Make = Callable[[Generation], Awaitable[object]]
Ended = Callable[[Generation], None]


class WorkQueue:
    """Runs accepted requests. concurrency: how many work at once (None: all). make: gives a model's output,
    or the outcome of a request whose output cannot be made."""

    def __init__(self, clock: Clock, concurrency: int | None, make: Make, ended: Ended) -> None:
        self.clock, self.concurrency = clock, concurrency
        self._make, self._ended = make, ended
        self._waiting: deque[Generation] = deque()
        self._tickets = self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def enter(self, generation: Generation, start_timeout: float | None = None) -> None:
        """Add a request. start_timeout: seconds that it may wait for a runner, None for any time."""
        self._tickets += 1
        generation.ticket = self._tickets
        self._waiting.append(generation)
        if start_timeout is not None:
            self.clock.later(start_timeout, lambda: self._give_up(generation))
        self._fill()

    def __len__(self) -> int:
        return sum(not g.ended for g in self._waiting)

    def position(self, generation: Generation) -> int:
        """How many are ahead, from 0."""
        return max(generation.ticket - self._waiting[0].ticket, 0) if self._waiting else 0

    def cancel(self, generation: Generation) -> None:
        """End a request that has not ended; its output, if it comes, is dropped."""
        self._end(generation, CANCELLED_OUTCOME)
        self._fill()

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _give_up(self, generation: Generation) -> None:
        if generation.state == "IN_QUEUE":
            self._end(generation, START_TIMEOUT)

    def _fill(self) -> None:
        while self._waiting and (self.concurrency is None or self._running < self.concurrency):
            generation = self._waiting.popleft()
            if not generation.ended and generation.outcome.ends:
                self._start(generation)

    def _start(self, generation: Generation) -> None:
        self._running += 1
        task = asyncio.get_running_loop().create_task(self._work(generation))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, generation: Generation) -> None:
        generation.started_at = self.clock.now()
        generation.move("IN_PROGRESS")
        try:
            output, _ = await asyncio.gather(self._make(generation), self.clock.sleep(generation.seconds))
        finally:
            self._running -= 1
        if not generation.ended:
            if isinstance(output, Outcome):
                generation.outcome = output
            else:
                generation.output = output
            self._end(generation, generation.outcome)
        self._fill()

    def _end(self, generation: Generation, outcome: Outcome) -> None:
        generation.outcome = outcome
        generation.ended_at = self.clock.now()
        generation.move("COMPLETED")
        self._ended(generation)
