"""TCP and TLS streams of asyncio as httpcore takes them; those of anyio cost a third of a small request."""

from __future__ import annotations

import asyncio
import select
import ssl
from collections.abc import Iterable
from typing import Any, Final

import httpcore

EYEBALLS: Final = 0.25
"""Seconds after which the next address of a host is tried beside the one before (RFC 8305)."""
MOST: Final = 256 * 1024
"""Bytes that came and are not read yet, above which no more are taken from the system."""


class Network(httpcore.AsyncNetworkBackend):
    """Opens connections in the running event loop."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A stream to `host`. The caller limits the time. Raises httpcore.ConnectError."""
        loop = asyncio.get_running_loop()
        try:
            if isinstance(loop, asyncio.BaseEventLoop):
                _, wire = await loop.create_connection(Wire, host, port, happy_eyeballs_delay=EYEBALLS)
            else:  # a loop of another library may not know how to try addresses beside each other
                _, wire = await loop.create_connection(Wire, host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        return Stream(wire)


class Stream(httpcore.AsyncNetworkStream):
    """One connection, plain or with TLS."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What came next; b"" at the end. Raises httpcore.ReadError."""
        return await self._wire.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Raises httpcore.WriteError."""
        await self._wire.write(buffer)

    async def aclose(self) -> None:
        self._wire.transport.abort()
        await asyncio.sleep(0)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """The same connection with TLS. Raises httpcore.ConnectError, also for a certificate that is not
        accepted."""
        try:
            await self._wire.start_tls(ssl_context, server_hostname)
        except OSError as error:
            await self.aclose()
            raise httpcore.ConnectError(str(error)) from error
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return self._wire.is_readable()
        return self._wire.transport.get_extra_info(info)


class Wire(asyncio.Protocol):
    """What came over a connection and was not read yet, and who waits for more of it."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._came = bytearray()
        self._ended = False
        self._broken: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._paused = self._full = False

    async def start_tls(self, context: ssl.SSLContext, name: str | None) -> None:
        """Raises OSError. Bytes that came before the handshake would pass for those of the server."""
        if self._came:
            raise ConnectionResetError("bytes came before the handshake")
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(self.transport, self, context, server_hostname=name)
        if transport is None:
            raise ConnectionResetError("the connection was closed during the handshake")
        self.transport = transport

    async def read(self, most: int) -> bytes:
        if not self._came and not self._ended:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        else:
            await asyncio.sleep(0)
        if not self._came and self._broken is not None:
            raise httpcore.ReadError(str(self._broken)) from self._broken
        part = bytes(self._came[:most])
        del self._came[:most]
        if self._paused and len(self._came) < MOST:
            self._paused = False
            self.transport.resume_reading()
        return part

    async def write(self, content: bytes) -> None:
        if self._ended and self.transport.is_closing():
            raise httpcore.WriteError("the connection is closed")
        self.transport.write(content)
        if self._full:
            self._writer = asyncio.get_running_loop().create_future()
            try:
                await self._writer
            finally:
                self._writer = None
            if self._broken is not None:
                raise httpcore.WriteError(str(self._broken)) from self._broken

    def is_readable(self) -> bool:
        """Whether something came that nobody asked for, or the other end has closed the connection; also
        where the event loop has not looked yet."""
        return self._ended or bool(self._came) or _is_readable(self.transport.get_extra_info("socket"))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._came += data
        if len(self._came) >= MOST and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        _wake(self._reader)

    def eof_received(self) -> bool:
        self._ended = True
        _wake(self._reader)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended, self._broken = True, self._broken or exc
        _wake(self._reader)
        _wake(self._writer)

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        _wake(self._writer)


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


def _is_readable(socket: Any) -> bool:
    if socket is None or socket.fileno() < 0:
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([socket], [], [], 0)[0])
    poll = select.poll()
    poll.register(socket.fileno(), select.POLLIN)
    return bool(poll.poll(0))
