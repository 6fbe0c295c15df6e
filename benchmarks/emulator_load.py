"""The emulator with thousands of requests in flight, on one core next to its client.

    python benchmarks/emulator_load.py [--jobs 5000] [--seconds 5] [--connections 20]

Goal: 5,000 in flight. Each job is a submit, a few polls near its end, and its result.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

ENDPOINT = b"/fal-ai/hunyuan-image/v3/text-to-image"
PROGRAM = """
import os
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {0})
from callsheet.cli.main import (main)
main()
"""
HEAD = b"%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Key any\r\nContent-Length: %d\r\n\r\n"
TICKS = 100


class Client:
    """HTTP/1.1 over a few kept connections, as cheap as Python can have it."""

    def __init__(self, port: int, connections: int) -> None:
        self.port, self.sent = port, 0
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._turn = asyncio.Semaphore(connections)

    async def call(self, method: bytes, path: bytes, body: bytes = b"") -> dict[str, str]:
        self.sent += 1
        async with self._turn:
            link = self._free.pop() if self._free else await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = link
            writer.write(HEAD % (method, path, self.port, len(body)) + body)
            answer = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(answer.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            text = await reader.readexactly(length)
            self._free.append(link)
            return dict(json.loads(text))


async def job(client: Client, number: int, seconds: float) -> None:
    body = json.dumps({"prompt": "a lighthouse", "seed": number}).encode()
    accepted = await client.call(b"POST", ENDPOINT, body)
    path = ("/" + accepted["response_url"].split("/", 3)[3]).encode()
    await asyncio.sleep(seconds * 0.9)
    while (await client.call(b"GET", path + b"/status"))["status"] != "COMPLETED":
        await asyncio.sleep(0.5)
    await client.call(b"GET", path)


async def load(port: int, server: int, options: argparse.Namespace) -> None:
    client = Client(port, options.connections)
    await job(client, -1, options.seconds)
    client.sent, before, started = 0, cpu(server), time.monotonic()
    await asyncio.gather(*(job(client, i, options.seconds) for i in range(options.jobs)))
    used = cpu(server) - before
    print(f"{options.jobs:,} jobs of {options.seconds:g} s: {time.monotonic() - started:.1f} s")
    print(f"{client.sent:,} requests, {used / client.sent * 1000:.2f} ms of the server's CPU each")


def cpu(process: int) -> float:
    """CPU seconds of another process (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=20)
    options = parser.parse_args()
    flags = ["--port", "0", "--tiny", "--latency", str(options.seconds)]
    command = [sys.executable, "-c", PROGRAM, "emulator", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline().rpartition(":")[2])
        try:
            asyncio.run(load(port, server.pid, options))
        finally:
            server.send_signal(signal.SIGINT)


if __name__ == "__main__":
    main()
