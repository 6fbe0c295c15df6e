"""Sends requests with httpx: exactly the headers given; no redirects, cookies or retries.

It uses httpx's transports directly: httpx's own client would follow redirects, keep cookies, read .netrc and
proxies from the environment, and log whole URLs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from ssl import SSLError
from typing import Any, Final

from callsheet.nodes.http.body import MEGABYTE, BodyError, inflate
from callsheet.nodes.http.connection import Connection
from callsheet.nodes.http.httpx_alone import httpx
from callsheet.nodes.http.message import BeforeSend, Call, Lost, Reply, Unsent, nothing_to_do
from callsheet.nodes.http.proxy import ProxyError, proxy_for
from callsheet.nodes.http.tls import tls

USER_AGENT: Final = "callsheet/0.1"
CONNECT_SECONDS: Final = 10.0
SILENT_SECONDS: Final = 60.0
LAST_PORT: Final = 65535
IDLE: Final = 64
"""Connections that stay open unused, where no more are used at once."""
HEADERS_START: Final = "http11.send_request_headers.started"


Target = tuple[str, str, str, str]
"""What a connection may be used for again: its proxy, the scheme, the host with its port, and the address
that was checked (`Call.connect_to`); "" for no proxy, and for no such address."""


class Incoming:
    """A reply whose headers have come; the body must be read before `deadline` (loop time)."""

    def __init__(self, response: httpx.Response, deadline: float) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        assert isinstance(response.stream, httpx.AsyncByteStream)
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
        except (httpx.HTTPError, OSError) as error:
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
    A connection is used again only for the same host, at the address that was checked: another host behind
    that address has shown no certificate.
    """

    def __init__(self, connections: int = 16, keep_alive: float = 30.0) -> None:
        self._slots = asyncio.Semaphore(connections)
        self._keep_alive = keep_alive
        self._idle: list[tuple[Target, httpx.AsyncBaseTransport]] = []
        self._most = max(connections, IDLE)

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
            url = _url(call)
            opening, target = _Opening(call.seconds, before_send), _target(call, url)
            transport = self._take(target)
            try:
                response = await _respond(transport, call, url, opening)
                try:
                    yield Incoming(response, opening.deadline)
                finally:
                    await response.aclose()
            finally:
                await self._give_back(target, transport)

    async def close(self) -> None:
        """Close every connection that is not in use; a later request opens new ones."""
        while self._idle:
            await self._idle.pop()[1].aclose()

    def _take(self, target: Target) -> httpx.AsyncBaseTransport:
        """Return the connection used last: the server is least likely to have closed it. Raises Unsent."""
        for number in reversed(range(len(self._idle))):
            if self._idle[number][0] == target:
                return self._idle.pop(number)[1]
        return self._new(target)

    def _new(self, target: Target) -> httpx.AsyncBaseTransport:
        """Raises Unsent where the certificates of the user's own authority cannot be read."""
        proxy, _, host, address = target
        try:
            if not proxy:
                return Connection(tls(), self._keep_alive)
            verify, through = tls(httpx.URL(f"//{host}").host if address else ""), _proxy(proxy)
        except OSError as error:
            raise Unsent("SSL_CERT_FILE or SSL_CERT_DIR names no certificates that can be read") from error
        one = httpx.Limits(max_connections=1, keepalive_expiry=self._keep_alive)
        return httpx.AsyncHTTPTransport(verify=verify, limits=one, trust_env=False, proxy=through)

    async def _give_back(self, target: Target, transport: httpx.AsyncBaseTransport) -> None:
        """Keep a connection for the next request to the same host; too many are too many open files."""
        if not self._keep_alive:
            await transport.aclose()
            return
        self._idle.append((target, transport))
        if len(self._idle) > self._most:
            await self._idle.pop(0)[1].aclose()


def _url(call: Call) -> httpx.URL:
    """Raises Unsent for one that cannot be used."""
    try:
        url = httpx.URL(call.url)
    except httpx.InvalidURL:
        raise Unsent("the URL cannot be used") from None
    if url.scheme not in ("http", "https") or not url.host or (url.port or 80) > LAST_PORT:
        raise Unsent("the URL cannot be used")
    return url


def _target(call: Call, url: httpx.URL) -> Target:
    """What a connection for this request has to lead to. Raises Unsent for a proxy that cannot be used."""
    try:
        return proxy_for(call.url, url.host), url.scheme, url.netloc.decode(), call.connect_to
    except ProxyError as error:
        raise Unsent(str(error)) from None


def _proxy(url: str) -> httpx.Proxy:
    return httpx.Proxy(url, ssl_context=tls() if url.startswith("https") else None)


async def _respond(
    transport: httpx.AsyncBaseTransport, call: Call, url: httpx.URL, opening: _Opening
) -> httpx.Response:
    """Send, and wait for the reply's headers. Raises Unsent, Lost, or what `before_send` raised."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS) as opening.clock:
            return await transport.handle_async_request(_request(call, url, opening))
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
        if event != HEADERS_START or info["request"].method == b"CONNECT":  # to a proxy: nothing is sent yet
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


def _request(call: Call, url: httpx.URL, opening: _Opening) -> httpx.Request:
    headers = {"Host": url.netloc.decode(), "User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    extensions: dict[str, Any] = {"trace": opening}
    if call.connect_to:
        extensions["sni_hostname"] = url.host
        url = url.copy_with(host=call.connect_to)
    return httpx.Request(
        call.method, url, headers={**headers, **call.headers}, content=call.content, extensions=extensions
    )


def _reason(error: Exception) -> str:
    """Say why in our own words, because the exception's may contain the URL."""
    match error:
        case httpx.ProxyError():
            return "the proxy did not open the connection"
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return "the connection could not be opened in time"
        case httpx.ConnectError() if isinstance(_root(error), SSLError):
            return "the server's certificate was not accepted"
        case httpx.ConnectError():
            return "the connection could not be opened"
        case TimeoutError():
            return "no reply came in time"
        case httpx.RemoteProtocolError():
            return "the connection was closed without a reply"
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return "the URL cannot be used"
    return "the connection broke"


def _root(error: BaseException) -> BaseException:
    cause = error.__cause__ or error.__context__
    return _root(cause) if cause is not None else error
