"""Sends requests over connections that are used again. Sends exactly the headers given; no redirects, cookies
or retries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from ssl import SSLError
from typing import Any, Final

import httpcore

from callsheet.nodes.http.body import MEGABYTE, BodyError, inflate
from callsheet.nodes.http.connection import BROKEN, Target, aimed, is_open, new_connection
from callsheet.nodes.http.message import BeforeSend, Call, Lost, Reply, Unsent, nothing_to_do

USER_AGENT: Final = "callsheet/0.1"
CONNECT_SECONDS: Final = 10.0
SILENT_SECONDS: Final = 60.0
HEADERS_START: Final = "http11.send_request_headers.started"
WITH_BODY: Final = ("POST", "PUT", "PATCH")
"""Methods whose requests tell the length of their body, even of none."""
IDLE: Final = 64
"""Connections that stay open unused at the most."""


class Incoming:
    """A reply whose headers have come; the body must be read before `deadline` (loop time)."""

    def __init__(self, response: httpcore.Response, deadline: float) -> None:
        assert isinstance(response.stream, AsyncIterable)
        self.status = response.status
        self.headers = _joined(response.headers)
        self._chunks = aiter(response.stream)
        self._deadline = deadline

    async def chunk(self, seconds: float = SILENT_SECONDS) -> bytes:
        """Read the next piece of the body, still encoded; b"" at its end. Raises Lost after `seconds`."""
        now = asyncio.get_running_loop().time()
        if now >= self._deadline:
            raise Lost("did not end in time")
        try:
            async with asyncio.timeout_at(min(self._deadline, now + seconds)):
                return await anext(self._chunks, b"")
        except TimeoutError as error:
            raise Lost("did not end in time") from error
        except BROKEN as error:
            raise Lost("breaks off") from error

    async def whole(self, cap: int) -> Reply:
        """Read the whole body, at most `cap` bytes. A body that cannot be read whole is told in `flaw`."""
        body = bytearray()
        try:
            while chunk := await self.chunk():
                body += chunk
                if len(body) > cap:
                    raise BodyError(f"is larger than {cap // MEGABYTE or 1} MB")
            plain = inflate(bytes(body), self.headers.get("content-encoding", "").strip().lower(), cap)
        except (Lost, BodyError) as flaw:
            cut = isinstance(flaw, Lost)
            return Reply(self.status, self.headers, bytes(body[:cap]), str(flaw), cut)
        return Reply(self.status, self.headers, plain)


class Client:
    """Sends at most `connections` requests at once, each on its own connection; more requests wait.

    keep_alive: seconds that an unused connection stays open; 0 closes it after one request.
    """

    def __init__(self, connections: int = 16, keep_alive: float = 30.0) -> None:
        self._slots = asyncio.Semaphore(connections)
        self._keep_alive = keep_alive
        self._idle: list[tuple[Target, httpcore.AsyncHTTPConnection]] = []

    async def send(self, call: Call, before_send: BeforeSend = nothing_to_do) -> Reply:
        """Send the request once and read the reply.

        `before_send` is awaited when the connection is open, before the first byte is sent. If it raises,
        nothing is sent, and its exception is raised here. Else raises only Unsent or Lost.
        """
        async with self.stream(call, before_send) as incoming:
            return await incoming.whole(call.cap)

    @asynccontextmanager
    async def stream(self, call: Call, before_send: BeforeSend = nothing_to_do) -> AsyncIterator[Incoming]:
        """Like `send`, but the body is not read yet."""
        async with self._slots:
            (target, path), opening = aimed(call), _Opening(call.seconds, before_send)
            connection = await self._take(target)
            try:
                response = await _respond(connection, target, path, call, opening)
                try:
                    yield Incoming(response, opening.deadline)
                finally:
                    await response.aclose()
            finally:
                await self._give_back(target, connection)

    async def close(self) -> None:
        """Close every connection that is not in use; a later request opens new ones."""
        while self._idle:
            await self._idle.pop()[1].aclose()

    async def _take(self, target: Target) -> httpcore.AsyncHTTPConnection:
        """The connection used last: the server is least likely to have closed it."""
        for number in reversed(range(len(self._idle))):
            if self._idle[number][0] == target:
                _, connection = self._idle.pop(number)
                if is_open(connection):
                    return connection
                await connection.aclose()
                break
        return new_connection(target, self._keep_alive)

    async def _give_back(self, target: Target, connection: httpcore.AsyncHTTPConnection) -> None:
        """Keep a connection for the next request to the same host."""
        if not connection.is_closed():
            self._idle.append((target, connection))
        if len(self._idle) > IDLE:
            await self._idle.pop(0)[1].aclose()


async def _respond(
    connection: httpcore.AsyncHTTPConnection, target: Target, path: str, call: Call, opening: _Opening
) -> httpcore.Response:
    """Send, and wait for the reply's headers. Raises Unsent, Lost, or what `before_send` raised."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS) as opening.clock:
            return await connection.handle_async_request(_request(target, path, call, opening))
    except Exception as error:
        if opening.veto is not None:
            raise opening.veto from None
        raise (Lost if opening.sent else Unsent)(_reason(error)) from error


class _Opening:
    """The moment between connecting and sending, as httpcore's `trace` extension reports it."""

    def __init__(self, seconds: float, before_send: BeforeSend) -> None:
        self.sent = False
        self.veto: Exception | None = None
        self.deadline = 0.0
        self.clock = asyncio.timeout(None)
        self._seconds = seconds
        self._before_send = before_send

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        if event != HEADERS_START:
            return
        self.clock.reschedule(None)
        try:
            await self._before_send()
        except Exception as error:
            self.veto = error
            raise
        self.sent = True
        self.deadline = asyncio.get_running_loop().time() + self._seconds
        self.clock.reschedule(self.deadline)


def _request(target: Target, path: str, call: Call, opening: _Opening) -> httpcore.Request:
    headers = {"Host": target.netloc, "User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    headers = {**headers, **_length(call), **call.headers}
    extensions: dict[str, Any] = {"trace": opening}
    if target.address:
        extensions["sni_hostname"] = target.host
    return httpcore.Request(
        call.method, target.url(path), headers=[*headers.items()], content=call.content, extensions=extensions
    )


def _length(call: Call) -> dict[str, str]:
    """The header that says where the body of a request ends, unless its own headers do."""
    if any(name.lower() == "content-length" for name in call.headers):
        return {}
    if not isinstance(call.content, bytes):
        return {"Transfer-Encoding": "chunked"}
    told = call.content or call.method in WITH_BODY
    return {"Content-Length": str(len(call.content))} if told else {}


def _joined(headers: list[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """The headers of a reply, their names in small letters; values of the same name joined by commas."""
    found: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.decode("latin-1").lower(), _text(value)
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _reason(error: Exception) -> str:
    """Say why in our own words, because the exception's may contain the URL."""
    match error:
        case httpcore.ProxyError():
            return "the proxy did not open the connection"
        case httpcore.ConnectTimeout() | httpcore.PoolTimeout():
            return "the connection could not be opened in time"
        case httpcore.ConnectError() if isinstance(_root(error), SSLError):
            return "the server's certificate was not accepted"
        case httpcore.ConnectError():
            return "the connection could not be opened"
        case TimeoutError():
            return "no reply came in time"
        case httpcore.RemoteProtocolError():
            return "the connection was closed without a reply"
    return "the connection broke"


def _root(error: BaseException) -> BaseException:
    cause = error.__cause__ or error.__context__
    return _root(cause) if cause is not None else error
