"""Thousands of requests in flight at once, against a queue on loopback in a process of its own.

    python benchmarks/queue_load.py [--jobs 5000] [--seconds 5] [--connections 16] [--length 1.0]

Each job is a submit, polls and a result, through `FalQueue`. It prints CPU of this process per job and per
request (as a ratio to a bare httpx GET, too), and the time from ready at the server to known here. The first
poll comes after `length` of the job's usual length, as it does for an endpoint with a past; `--length 0`
polls as for one without.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import time
from collections import Counter
from multiprocessing.connection import Connection
from typing import ClassVar

import httpx

from callsheet.nodes.fal.hosts import at
from callsheet.nodes.fal.queue import FalQueue
from callsheet.nodes.queue.protocol import Accepted, Outgoing
from callsheet.spec.web_origin import origin_of

ENDPOINT = "fal-ai/veo3.1/fast/image-to-video"
BODY = json.dumps({"prompt": "a lighthouse at dusk, slow dolly in, 35mm", "duration": "8s", "seed": 7})
SLACK = 0.5
CALIBRATION = 500


class Stub(asyncio.Protocol):
    """The queue's half of the protocol, as little as will do: one buffer, one reply."""

    ready: ClassVar[dict[str, float]] = {}
    count: ClassVar[Counter[str]] = Counter()
    seconds = 5.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, rest = self.buffer.partition(b"\r\n\r\n")
        lower = head.lower()
        place = lower.find(b"content-length: ")
        length = int(lower[place + 16 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if end and len(rest) >= length:
            self.buffer = rest[length:]
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            self.reply(*self.answer(method, target.partition("?")[0]))

    def answer(self, method: str, path: str) -> tuple[int, dict[str, object]]:
        now = time.monotonic()
        if path == "/stats":
            return 200, dict(self.count)
        if path == "/ready":
            return 200, dict(self.ready)
        if method == "POST":
            self.count["submit"] += 1
            request_id = f"r{len(self.ready):08d}"
            self.ready[request_id] = now + self.seconds
            return 200, {"request_id": request_id, "status": "IN_QUEUE"}
        request_id = path.split("/")[4]
        if not path.endswith("/status"):
            self.count["result"] += 1
            return 200, {"video": {"url": "https://v3.fal.media/a.mp4"}}
        self.count["status"] += 1
        done = now >= self.ready[request_id]
        state = "COMPLETED" if done else "IN_PROGRESS"
        return 200 if done else 202, {"status": state, "request_id": request_id, "logs": None}

    def reply(self, status: int, body: dict[str, object]) -> None:
        data = json.dumps(body).encode()
        head = (
            f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        self.transport.write(head.encode() + data)  # type: ignore[attr-defined]


def serve(seconds: float, ready: Connection) -> None:
    async def main() -> None:
        Stub.seconds = seconds
        server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0, backlog=1024)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def bare_request(url: str, connections: int) -> float:
    """CPU seconds of one httpx GET over as many connections."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:
        slots = asyncio.Semaphore(connections)

        async def get() -> None:
            async with slots:
                (await client.get(f"{url}/stats")).json()

        await get()
        before = cpu()
        await asyncio.gather(*(get() for _ in range(CALIBRATION)))
        return (cpu() - before) / CALIBRATION


async def job(queue: FalQueue, first_poll: float, known: dict[str, float], here: dict[str, float]) -> None:
    """known, here: request id → when it was known to be over, and when its result was here."""

    async def before_send() -> None: ...

    outcome = await queue.submit(Outgoing(ENDPOINT, BODY), before_send)
    assert isinstance(outcome, Accepted), outcome
    delay = SLACK
    if first_poll:
        await asyncio.sleep(first_poll)
    while (await queue.status(ENDPOINT, outcome)).state != "completed":
        await asyncio.sleep(delay)
        delay = SLACK if first_poll else min(delay * 2, 4.0)
    known[outcome.request_id] = time.monotonic()
    await queue.result(ENDPOINT, outcome)
    here[outcome.request_id] = time.monotonic()


async def measure(url: str, jobs: int, first_poll: float, connections: int) -> None:
    floor = await bare_request(url, connections)
    queue = FalQueue(at(origin_of(url)), {"FAL_KEY": "k:s"}, connections)
    known: dict[str, float] = {}
    here: dict[str, float] = {}
    before, start = cpu(), time.monotonic()
    await asyncio.gather(*(job(queue, first_poll, known, here) for _ in range(jobs)))
    used, wall = cpu() - before, time.monotonic() - start
    await queue.close()
    async with httpx.AsyncClient(trust_env=False) as client:
        count = (await client.get(f"{url}/stats")).json()
        ready = (await client.get(f"{url}/ready")).json()
    report(jobs, used, wall, floor, count)
    for what, times in (("known", known), ("result", here)):
        late = sorted(at - ready[request] for request, at in times.items())
        print(f"ready → {what:<6}, median     {late[len(late) // 2]:.2f} s (known: target 1)")
        print(f"ready → {what:<6}, p99        {late[int(len(late) * 0.99)]:.2f} s (known: target 5)")


def report(jobs: int, used: float, wall: float, floor: float, count: dict[str, int]) -> None:
    requests = sum(count.values())
    each = used / requests
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"jobs                       {jobs} in {wall:.1f} s, {requests / jobs:.2f} requests each")
    print(f"POSTs per job              {count['submit'] / jobs:.3f}")
    print(f"CPU per job                {used / jobs * 1e3:.2f} ms (target 4)")
    print(f"CPU per request            {each * 1e3:.2f} ms, {each / floor:.2f} x a bare httpx GET")
    print(f"CPU while running          {used / wall:.2f} cores")
    print(f"memory                     {memory:.0f} MB (target 400)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--jobs", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--length", type=float, default=1.0)
    options = parser.parse_args()
    receive, send = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.Process(target=serve, args=(options.seconds, send), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{receive.recv()}"
    asyncio.run(measure(url, options.jobs, options.seconds * options.length, options.connections))
    server.terminate()


if __name__ == "__main__":
    main()
