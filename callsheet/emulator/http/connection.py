"""One connection: h11 reads requests and frames normal replies; broken replies are written raw."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import h11

from callsheet.emulator.http.message import Reply, Request

Answer = Callable[[Request], Awaitable[Reply]]

READ_BYTES: Final = 256 * 1024
MAX_HEAD_BYTES: Final = 64 * 1024
RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


class Connection:
    """Serves one client until it disconnects, a reply is broken, or the task is cancelled."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer, scheme: str
    ) -> None:
        self.reader, self.writer, self.answer, self.scheme = reader, writer, answer, scheme
        self.http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)

    async def serve(self) -> None:
        try:
            while (request := await self._request()) is not None:
                reply = await self.answer(request)
                if not await self._send(reply, request):
                    break
                self.http.start_next_cycle()
        except (ConnectionError, h11.ProtocolError):
            pass
        finally:
            self._close()

    def _close(self) -> None:
        with suppress(OSError, RuntimeError):
            self.writer.close()

    async def _request(self) -> Request | None:
        head, body = None, bytearray()
        while True:
            event = await self._event()
            match event:
                case h11.Request():
                    head = event
                case h11.Data():
                    body += event.data
                case h11.EndOfMessage() if head is not None:
                    return self._built(head, bytes(body))
                case _:
                    return None

    async def _event(self) -> object:
        while (event := self.http.next_event()) is h11.NEED_DATA:
            if self.http.they_are_waiting_for_100_continue:
                self.writer.write(self._framed(h11.InformationalResponse(status_code=100, headers=[])))
            self.http.receive_data(await self.reader.read(READ_BYTES))
        return event

    def _built(self, head: h11.Request, body: bytes) -> Request:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        return Request(head.method.decode(), head.target.decode("latin-1"), headers, body, self.scheme)

    async def _send(self, reply: Reply, request: Request) -> bool:
        """Whether the connection can take another request."""
        if reply.defect is not None:
            await self._break(reply)
            return False
        body = b"" if request.method == "HEAD" else reply.body
        headers = list(reply.headers)
        if reply.chunks is None and reply.status >= 200:
            headers.append(("Content-Length", str(len(reply.body))))
        parts = [self._framed(h11.Response(status_code=reply.status, headers=headers))]
        if reply.chunks is not None:
            await self._stream(reply, parts)
        elif body:
            parts.append(self._framed(h11.Data(data=body)))
        parts.append(self._framed(h11.EndOfMessage()))
        self.writer.write(b"".join(parts))
        await self.writer.drain()
        return self.http.our_state is h11.DONE and self.http.their_state is h11.DONE

    def _framed(self, event: h11.Event) -> bytes:
        return self.http.send(event) or b""

    async def _stream(self, reply: Reply, parts: list[bytes]) -> None:
        self.writer.write(b"".join(parts))
        parts.clear()
        assert reply.chunks is not None
        async for chunk in reply.chunks:
            self.writer.write(self._framed(h11.Data(data=chunk)))
            await self.writer.drain()

    async def _break(self, reply: Reply) -> None:
        defect = reply.defect
        assert defect is not None
        if defect.lost:
            self._reset()
            return
        length = len(reply.body) if defect.claimed is None else defect.claimed
        head = _head(reply, None if defect.unmeasured else length)
        await self._drip(head, defect.drip)
        self.writer.write(reply.body if defect.cut is None else reply.body[: defect.cut])
        await self.writer.drain()

    async def _drip(self, head: bytes, seconds: float) -> None:
        step = 1 if seconds else len(head)
        for start in range(0, len(head), step):
            self.writer.write(head[start : start + step])
            await self.writer.drain()
            await asyncio.sleep(seconds / len(head))

    def _reset(self) -> None:
        """Close so that the client sees "connection reset"."""
        if (sock := self.writer.get_extra_info("socket")) is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.writer.transport.abort()


def _head(reply: Reply, length: int | None) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} "]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    lines += [] if length is None else [f"Content-Length: {length}"]
    lines += ["Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1")
