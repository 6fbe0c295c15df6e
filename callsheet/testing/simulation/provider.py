"""A provider in bad health: it loses replies, lags, refuses and forgets, and the host of its
files answers anything but the file for days. What its replies mean is read by the real code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final, Literal

from callsheet.nodes.http.message import Reply
from callsheet.nodes.queue import downloads, progress
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
from callsheet.nodes.queue.replies import refusal_in
from callsheet.testing.simulation import trouble
from callsheet.testing.simulation.process import Process

PRICE: Final = 1.0
"""USD for every call."""
LONGEST: Final = 90.0
"""Seconds that a request takes at most."""
LAG: Final = 200.0
"""Seconds after its end at which the listing shows a request at the latest."""
GONE: Final = QueueError("404", "unavailable", gone=True)


@dataclass(slots=True)
class Request:
    """A request that was accepted. lasts: its result and its files are kept for long; otherwise until
    `expires`. listed: when the listing shows it. shape: what its result looks like. result_well and
    media_well: when its result, and the host of its files, are no longer in trouble."""

    id: str
    body: Mapping[str, object]
    sent: float
    done: float
    listed: float
    lasts: bool
    expires: float
    shape: trouble.Shape
    result_well: float
    media_well: float

    @property
    def media(self) -> str:
        """What the file it makes holds."""
        return f"{'picture' if self.shape == 'a picture' else 'video'} of {self.id}"

    @property
    def good(self) -> bool:
        """Whether the provider never says that it failed."""
        return self.shape not in trouble.FAILED

    @property
    def usable(self) -> bool:
        return self.shape in trouble.GOOD


@dataclass(slots=True)
class Server:
    """The provider's side. It outlives every process. faults: how likely each thing goes wrong, 0 to 1.
    tells_time: whether its replies have a date."""

    rng: Random
    now: Callable[[], float]
    faults: float
    recovery: Recovery
    tells_time: bool = True
    requests: dict[str, Request] = field(default_factory=dict)
    watch: Callable[[str, str], None] = lambda _, __: None

    def fails(self, share: float = 1.0) -> bool:
        """Whether a fault happens now. share: multiplies the probability."""
        return self.rng.random() < self.faults * share

    def accept(self, body: str) -> Request:
        """Accept a request."""
        now = self.now()
        done = now + self.rng.uniform(2, LONGEST)
        lasts = not self.fails()
        request = Request(
            id=f"r{len(self.requests) + 1}",
            body=json.loads(body),
            sent=now,
            done=done,
            listed=done + self.rng.uniform(0, LAG),
            lasts=lasts,
            expires=done + (1e9 if lasts else self.rng.uniform(60, 400)),
            shape=self._shape(),
            result_well=done + self._lasting(),
            media_well=done + self._lasting(),
        )
        self.requests[request.id] = request
        return request

    def find(self, request_id: str) -> Request:
        """Raises QueueError for an id that it never gave."""
        try:
            return self.requests[request_id]
        except KeyError:
            raise GONE from None

    def result(self, request: Request) -> Reply:
        """What a look for the result is answered with."""
        if self.now() < request.done:
            return Reply(400, {}, b'{"detail": "Request is still in progress"}')
        if self.now() >= request.expires or self.fails(0.5):
            return Reply(404, {}, b'{"detail": "Request not found"}')
        if self.now() < request.result_well:
            another = [other.id for other in self.requests.values() if other is not request]
            return trouble.odd_result(self.rng, request.id, self.rng.choice(another) if another else "")
        url = f"https://files.test/{request.id}/{self.rng.getrandbits(32):08x} é.mp4"
        return trouble.result(request.shape, request.id, url)

    def file(self, request: Request) -> trouble.FileReply:
        """What a look for the file of a request is answered with."""
        if self.now() >= request.expires or self.fails(0.5):
            return trouble.FileReply(self.rng.choice((403, 404, 410)), {}, "")
        if self.now() < request.media_well:
            return trouble.odd_file(self.rng, request.media)
        return trouble.FileReply(200, {}, request.media[:-2] if self.fails(0.5) else request.media)

    def _shape(self) -> trouble.Shape:
        if self.fails(0.5):
            return self.rng.choice(trouble.FAILED)
        if self.fails(0.3):
            return self.rng.choice(trouble.USELESS)
        return self.rng.choice(trouble.GOOD)

    def _lasting(self) -> float:
        return self.rng.choice(trouble.LASTING) if self.fails(2) else 0.0


Fate = Literal["accepted", "slow", "lost", "502", "unreadable", "redirect", "never arrives", "refused"]


class SimulatedQueue:
    """The queue at the server, for one process. Implements `Queue`."""

    name = "simulated"
    reposts = 1

    def __init__(self, server: Server, process: Process, files: dict[Path, str]) -> None:
        self.server = server
        self.process = process
        self.files = files
        self.recovery: Recovery = server.recovery
        self._heard = False

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
            case "redirect":
                return refusal_in(Reply(307, {"location": "https://elsewhere.test"}, b""), outgoing.endpoint)
        return Accepted(request.id, f"s/{request.id}", f"r/{request.id}", f"c/{request.id}", "{}")

    def _fate(self) -> Fate:
        if not self.server.fails(3):
            return "accepted"
        return self.server.rng.choice(
            ("slow", "lost", "lost", "502", "unreadable", "redirect", "never arrives", "refused", "refused")
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
        return progress.result_in(self.server.result(request), request.id)

    async def cancel(self, endpoint: str, accepted: Accepted) -> None:
        await self._answer(0.1)

    async def upload(self, path: Path) -> str:
        return f"https://files.test/{path.name}"

    async def download(self, url: str, to: Path) -> None:
        request = self.server.requests[url.split("/")[3]]
        self.server.watch("download", request.id)
        await self._answer(1.0)
        reply = self.server.file(request)
        if error := downloads.trouble(reply.status, reply.headers):
            raise error
        if not reply.content or reply.content.startswith("<"):
            raise QueueError("a web page came instead of the file", "unavailable")
        self.files[to] = reply.content

    async def find(self, endpoint: str, since: float) -> Sequence[Found]:
        await self._answer(0.5)
        now = self.server.now()
        seen = [r for r in self.server.requests.values() if r.sent >= since and r.listed <= now]
        return [Found(r.id, endpoint, r.sent, r.body) for r in reversed(seen)]

    def provider_time(self) -> float | None:
        """Once a reply came."""
        return self.server.now() if self._heard else None

    async def close(self) -> None: ...

    async def _answer(self, seconds: float) -> None:
        """Wait as for a reply; sometimes raise QueueError instead."""
        await self._pass(seconds)
        self._heard = self._heard or self.server.tells_time
        if self.server.fails():
            raise QueueError("the provider answered 503", "unavailable", passing=True)

    async def _pass(self, seconds: float) -> None:
        await self.process.awake()
        await asyncio.sleep(self.server.rng.uniform(0, seconds))
        await self.process.awake()
