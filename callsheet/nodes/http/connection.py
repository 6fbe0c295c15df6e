"""One connection to one server, as a transport of httpx: it is that of httpcore, without the pool around it.

A pool looks through its connections several times for every request: a sixth of the work of a small one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from ssl import SSLContext
from typing import Final

import httpcore

from callsheet.nodes.http.httpx_alone import httpx

BROKEN: Final = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)


class Connection(httpx.AsyncBaseTransport):
    """Carries one request at a time to one server, and connects again where the server closed the connection.

    keep_alive: seconds that it stays open unused.
    """

    def __init__(self, context: SSLContext, keep_alive: float) -> None:
        self._context, self._keep_alive = context, keep_alive
        self._open: httpcore.AsyncHTTPConnection | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request once. Raises the exceptions of httpx."""
        parts = request.url
        url = httpcore.URL(
            scheme=parts.raw_scheme, host=parts.raw_host, port=parts.port, target=parts.raw_path
        )
        sent = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            reply = await (await self._opened(url.origin)).handle_async_request(sent)
        except BROKEN as error:
            raise of_httpx(error) from error
        return httpx.Response(
            reply.status, headers=reply.headers, stream=_Body(reply), extensions=reply.extensions
        )

    async def aclose(self) -> None:
        """Close it; a later request opens it anew."""
        if self._open is not None:
            await self._open.aclose()
            self._open = None

    async def _opened(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        """The connection, unless it was closed by now: a request must not be sent into one that was. Nor into
        one on which more came than a reply: the rest would be read as the reply to this request."""
        if self._open is not None and not _is_usable(self._open):
            await self.aclose()
        if self._open is None:
            self._open = httpcore.AsyncHTTPConnection(
                origin, ssl_context=self._context, keepalive_expiry=self._keep_alive
            )
        return self._open


def _is_usable(connection: httpcore.AsyncHTTPConnection) -> bool:
    """Whether it is open, and nothing has come on it since the last reply."""
    return connection.is_available() and not connection.has_expired() and not _rest(connection)


def _rest(connection: httpcore.AsyncHTTPConnection) -> bool:
    """Whether more was read than the last reply, which httpcore does not look at. Its parser has no public
    name: in a version where it is not found here, the answer is yes, and each request opens a connection."""
    parser = getattr(getattr(connection, "_connection", None), "_h11_state", None)
    return parser is None or bool(parser.trailing_data[0])


class _Body(httpx.AsyncByteStream):
    """The body of a reply, as it comes."""

    def __init__(self, reply: httpcore.Response) -> None:
        self._reply = reply

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._reply.aiter_stream():
                yield part
        except BROKEN as error:
            raise of_httpx(error) from error

    async def aclose(self) -> None:
        await self._reply.aclose()


def of_httpx(error: Exception) -> httpx.TransportError:
    """The exception of httpx that has the name of this one of httpcore."""
    named: type[httpx.TransportError] = getattr(httpx, type(error).__name__)
    return named(str(error))
