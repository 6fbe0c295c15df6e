"""Slots: what a paid request needs before it is sent, and keeps until its result is here."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, TypeGuard

from callsheet.nodes.queue.protocol import Accepted, Outcome, Refused
from callsheet.runtime.calls.rate_limits import Limits

TOO_MANY: Final = 429
IN_DOUBT: Final = 4
"""Requests between SENDING and ACCEPTED at once: as many a crash can leave in doubt."""


class Slot:
    """The slot of one request; `async with Slots.slot()` gives it."""

    def __init__(self, slots: Slots, endpoint: str) -> None:
        self._slots = slots
        self._endpoint = endpoint
        self._taken = self._accepted = False

    async def take(self) -> None:
        """Wait until the limits allow the request, unless they do already."""
        if not self._taken:
            await self._slots.wait(self._endpoint)
            self._taken = True

    def may_go(self) -> bool:
        """Whether the request may go out now. In a pause it may not, and its slot is given back."""
        if self._slots.is_pausing(self._endpoint):
            self.give_back()
        return self._taken

    def heard(self, outcome: Outcome) -> None:
        """Take note of what the provider said; after a refusal for being too many the slot is given back."""
        if isinstance(outcome, Accepted):
            self._accepted = True
            self._slots.accepted(self._endpoint)
        elif is_refused(outcome):
            self._slots.refused(self._endpoint, outcome.retry_after)
            self.give_back()

    @property
    def is_hopeless(self) -> bool:
        """Whether the provider has had no room for long, for no one's requests."""
        return self._slots.is_hopeless(self._endpoint)

    def give_back(self) -> None:
        if self._taken:
            self._slots.finished(self._endpoint, self._accepted)
            self._taken = self._accepted = False


def is_refused(outcome: Outcome) -> TypeGuard[Refused]:
    """Whether the provider has no room for a request now (429)."""
    return isinstance(outcome, Refused) and outcome.status == TOO_MANY


class SubmitLimit(asyncio.Semaphore):
    """Limits how many requests are being submitted at once; one for the whole process."""

    def __init__(self, most: int = IN_DOUBT) -> None:
        super().__init__(most)


class Slots:
    """The slots of one provider in one run. Requests to an endpoint get them in the order they ask. gate:
    limits how many of those that have a slot are being submitted."""

    def __init__(self, provider: str, limits: Limits | None = None, gate: SubmitLimit | None = None) -> None:
        self.gate = gate or SubmitLimit()
        self._provider = provider
        self._limits = limits or Limits()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def slot(self, endpoint: str) -> AsyncIterator[Slot]:
        """Gives a slot for one request, taken; it is given back at the end."""
        slot = Slot(self, endpoint)
        try:
            await slot.take()
            yield slot
        finally:
            slot.give_back()

    async def wait(self, endpoint: str) -> None:
        """Wait until one more request to `endpoint` may start, and count it."""
        self._loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = self._loop.create_future()
        self._waiting.setdefault(endpoint, deque()).append(turn)
        self._wake()
        if turn.done():
            return
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.finished(endpoint, accepted=False)
            raise

    def is_pausing(self, endpoint: str) -> bool:
        return self._now() < self._limits.opens_at(self._provider, endpoint)

    def is_hopeless(self, endpoint: str) -> bool:
        return self._limits.is_hopeless(self._provider, endpoint, self._now())

    def accepted(self, endpoint: str) -> None:
        self._limits.accepted(self._provider, endpoint)
        self._wake()

    def refused(self, endpoint: str, retry_after: float | None) -> None:
        self._limits.refused(self._provider, endpoint, self._now(), retry_after)

    def finished(self, endpoint: str, accepted: bool) -> None:
        self._limits.finished(self._provider, endpoint, accepted)
        self._wake()

    def _wake(self) -> None:
        """Let as many go as the limits allow; look again when the next pause is over."""
        now, pauses = self._now(), list[float]()
        for endpoint, queue in self._waiting.items():
            while queue and (queue[0].done() or self._limits.is_open(self._provider, endpoint, now)):
                turn = queue.popleft()
                if not turn.done():
                    self._limits.started(self._provider, endpoint)
                    turn.set_result(None)
            if queue and (opens := self._limits.opens_at(self._provider, endpoint)) > now:
                pauses.append(opens)
        self._look_again(min(pauses, default=None))

    def _look_again(self, when: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._wake) if self._loop and when is not None else None

    def _now(self) -> float:
        return self._loop.time() if self._loop else 0.0
