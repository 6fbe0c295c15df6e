"""Connections: used again for the same host, and for no other one behind the same address."""

from __future__ import annotations

import asyncio

from callsheet.nodes.http.client import Client
from callsheet.nodes.http.message import Call

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
