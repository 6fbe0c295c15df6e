"""Requests through a proxy: by CONNECT, and only when asked for."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from callsheet.nodes.http.client import Client
from callsheet.nodes.http.message import Call, Reply, Unsent
from callsheet.nodes.http.proxy import ProxyError, proxy_for
from callsheet.nodes.http.tls import tls

NAME = "queue.fal.run"
URL = f"https://{NAME}/fal-ai/x"
KEY = "Key planted-7c3a"


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({}, ""),
        ({"HTTPS_PROXY": "http://p:1"}, ""),
        ({"CALLSHEET_PROXY": "env"}, ""),
        ({"CALLSHEET_PROXY": "env", "HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ({"CALLSHEET_PROXY": "env", "ALL_PROXY": "http://p:1"}, "http://p:1"),
        ({"CALLSHEET_PROXY": "env", "HTTPS_PROXY": "http://p:1", "NO_PROXY": ".fal.run"}, ""),
        ({"CALLSHEET_PROXY": "http://p:1", "NO_PROXY": "*"}, "http://p:1"),
    ],
)
def test_which_proxy(environ: Mapping[str, str], proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(URL, NAME) == proxy


@pytest.mark.parametrize("url", ["http://127.0.0.1:80/x", "https://127.0.0.1/x"])
def test_this_machine_needs_none(url: str) -> None:
    assert proxy_for(url, "127.0.0.1", {"CALLSHEET_PROXY": "http://p:1"}) == ""


@pytest.mark.parametrize("setting", ["yes", "socks5://p:1", "http://", "http://[::1", "p:3128"])
def test_what_is_no_proxy(setting: str) -> None:
    with pytest.raises(ProxyError, match="write `env` or a URL"):
        proxy_for(URL, NAME, {"CALLSHEET_PROXY": setting})


@asynccontextmanager
async def served(answer: bytes, tls: ssl.SSLContext) -> AsyncIterator[int]:
    """A server that answers every request with `answer`."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head)
        writer.write(answer)
        await writer.drain()
        writer.close()

    seen.clear()
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


seen: list[bytes] = []


@asynccontextmanager
async def proxied(port: int, status: bytes = b"200 OK") -> AsyncIterator[tuple[int, list[bytes]]]:
    """A proxy that leads every CONNECT to `port`, and what passed through it in the clear."""
    passed: list[bytes] = []

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(65536):
            passed.append(part)
            writer.write(part)
            await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passed.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 " + status + b"\r\n\r\n")
        if not status.startswith(b"200"):
            writer.close()
            return
        there = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pipe(reader, there[1]), pipe(there[0], writer), return_exceptions=True)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], passed


def exchange(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: bytes = b"200 OK", connect_to: str = ""
) -> tuple[Reply, list[bytes], bool]:
    """One request with a key through the proxy: its reply, what the proxy saw, whether `before_send` ran."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME).configure_cert(server)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    tls.cache_clear()
    told: list[bool] = []

    async def before() -> None:
        told.append(True)

    async def both() -> tuple[Reply, list[bytes], bool]:
        answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"
        async with served(answer, server) as port, proxied(port, status) as (proxy, passed):
            monkeypatch.setenv("CALLSHEET_PROXY", f"http://user:pass@127.0.0.1:{proxy}")
            client, call = Client(), Call("POST", URL, {"Authorization": KEY}, b"{}", connect_to=connect_to)
            try:
                reply = await client.send(call, before)
            finally:
                await client.close()
            return reply, passed, bool(told)

    try:
        return asyncio.run(both())
    finally:
        tls.cache_clear()


def test_the_key_goes_to_the_provider_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reply, passed, told = exchange(monkeypatch, tmp_path)
    assert (reply.status, reply.body, told) == (200, b"{}", True)
    assert passed[0].startswith(f"CONNECT {NAME}:443".encode())
    assert b"roxy-" in passed[0] and b"planted" not in b"".join(passed)
    assert KEY.encode() in seen[0]


def test_a_proxy_that_refuses_has_sent_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(Unsent, match="the proxy did not open the connection"):
        exchange(monkeypatch, tmp_path, b"407 Proxy Authentication Required")


def test_a_host_at_a_checked_address_shows_its_own_certificate(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reply, passed, _ = exchange(monkeypatch, tmp_path, connect_to="203.0.113.7")
    assert reply.status == 200
    assert passed[0].startswith(b"CONNECT 203.0.113.7:443") and f"Host: {NAME}\r\n".encode() in seen[0]
