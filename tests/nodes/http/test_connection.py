"""A connection without a pool: it is opened anew where the server has closed it, and speaks as httpx does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpcore
import pytest

from callsheet.nodes.http.client import Client
from callsheet.nodes.http.connection import BROKEN, of_httpx
from callsheet.nodes.http.httpx_alone import httpx
from callsheet.nodes.http.message import Call, Lost, Unsent

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
Served = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def exchanged(client: Client, serve: Served, calls: int = 1) -> list[bytes]:
    """The bodies of the replies to so many requests, one after the other."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        return [(await client.send(Call("POST", url))).body for _ in range(calls)]
    finally:
        await client.close()
        server.close()


def test_what_the_server_closed_is_opened_anew() -> None:
    opened: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Says nothing of it, and closes the connection with the reply."""
        opened.append("once")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        writer.close()

    assert asyncio.run(exchanged(Client(connections=1), serve, 3)) == [b"{}"] * 3
    assert len(opened) == 3


@pytest.mark.parametrize("rest", [b"\r\n", b"more", ANSWER], ids=["a line break", "more", "another reply"])
def test_what_follows_a_reply_is_not_the_next_one(rest: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Numbers its replies, and sends more than each of them."""
        while await reader.readuntil(b"\r\n\r\n"):
            replies.append(b"%02d" % len(replies))
            writer.write(ANSWER[:-2] + replies[-1] + rest)

    replies: list[bytes] = []
    assert asyncio.run(exchanged(Client(connections=1), serve, 3)) == [b"00", b"01", b"02"]


def test_a_connection_in_order_is_used_again() -> None:
    opened: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer)
        await answering(b"{}")(reader, writer)

    assert asyncio.run(exchanged(Client(connections=1), serve, 5)) == [b"{}"] * 5
    assert len(opened) == 1


def test_a_connection_that_is_not_kept_ends_with_its_reply() -> None:
    ended: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        ended.append(await reader.read())
        writer.close()

    async def requests() -> int:
        client = Client(connections=1, keep_alive=0)
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        await client.send(Call("GET", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"))
        while not ended:
            await asyncio.sleep(0.01)
        server.close()
        return len(ended)

    assert asyncio.run(requests()) == 1


def test_servers_at_several_ports_have_connections_of_their_own() -> None:
    async def requests() -> list[bytes]:
        client = Client(connections=1)
        servers = [await asyncio.start_server(answering(name), "127.0.0.1", 0) for name in (b"11", b"22")]
        ports = [server.sockets[0].getsockname()[1] for server in servers]
        replies = [(await client.send(Call("GET", f"http://127.0.0.1:{p}/"))).body for p in (*ports, *ports)]
        await client.close()
        for server in servers:
            server.close()
        return replies

    assert asyncio.run(requests()) == [b"11", b"22", b"11", b"22"]


def answering(body: bytes) -> Served:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof() and await reader.readuntil(b"\r\n\r\n"):
            writer.write(ANSWER[:-2] + body)

    return serve


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "the connection was closed without a reply"),
        (b"no HTTP at all\r\n\r\n", "the connection was closed without a reply"),
    ],
)
def test_what_is_no_reply_is_lost(answer: bytes, said: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    with pytest.raises(Lost, match=said):
        asyncio.run(exchanged(Client(), serve))


def test_a_body_that_breaks_off_is_told() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER.replace(b"Length: 2", b"Length: 200"))
        writer.close()

    async def request() -> str:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        reply = await Client().send(Call("GET", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"))
        server.close()
        return reply.flaw

    assert asyncio.run(request()) == "breaks off"


def test_nobody_at_home_is_unsent() -> None:
    async def request() -> None:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        await Client().send(Call("POST", f"http://127.0.0.1:{port}/"))

    with pytest.raises(Unsent, match="the connection could not be opened"):
        asyncio.run(request())


def test_every_exception_has_its_like() -> None:
    raised = [e for e in vars(httpcore).values() if isinstance(e, type) and issubclass(e, BROKEN)]
    assert len(raised) >= 11
    for error in raised:
        found = of_httpx(error("why"))
        assert isinstance(found, httpx.TransportError)
        assert (type(found).__name__, str(found)) == (error.__name__, "why")
