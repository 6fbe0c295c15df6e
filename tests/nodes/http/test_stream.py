"""Streams over asyncio: TLS, large bodies, ends and breaks, and connections that the server has closed."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpcore
import pytest
import trustme

from callsheet.nodes.http import connection as module
from callsheet.nodes.http.client import Client
from callsheet.nodes.http.message import Call, Lost, Unsent
from callsheet.nodes.http.stream import Network

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@asynccontextmanager
async def served(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(65536):
        writer.write(ANSWER)


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> trustme.CA:
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setattr(module, "_tls", module._tls.__wrapped__)
    return made


def server_side(authority: trustme.CA, name: str) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(tls)
    return tls


def test_a_connection_with_tls_is_used_again(authority: trustme.CA) -> None:
    opened = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        with suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(500_000)
                writer.write(ANSWER)

    async def ask() -> None:
        async with served(serve, server_side(authority, "localhost")) as port:
            client = Client()
            for _ in range(3):
                reply = await client.send(Call("POST", f"https://localhost:{port}/", content=b"x" * 500_000))
                assert (reply.status, reply.body) == (200, b"{}")
            await client.close()

    asyncio.run(ask())
    assert opened == 1


def test_a_certificate_of_another_name_is_not_accepted(authority: trustme.CA) -> None:
    async def ask() -> None:
        async with served(answer, server_side(authority, "other.test")) as port:
            with pytest.raises(Unsent, match="certificate was not accepted"):
                await Client().send(Call("GET", f"https://localhost:{port}/"))

    asyncio.run(ask())


def test_what_a_proxy_says_before_the_handshake_is_no_reply(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(ANSWER)
        await reader.read()

    async def ask() -> None:
        async with served(serve) as port:
            stream = await Network().connect_tcp("127.0.0.1", port)
            await stream.write(b"CONNECT a:443 HTTP/1.1\r\n\r\n")
            await stream.read(65536)
            while not stream.get_extra_info("is_readable"):
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            with pytest.raises(httpcore.ConnectError, match="before the handshake"):
                await stream.start_tls(ssl.create_default_context(), "a")

    asyncio.run(ask())


def test_a_large_body_waits_for_its_reader() -> None:
    """What is not read yet stays at the server, but for what a stream holds at most."""
    size, written = 30_000_000, 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        while written < size:
            writer.write(b"x" * 100_000)
            await writer.drain()
            written += 100_000

    async def ask() -> None:
        async with (
            served(serve) as port,
            Client().stream(Call("GET", f"http://127.0.0.1:{port}/")) as incoming,
        ):
            await asyncio.sleep(0.3)
            assert written < size
            received = 0
            while chunk := await incoming.chunk():
                received += len(chunk)
            assert received == size

    asyncio.run(ask())


def test_a_server_that_breaks_off_is_told_from_one_that_ends() -> None:
    async def ends(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nall")
        writer.close()

    async def breaks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nall")
        await writer.drain()
        writer.transport.abort()

    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()

    async def ask() -> None:
        async with served(ends) as port:
            assert (await Client().send(Call("GET", f"http://127.0.0.1:{port}/"))).body == b"all"
        async with served(breaks) as port:
            reply = await Client().send(Call("GET", f"http://127.0.0.1:{port}/"))
            assert (reply.flaw, reply.cut) == ("breaks off", True)
        async with served(nothing) as port:
            with pytest.raises(Lost):
                await Client().send(Call("POST", f"http://127.0.0.1:{port}/"))

    asyncio.run(ask())


def test_a_connection_that_the_server_has_closed_carries_no_post() -> None:
    """Also where the event loop was busy, and has not seen its end yet."""
    may_close, closed = threading.Event(), threading.Event()

    def serve(listening: socket.socket) -> None:
        first, _ = listening.accept()
        first.recv(65536)
        first.sendall(ANSWER)
        may_close.wait(10)
        first.close()
        closed.set()
        second, _ = listening.accept()
        second.recv(65536)
        second.sendall(ANSWER)
        second.close()

    async def ask(port: int) -> None:
        client, call = Client(), Call("POST", f"http://127.0.0.1:{port}/")
        await client.send(call)
        may_close.set()
        assert closed.wait(10)
        assert (await client.send(call)).status == 200
        await client.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        asyncio.run(ask(listening.getsockname()[1]))
        thread.join()


def test_nobody_at_the_port() -> None:
    async def ask() -> None:
        async with served(answer) as port:
            pass
        with pytest.raises(Unsent, match="the connection could not be opened"):
            await Client().send(Call("POST", f"http://127.0.0.1:{port}/"))

    asyncio.run(ask())
