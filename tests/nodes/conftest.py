"""A real server on loopback that answers, or fails to, exactly as a test says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest


@dataclass(frozen=True)
class Seen:
    """A request as it arrived; names of headers in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def json(self) -> object:
        return json.loads(self.body)


Answer = Callable[[Seen, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Loopback:
    """answer: what is done with each request; an answer that only returns closes the connection."""

    answer: Answer
    seen: list[Seen] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def posts(self) -> int:
        return sum(seen.method == "POST" for seen in self.seen)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                seen = await _read(reader)
                self.seen.append(seen)
                await self.answer(seen, writer)
                if not keeps_open(seen):
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


def keeps_open(seen: Seen) -> bool:
    return seen.headers.get("x-close") is None


async def _read(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    start, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = start.split(" ")
    headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body = await _chunks(reader)
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Seen(method, target, headers, body)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body


def reply(status: int, body: bytes = b"", **headers: str) -> Answer:
    """A whole HTTP reply; `content_type=…` becomes Content-Type, and None leaves a header out."""

    async def answer(seen: Seen, writer: asyncio.StreamWriter) -> None:
        named = {"content-length": str(len(body)), **{n.replace("_", "-"): v for n, v in headers.items()}}
        lines = [f"{name}: {value}\r\n" for name, value in named.items() if value is not None]
        head = f"HTTP/1.1 {status} X\r\n{''.join(lines)}\r\n".encode()
        writer.write(head if seen.method == "HEAD" else head + body)
        await writer.drain()
        if "content-length" in headers:
            writer.close()

    return answer


def json_reply(value: object, status: int = 200, **headers: str) -> Answer:
    return reply(status, json.dumps(value).encode(), content_type="application/json", **headers)


@asynccontextmanager
async def loopback(answer: Answer) -> AsyncIterator[Loopback]:
    """Serve until the block ends, then drop every connection."""
    server = Loopback(answer)
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(server.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Web:
    """What tests take from here, as one fixture: modules of tests cannot import one another."""

    Seen = Seen
    loopback = staticmethod(loopback)
    reply = staticmethod(reply)
    json = staticmethod(json_reply)


@pytest.fixture
def web() -> type[Web]:
    return Web
