"""What old runs only reused is forgotten; what was paid for stays, also when the process is killed midway."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from callsheet.runtime.ledger import Change, Intent, Kept, LedgerFile, LedgerReader, NewRun, SqliteLedger
from callsheet.runtime.ledger.reused_events import WHOLE, forget_reused, shortened
from tests.runtime.ledger.steps import stepped

RUNS = 40
INSTANCES = 200
PAID = ("runs", "calls", "attempts", "artifacts", "uploads", "frozen", "steps")
FIRST = [
    '{"event": "run_started", "version": 1, "total": 3}',
    *(f'{{"event": "node_finished", "address": "clip[{i}]", "reused": true, "files": []}}' for i in "ab"),
    '{"event": "node_finished", "address": "clip[c]", "usd": 0.1}',
    '{"event": "run_finished", "made": 1, "reused": 2}',
]


def second(made: str) -> list[str]:
    """The events of a run of today that makes one instance and reuses all others."""
    every = [f"clip[{i}]" for i in range(INSTANCES)]
    plan = [{"address": a, "action": "make" if a == made else "reuse"} for a in every]
    files = {a: [f"out/film/{a}.mp4"] for a in every if a != made}
    return [
        json.dumps({"event": "run_started", "version": 2, "total": len(every), "instances": plan}),
        json.dumps(
            {"event": "run_reused", "count": len(files), "nodes": {"clip": len(files)}, "files": files}
        ),
        json.dumps({"event": "node_finished", "address": made, "usd": 0.1}),
        json.dumps({"event": "run_finished", "made": 1, "reused": len(files)}),
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The ledger of a month of work: each run bought one clip."""
    path = tmp_path / ".callsheet" / "ledger.db"

    async def write() -> None:
        ledger = SqliteLedger(LedgerFile(path).writer())
        for i in range(RUNS):
            run = (await ledger.start_run(NewRun(f"film-{i + 1}", "film.yaml"))).id
            bought = Intent(f"k{i}", "fal", "model", '{"prompt":"p"}', run, f"clip[{i}]", 100, f"t{i}")
            attempt = await ledger.intend(bought, None)
            await stepped(ledger, attempt.id, "SENDING")
            await stepped(ledger, attempt.id, "ACCEPTED", Change(request_id=f"r{i}"))
            await stepped(ledger, attempt.id, "RESULT", Change(result="{}"))
            await ledger.commit(attempt.id, [Kept("video", "video", "d" * 64, ".mp4", 9)])
            await ledger.note(attempt.id, Change(actual=90))
            await ledger.log(run, second(f"clip[{i}]"))
            await ledger.finish_run(run, "done")
        await ledger.close()

    asyncio.run(write())
    return path


def paid(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row that tells what was asked for, accepted, kept and billed."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in PAID}


def events(path: Path, run: int) -> list[dict[str, object]]:
    return [json.loads(line) for line in LedgerReader(LedgerFile(path)).events(run)]


def test_the_file_is_smaller_and_nothing_that_was_paid_is_gone(path: Path) -> None:
    before, newest = paid(path), events(path, RUNS - WHOLE + 1)
    size = path.stat().st_size
    saved = forget_reused(path)
    assert paid(path) == before
    assert path.stat().st_size == size - saved < size * 0.6
    assert events(path, RUNS - WHOLE + 1) == newest
    started, reused, made, ended = events(path, 1)
    assert started["instances"] == [{"address": "clip[0]", "action": "make"}]
    assert (reused["count"], reused["files"]) == (INSTANCES - 1, {})
    assert made["address"] == "clip[0]" and ended["reused"] == INSTANCES - 1
    assert forget_reused(path) == 0


def test_events_of_the_first_version_become_one() -> None:
    found = [json.loads(line) for _, line in shortened(list(enumerate(FIRST)))]
    assert [event["event"] for event in found] == [
        "run_started",
        "run_reused",
        "node_finished",
        "run_finished",
    ]
    assert found[1]["count"] == 2 and found[2] == json.loads(FIRST[3])


def kill(path: Path, failpoint: str) -> None:
    code = "from pathlib import Path\nfrom callsheet.runtime.ledger.reused_events import forget_reused\n"
    code += f"forget_reused(Path({str(path)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "CALLSHEET_FAILPOINT": failpoint}, check=False
    )
    assert done.returncode == -signal.SIGKILL


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize("failpoint", ["gc.before_commit", "gc.after_commit", "gc.after_vacuum"])
def test_a_kill_in_the_middle_loses_nothing(failpoint: str, path: Path) -> None:
    before, size = paid(path), path.stat().st_size
    kill(path, failpoint)
    assert paid(path) == before
    forget_reused(path)
    assert paid(path) == before
    assert path.stat().st_size < size * 0.6
