"""A process for tests that kill it: python film.py FOLDER [--wait] [--slow SECONDS] [--later SECONDS].
With --old-runs it records runs that only reused, with --shorten it shortens their events: no calls then.

It makes three paid calls with the real ledger, store and protocol. Its provider is a folder: `posts` has a
line for each POST that was accepted. Prints the states of all attempts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from callsheet.errors import CallsheetError
from callsheet.nodes.queue.protocol import (
    Accepted,
    BeforeSend,
    Found,
    Outcome,
    Outgoing,
    QueueResult,
    Recovery,
    Remote,
    Status,
)
from callsheet.runtime.calls import reconcile
from callsheet.runtime.calls.breaker import Breaker
from callsheet.runtime.calls.call import Caller
from callsheet.runtime.calls.clock import Clock, Uptime
from callsheet.runtime.calls.fetch import Fetcher
from callsheet.runtime.calls.order import Order
from callsheet.runtime.calls.patience import FetchRetry
from callsheet.runtime.calls.recover import recover
from callsheet.runtime.calls.slots import Slots
from callsheet.runtime.calls.store_files import Results, StoreFiles
from callsheet.runtime.calls.submit import Submitter
from callsheet.runtime.ledger import Attempt, Ledger, LedgerFile, NewRun, SqliteLedger
from callsheet.runtime.ledger.reused_events import WHOLE, forget_reused
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.project_lock import project_owned
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import INTEGER, VIDEO, Field
from callsheet.testing.fakes import FakeInspector

SPEC = NodeSpec("model", "folder", "text-to-video", {"seed": Field(INTEGER)}, {"video": VIDEO}, lambda _: {})


class FolderQueue:
    """A provider that is a file, and is never wrong."""

    name = "folder"
    recovery: Recovery = "listing"

    def __init__(self, posts: Path, slow: float) -> None:
        self.posts = posts
        self.slow = slow

    async def submit(self, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
        await before_send()
        request_id = os.urandom(6).hex()
        line = json.dumps({"id": request_id, "sent": time.time(), "body": json.loads(outgoing.body)})
        with self.posts.open("a") as file:
            file.write(f"{line}\n")
        if self.slow:
            print("posted", flush=True)
        await asyncio.sleep(self.slow)
        return Accepted(request_id, "", "", "", "{}")

    async def status(self, endpoint: str, accepted: Accepted) -> Status:
        return Status("completed")

    async def result(self, endpoint: str, accepted: Accepted) -> QueueResult:
        return QueueResult(json.dumps({"video": {"url": f"https://x/{accepted.request_id}.mp4"}}), 1.0)

    async def cancel(self, endpoint: str, accepted: Accepted) -> None: ...

    async def upload(self, path: Path) -> str:
        return ""

    async def download(self, url: str, to: Path) -> None:
        to.write_text(f"video {url}")

    async def find(self, endpoint: str, since: float) -> Sequence[Found]:
        lines = map(json.loads, self.posts.read_text().splitlines())
        return [Found(x["id"], endpoint, x["sent"], x["body"]) for x in lines]

    def provider_time(self) -> float | None:
        return None

    async def close(self) -> None: ...


async def film(folder: Path, slow: float, later: float) -> None:
    """Recover, reconcile as if it were `later`, and make the calls."""
    (folder / "posts").touch()
    store = Store(folder / "store", FakeInspector())
    store.prepare()
    ledger = SqliteLedger(LedgerFile(folder / "ledger.db").writer())
    queue = FolderQueue(folder / "posts", slow)
    await recover(ledger)
    clock = Clock(uptime=lambda: Uptime("boot", time.monotonic() + later))
    await reconcile.reconcile(ledger, queue, clock)
    with store.workdir() as workdir:
        files = StoreFiles(store, Results(lambda _: SPEC, _read), workdir)
        caller = _caller(queue, ledger, files)
        run = (await ledger.start_run(NewRun(os.urandom(4).hex(), "film.yaml", 3_000_000))).id
        orders = [_order(run, n) for n in range(3)]
        said = await asyncio.gather(*map(caller.call, orders), return_exceptions=True)
    await _report(ledger, said)
    await ledger.close()


async def old_runs(folder: Path) -> None:
    """Record more runs than are kept whole; each reused two results."""
    ledger = SqliteLedger(LedgerFile(folder / "ledger.db").writer())
    for _ in range(WHOLE + 2):
        run = (await ledger.start_run(NewRun(os.urandom(4).hex(), "film.yaml"))).id
        reused = [{"event": "node_finished", "address": f"clip[{n}]", "reused": True} for n in range(2)]
        await ledger.log(run, [json.dumps(event) for event in reused])
        await ledger.finish_run(run, "done")
    await ledger.close()


def _read(attempt: Attempt) -> dict[str, object]:
    return {"video": Remote("video", json.loads(attempt.result)["video"]["url"])}


def _caller(queue: FolderQueue, ledger: Ledger, files: StoreFiles) -> Caller:
    clock = Clock(sleep=_shortly)
    up = Uptime("boot", time.monotonic())
    submitter = Submitter(queue, ledger, Slots(queue.name), Breaker(queue.name), uptime=lambda: up)
    return Caller(submitter, Fetcher(queue, ledger, files, clock, FetchRetry()), clock)


async def _shortly(seconds: float) -> None:
    await asyncio.sleep(min(seconds, 0.01))


def _order(run: int, number: int) -> Order:
    return Order(f"key{number}", SPEC, "model", {"prompt": f"shot {number}"}, run, f"clip[{number}]", 1.0)


async def _report(ledger: Ledger, said: Sequence[object]) -> None:
    for outcome in said:
        if isinstance(outcome, BaseException) and not isinstance(outcome, CallsheetError):
            raise outcome
    print(*(attempt.state for attempt in await ledger.attempts()))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wait", action="store_true")
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--later", type=float, default=0.0)
    parser.add_argument("--old-runs", action="store_true")
    parser.add_argument("--shorten", action="store_true")
    asked = parser.parse_args()
    try:
        with project_owned(asked.folder, asked.wait, lambda by: print(f"waiting for {by}", flush=True)):
            if asked.shorten:
                forget_reused(asked.folder / "ledger.db")
            elif asked.old_runs:
                asyncio.run(old_runs(asked.folder))
            else:
                asyncio.run(film(asked.folder, asked.slow, asked.later))
    except CallsheetError as error:
        sys.exit(error.message)


if __name__ == "__main__":
    main()
