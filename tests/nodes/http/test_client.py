"""Connections are used again for the same host, and for no other one behind the same address. Requests have
the headers that were asked for, and replies all of theirs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from callsheet.nodes.http.client import Client
from callsheet.nodes.http.message import Call, Reply, Unsent
from callsheet.nodes.http.tls import tls

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def test_a_connection_serves_one_host_only() -> None:
    asyncio.run(_one_host_each())


async def _one_host_each() -> None:
    hosts: list[list[bytes]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen: list[bytes] = []
        hosts.append(seen)
        while head := await reader.readuntil(b"\r\n\r\n"):
            seen.append(head.lower().partition(b"host: ")[2].split(b"\r\n")[0].split(b":")[0])
            writer.write(ANSWER)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = Client(connections=1)
    for host in ("a.test", "a.test", "b.test", "a.test"):
        await client.send(Call("GET", f"http://{host}:{port}/file", connect_to="127.0.0.1"))
    await client.close()
    server.close()
    assert sorted(hosts) == [[b"a.test"] * 3, [b"b.test"]]


def exchanged(call: Call, answer: bytes = ANSWER) -> tuple[bytes, Reply]:
    """The bytes of a request as the server gets them, and the reply."""

    async def both() -> tuple[bytes, Reply]:
        got: list[bytes] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            got.append(await reader.readuntil(b"\r\n\r\n"))
            if b"Content-Length: 3" in got[0]:
                got.append(await reader.readexactly(3))
            elif b"chunked" in got[0]:
                got.append(await reader.readuntil(b"0\r\n\r\n"))
            writer.write(answer)

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        client, port = Client(), server.sockets[0].getsockname()[1]
        reply = await client.send(replace(call, url=f"http://127.0.0.1:{port}{call.url}"))
        await client.close()
        server.close()
        return b"".join(got).replace(str(port).encode(), b"PORT"), reply

    return asyncio.run(both())


HEAD = b"Host: 127.0.0.1:PORT\r\nUser-Agent: callsheet/0.1\r\nAccept-Encoding: identity\r\n"


async def pieces() -> AsyncIterator[bytes]:
    yield b"a"
    yield b"bc"


@pytest.mark.parametrize(
    ("call", "sent"),
    [
        (
            Call("GET", "/a%20b?x=1&y=%C3%BC", {"X": "1"}),
            b"GET /a%20b?x=1&y=%C3%BC HTTP/1.1\r\n" + HEAD + b"X: 1\r\n\r\n",
        ),
        (Call("GET", "", {}), b"GET / HTTP/1.1\r\n" + HEAD + b"\r\n"),
        (Call("GET", "/\u00fc b", {}), b"GET /%C3%BC%20b HTTP/1.1\r\n" + HEAD + b"\r\n"),
        (Call("POST", "/", {}), b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 0\r\n\r\n"),
        (Call("POST", "/", {}, b"abc"), b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 3\r\n\r\nabc"),
        (
            Call("PUT", "/", {"Content-Length": "3"}, pieces()),
            b"PUT / HTTP/1.1\r\n" + HEAD + b"Content-Length: 3\r\n\r\nabc",
        ),
        (
            Call("PUT", "/", {}, pieces()),
            b"PUT / HTTP/1.1\r\n"
            + HEAD
            + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
        ),
    ],
)
def test_what_is_sent(call: Call, sent: bytes) -> None:
    (got, *body), (wanted, *wanted_body) = (text.split(b"\r\n\r\n") for text in (exchanged(call)[0], sent))
    assert (got.split(b"\r\n")[0], sorted(got.split(b"\r\n")), body) == (
        wanted.split(b"\r\n")[0], sorted(wanted.split(b"\r\n")), wanted_body,
    )  # fmt: skip


def test_the_headers_of_a_reply() -> None:
    told = b"Via: a\r\nvia: b\r\nX-Name: \xc3\xbc\r\nContent-Length: 2\r\n"
    _, reply = exchanged(Call("GET", "/"), b"HTTP/1.1 200 OK\r\n" + told + b"\r\n{}")
    assert dict(reply.headers) == {"via": "a, b", "x-name": "\u00fc", "content-length": "2"}


@pytest.mark.parametrize("url", ["http://", "ftp://a.test/", "http://a.test:99999/", "http://[::1/", "a"])
def test_a_url_that_cannot_be_used_is_not_sent(url: str) -> None:
    with pytest.raises(Unsent, match="the URL cannot be used"):
        asyncio.run(Client().send(Call("GET", url)))


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    authority = tmp_path / "ca.pem"
    if content is not None:
        authority.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    tls.cache_clear()
    with pytest.raises(Unsent, match="SSL_CERT_FILE or SSL_CERT_DIR names no certificates"):
        asyncio.run(Client().send(Call("POST", "https://a.test/", connect_to="127.0.0.1")))


def test_no_more_connections_stay_open_than_are_of_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callsheet.nodes.http.client.IDLE", 2)
    asyncio.run(_few_idle())


async def _few_idle() -> None:
    ended = asyncio.Event()
    open_now = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_now
        open_now += 1
        while await reader.read(4096):
            writer.write(ANSWER)
        open_now -= 1
        writer.close()
        ended.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client, port = Client(connections=1), server.sockets[0].getsockname()[1]
    for host in ("a.test", "b.test", "c.test"):
        await client.send(Call("GET", f"http://{host}:{port}/", connect_to="127.0.0.1"))
    await ended.wait()
    assert open_now == 2
    await client.close()
    server.close()
