"""The base of a queue for a service that takes and gives JSON over HTTP, in shapes of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeVar

from callsheet.errors import NodeError
from callsheet.nodes.http.body import MAX_RESULT, BodyError
from callsheet.nodes.http.client import Client
from callsheet.nodes.http.credential import Credential, sendable
from callsheet.nodes.http.message import Call, Lost, Reply, Unsent
from callsheet.nodes.queue.base import BaseQueue
from callsheet.nodes.queue.downloads import Files
from callsheet.nodes.queue.progress import error_in
from callsheet.nodes.queue.protocol import (
    Ambiguous,
    BeforeSend,
    NotSent,
    Outcome,
    Outgoing,
    QueueError,
    Refused,
)
from callsheet.nodes.queue.provider_clock import ProviderClock
from callsheet.nodes.queue.replies import refusal_in
from callsheet.nodes.queue.secret import revealed
from callsheet.spec.web_origin import Origin, origin_of

T = TypeVar("T")
JSON_TYPE: Final = "application/json"
FRESH_SECONDS: Final = 2.0
"""A connection idle for longer may be closing at the other end: a POST on it could be lost without need."""
UNREADABLE: Final = (KeyError, IndexError, TypeError, ValueError, AttributeError)
"""What code raises that looks for something in JSON that has another shape. BodyError is one of them."""


class HttpQueue(BaseQueue):
    """Implements `BaseQueue` with `post`, which submits once, and `ask`, which may be repeated.

    url: of the service. variable: the environment variable with its key. scheme: what is before the key in
    the header Authorization. On this machine, as in a test, files are fetched from `url` as well.
    """

    def __init__(self, url: str, variable: str, scheme: str = "Bearer") -> None:
        origin = origin_of(url)
        super().__init__(Files(trusted={origin} if origin.is_loopback else ()))
        self.url = url.rstrip("/")
        self._variable, self._scheme = variable, scheme
        self._credential = Credential({origin}, self._authorization)
        self._paid = Client(connections=4, keep_alive=FRESH_SECONDS)
        self._free = Client()
        self._clock = ProviderClock()

    async def post(
        self, path: str, outgoing: Outgoing, before_send: BeforeSend, read: Callable[[Any], Outcome]
    ) -> Outcome:
        """Submit a request with one POST to `path`. read: makes `Accepted` of the JSON of a good reply; where
        it finds nothing of use, nobody knows whether the request was accepted."""
        url = self.url + path
        try:
            headers = {**self._credential.headers(url), "Content-Type": JSON_TYPE}
            call = Call("POST", url, headers, revealed(outgoing.body).encode())
        except NodeError as error:
            return Refused(error.kind, error.message, 0, next_step=error.next_step)
        try:
            reply = await self._paid.send(call, before_send)
        except Unsent as error:
            return NotSent(f"{self.name} could not be reached: {error}")
        except Lost as error:
            return Ambiguous(f"the request was sent, and then {error}")
        self._clock.hear(reply.headers)
        if not 200 <= reply.status < 300:
            return refusal_in(reply, outgoing.endpoint)
        try:
            return read(reply.json())
        except UNREADABLE as error:
            said = str(error) if isinstance(error, BodyError) else f"has no usable {error}"
            return Ambiguous(f"{self.name} answered {reply.status}, but the reply {said}", reply.text[:1000])

    async def ask(
        self,
        method: str,
        path: str,
        read: Callable[[Any], T],
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """What `read` makes of the JSON of the reply. path: of the service, with a query if there is one.

        Raises QueueError for a reply with another status than 2xx, for none, and for one of another shape.
        """
        reply = await self._reply(method, path, content, headers or {})
        try:
            return read(reply.json())
        except UNREADABLE as error:
            said = str(error) if isinstance(error, BodyError) else f"has no usable {error}"
            raise QueueError(f"the reply of {self.name} {said}", "unavailable") from error

    async def tell(self, method: str, path: str) -> None:
        """Send a request whose reply has nothing to read, as `ask` does. Raises QueueError."""
        await self._reply(method, path, b"", {})

    def servers(self) -> Collection[Origin]:
        return self._credential.origins

    def provider_time(self) -> float | None:
        """As the dates of its replies say."""
        return self._clock.now()

    async def close(self) -> None:
        await super().close()
        await self._paid.close()
        await self._free.close()

    async def _reply(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> Reply:
        url = self.url + path
        call = Call(method, url, {**headers, **self._credential.headers(url)}, content, cap=MAX_RESULT)
        try:
            reply = await self._free.send(call)
        except (Unsent, Lost) as error:
            raise QueueError(f"{self.name}: {error}", "unavailable", passing=True) from error
        self._clock.hear(reply.headers)
        if not 200 <= reply.status < 300:
            raise error_in(reply, path.rpartition("/")[2])
        return reply

    def _authorization(self) -> str:
        key = sendable(self._variable, os.environ.get(self._variable, ""))
        return f"{self._scheme} {key}".strip()
