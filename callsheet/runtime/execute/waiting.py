"""Tells what each instance at work waits for: at once when it changes, else about once a minute."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.runtime.events import (
    Event,
    NodeBlocked,
    NodeFailed,
    NodeFellBack,
    NodeFinished,
    NodeInterrupted,
    NodeStarted,
    NodeWaiting,
    Stream,
)
from callsheet.runtime.execute.repeated import Repeated

if TYPE_CHECKING:
    from callsheet.runtime.calls.questions import Waiting

SILENCE: Final = 50.0
"""Seconds after which what has not changed is told again."""
LOOK: Final = 5.0
"""Seconds between two looks at what to tell again."""


@dataclass(slots=True)
class Told:
    """What was told of an instance last. since and when: when its work began and when it was told, in seconds
    of the clock."""

    event: NodeWaiting
    since: float
    when: float


class WaitingEvents:
    """Emits `NodeWaiting` events into a stream, the repeated ones inside of `async with`.

    now: a clock in seconds that never goes back.
    """

    def __init__(self, stream: Stream, now: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._now = stream, now
        self._told: dict[str, Told] = {}
        self._repeated = Repeated(self._remind, LOOK)
        stream.add_reader(self._note)

    def tell(self, address: str, waiting: Waiting) -> None:
        """Emit what the request of an instance waits for, if it changed."""
        self._tell(NodeWaiting(address, waiting.state, waiting.position, waiting.trouble, by=waiting.by))

    def pausing(self, address: str, seconds: float, error: NodeError) -> None:
        """Emit that an instance waits before it is tried again. error: of the attempt before."""
        trouble = f"tried again in {seconds:g} s, after: {error.message}"
        self._tell(NodeWaiting(address, "pausing", trouble=trouble))

    def for_worker(self, address: str, trouble: str) -> None:
        """Emit that an instance waits for a worker, and why; "" when it does not wait any more."""
        self._tell(NodeWaiting(address, "queued" if trouble else "running", trouble=trouble))

    def _tell(self, event: NodeWaiting) -> None:
        address = event.address
        before, now = self._told.get(address), self._now()
        if before is None or before.event != event:
            self._told[address] = Told(event, before.since if before else now, now)
            self._stream(event)

    def remind(self) -> None:
        """Emit again what has not changed for a minute."""
        now = self._now()
        for told in list(self._told.values()):
            if now - told.when >= SILENCE:
                told.when = now
                self._stream(replace(told.event, seconds=round(now - told.since, 1)))

    def _note(self, event: Event) -> None:
        match event:
            case NodeStarted():
                now = self._now()
                self._told[event.address] = Told(NodeWaiting(event.address, "started"), now, now)
            case NodeFinished() | NodeFailed() | NodeFellBack() | NodeBlocked() | NodeInterrupted():
                self._told.pop(event.address, None)

    async def __aenter__(self) -> WaitingEvents:
        self._repeated.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._repeated.stop()

    async def _remind(self) -> None:
        self.remind()
