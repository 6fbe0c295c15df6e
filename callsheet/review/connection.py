"""One connection to the review server: h11 reads and writes, within limits of size and time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import h11

from callsheet.review.message import Refusal, Reply, Request

Answer = Callable[[Request], Awaitable[Reply]]

READ_BYTES: Final = 64 * 1024
MOST_HEAD: Final = 16 * 1024
"""Bytes of the first line and the headers of a request."""
MOST_BODY: Final = 4 * 1024 * 1024
"""Bytes of a body: the largest is a note with a drawing, or the answers of a client."""
HEAD_SECONDS: Final = 10.0
"""How long a client may take for a request, from its first byte."""
IDLE_SECONDS: Final = 60.0
"""How long a connection may stay without a request."""
SEND_SECONDS: Final = 30.0
"""How long a client may take none of what is sent to it."""


class Connection:
    """Serves one client until it leaves, is too slow, or sends what is no request."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
        self._reader, self._writer, self._answer = reader, writer, answer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEAD)

    async def serve(self) -> None:
        """Answer one request after the other."""
        try:
            while await self._one():
                self._http.start_next_cycle()
        except (ConnectionError, TimeoutError, h11.LocalProtocolError):
            pass  # the client left, or is too slow; h11 knows by then that nothing more can be said
        except (Refusal, h11.RemoteProtocolError) as error:
            await self._refuse(error)
        finally:
            with contextlib.suppress(OSError, RuntimeError):
                self._writer.close()

    async def _one(self) -> bool:
        """Answer one request. Returns whether the connection can take another."""
        if not self._http.trailing_data[0]:
            async with asyncio.timeout(IDLE_SECONDS):
                first = await self._reader.read(READ_BYTES)
            if not first:
                return False
            self._http.receive_data(first)
        async with asyncio.timeout(HEAD_SECONDS):
            request = await self._request()
        if request is None:
            return False
        await self._send(await self._answer(request), request.method)
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _request(self) -> Request | None:
        head, body = None, bytearray()
        while True:
            event = await self._event()
            match event:
                case h11.Request():
                    head = event
                    _require_small(head)
                case h11.Data():
                    body += event.data
                    if len(body) > MOST_BODY:
                        raise Refusal(413, "the request is too large")
                case h11.EndOfMessage() if head is not None:
                    return _built(head, bytes(body))
                case _:
                    return None

    async def _event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(READ_BYTES))
        return event

    async def _send(self, reply: Reply, method: str = "GET") -> None:
        headers = list(reply.headers)
        length = len(reply.body) if reply.chunks is None else reply.length
        if length is not None and reply.status != 304:
            headers.append(("Content-Length", str(length)))
        await self._write(h11.Response(status_code=reply.status, headers=headers))
        if method != "HEAD":
            if reply.chunks is not None:
                async with contextlib.aclosing(reply.chunks) as chunks:
                    async for chunk in chunks:
                        await self._write(h11.Data(data=chunk))
            elif reply.body:
                await self._write(h11.Data(data=reply.body))
        await self._write(h11.EndOfMessage())

    async def _write(self, event: h11.Event) -> None:
        self._writer.write(self._http.send(event) or b"")
        async with asyncio.timeout(SEND_SECONDS):
            await self._writer.drain()

    async def _refuse(self, error: Refusal | h11.RemoteProtocolError) -> None:
        """Say what is wrong with what came; the connection ends."""
        refusal = error if isinstance(error, Refusal) else Refusal(error.error_status_hint, "not HTTP")
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        with contextlib.suppress(ConnectionError, TimeoutError, h11.ProtocolError):
            reply = refusal.reply
            headers = (*reply.headers, ("Connection", "close"))
            await self._send(Reply(reply.status, reply.body, headers))


def _require_small(head: h11.Request) -> None:
    """Raises Refusal for a body that is told to be too large, before it is read."""
    told = [value for name, value in head.headers if name == b"content-length"]
    if told and int(told[0]) > MOST_BODY:
        raise Refusal(413, "the request is too large")


def _built(head: h11.Request, body: bytes) -> Request:
    headers: dict[str, str] = {}
    for name, value in _decoded(head):
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Request(head.method.decode(), head.target.decode("latin-1"), headers, body)


def _decoded(head: h11.Request) -> Iterator[tuple[str, str]]:
    return ((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
