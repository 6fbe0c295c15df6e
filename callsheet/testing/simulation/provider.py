"""A simulated provider with faults: it loses replies, is late, refuses, and forgets results."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final, Literal

from callsheet.nodes.queue.protocol import (
    Accepted,
    Ambiguous,
    BeforeSend,
    Found,
    NotSent,
    Outcome,
    Outgoing,
    QueueError,
    QueueResult,
    Recovery,
    Refused,
    Status,
)
from callsheet.testing.simulation.process import Process

PRICE: Final = 1.0
"""USD for every call."""
LONGEST: Final = 90.0
"""Seconds that a request takes at most."""
LAG: Final = 200.0
"""Seconds after its end at which the listing shows a request at the latest."""
GONE: Final = QueueError("it is gone", "failed", gone=True)


@dataclass(slots=True)
class Request:
    """A request that was accepted. good: it will not fail. lasts: its result is kept for long, otherwise
    until `expires`. listed: when the listing shows it."""

    id: str
    body: Mapping[str, object]
    sent: float
    done: float
    listed: float
    good: bool
    lasts: bool
    expires: float

    @property
    def media(self) -> str:
        """The content of the file that it makes."""
        return f"video of {self.id}"


@dataclass(slots=True)
class Server:
    """The provider's server, which survives every crash. faults: the probability of each fault, 0 to 1."""

    rng: Random
    now: Callable[[], float]
    faults: float
    recovery: Recovery
    requests: dict[str, Request] = field(default_factory=dict)
    watch: Callable[[str, str], None] = lambda _, __: None

    def fails(self, share: float = 1.0) -> bool:
        """Whether a fault happens now. share: multiplies the probability."""
        return self.rng.random() < self.faults * share

    def accept(self, body: str) -> Request:
        """Accept a request."""
        now = self.now()
        done = now + self.rng.uniform(2, LONGEST)
        good = not self.fails(0.5)
        lasts = not self.fails()
        request = Request(
            id=f"r{len(self.requests) + 1}",
            body=json.loads(body),
            sent=now,
            done=done,
            listed=done + self.rng.uniform(0, LAG),
            good=good,
            lasts=lasts,
            expires=done + (1e9 if lasts else self.rng.uniform(60, 400)),
        )
        self.requests[request.id] = request
        return request

    def find(self, request_id: str) -> Request:
        """Raises QueueError for an id that it never gave."""
        try:
            return self.requests[request_id]
        except KeyError:
            raise GONE from None


class SimulatedQueue:
    """The queue at the server, for one process. Implements `Queue`."""

    name = "simulated"
    reposts = 1

    def __init__(self, server: Server, process: Process, files: dict[Path, str]) -> None:
        self.server = server
        self.process = process
        self.files = files
        self.recovery: Recovery = server.recovery

    async def submit(self, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
        await self._pass(0.2)
        if self.server.fails():
            return NotSent("no connection")
        await before_send()
        self.process.check()
        outcome = await self._post(outgoing)
        for _ in range(1, self.reposts):
            if isinstance(outcome, Ambiguous):
                outcome = await self._post(outgoing)
        return outcome

    async def _post(self, outgoing: Outgoing) -> Outcome:
        """One POST. The server accepts it or not, even when this process dies before the reply."""
        what = self._fate()
        if what == "refused":
            await self._pass(0.5)
            return self._refusal()
        if what == "never arrives":
            await self._pass(30)
            return Ambiguous("the connection was reset")
        request = self.server.accept(outgoing.body)
        await self._pass(60 if what == "slow" else 0.5)
        match what:
            case "lost":
                return Ambiguous("the connection was reset")
            case "502":
                return Ambiguous("the provider answered 502", "<html>502 Bad Gateway</html>")
            case "unreadable":
                return Ambiguous("an unreadable 200", '{"request_', request.id)
        return Accepted(request.id, f"s/{request.id}", f"r/{request.id}", f"c/{request.id}", "{}")

    def _fate(self) -> Literal["accepted", "slow", "lost", "502", "unreadable", "never arrives", "refused"]:
        if not self.server.fails(3):
            return "accepted"
        return self.server.rng.choice(
            ("slow", "lost", "lost", "502", "unreadable", "never arrives", "refused", "refused")
        )

    def _refusal(self) -> Refused:
        chance = self.server.rng.random()
        if chance < 0.7:
            return Refused("unavailable", "too many requests", 429, retry_after=chance * 20)
        if chance < 0.8:
            return Refused("rejected", "the account cannot pay", 402, stop="funds")
        return Refused("rejected", "this content is refused", 422)

    async def status(self, endpoint: str, accepted: Accepted) -> Status:
        await self._answer(0.1)
        request = self.server.find(accepted.request_id)
        self.server.watch("status", request.id)
        if self.server.fails(0.3):
            raise GONE
        return Status("completed" if self.server.now() >= request.done else "running")

    async def result(self, endpoint: str, accepted: Accepted) -> QueueResult:
        await self._answer(0.2)
        request = self.server.find(accepted.request_id)
        if self.server.now() >= request.expires or self.server.fails(0.5):
            raise GONE
        if self.server.now() < request.done:
            raise QueueError("still in progress", "unavailable", passing=True)
        if not request.good:
            raise QueueError("the model failed", "failed")
        url = f"https://files.test/{request.id}/{self.server.rng.getrandbits(32):08x}.mp4"
        return QueueResult(json.dumps({"video": {"url": url}}), 1.0)

    async def cancel(self, endpoint: str, accepted: Accepted) -> None:
        await self._answer(0.1)

    async def upload(self, path: Path) -> str:
        return f"https://files.test/{path.name}"

    async def download(self, url: str, to: Path) -> None:
        request = self.server.requests[url.split("/")[3]]
        self.server.watch("download", request.id)
        await self._answer(1.0)
        if self.server.fails(0.5):
            raise GONE
        self.files[to] = request.media[:-2] if self.server.fails(0.5) else request.media

    async def find(self, endpoint: str, since: float) -> Sequence[Found]:
        await self._answer(0.5)
        now = self.server.now()
        seen = [r for r in self.server.requests.values() if r.sent >= since and r.listed <= now]
        return [Found(r.id, endpoint, r.sent, r.body) for r in reversed(seen)]

    async def close(self) -> None: ...

    async def _answer(self, seconds: float) -> None:
        """Wait as for a reply; sometimes raise QueueError instead."""
        await self._pass(seconds)
        if self.server.fails():
            raise QueueError("the provider answered 503", "unavailable", passing=True)

    async def _pass(self, seconds: float) -> None:
        self.process.check()
        await asyncio.sleep(self.server.rng.uniform(0, seconds))
        self.process.check()
