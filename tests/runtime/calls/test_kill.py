"""Real processes, really killed: at every failpoint, once and again, then resumed; and two at once."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from callsheet import failpoints

FILM = Path(__file__).with_name("film.py")
LATER = "1000"
RECOVERY = tuple(name for name in failpoints.NAMES if name.startswith(("resume.", "reconcile.")))
SHORTENING = tuple(name for name in failpoints.NAMES if name.startswith("gc."))
ELSEWHERE = (*SHORTENING, *(name for name in failpoints.NAMES if name.startswith(("adopt.", "sync."))))
NEVER_HERE = ("call.after_refused", *ELSEWHERE)
"""The folder that stands for the provider refuses nothing; the simulation does. No other state is here,
no list of models is fetched, and a run does not shorten the ledger."""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


def start(folder: Path, *options: str, failpoint: str = "") -> subprocess.Popen[str]:
    environ = {**os.environ, failpoints.VARIABLE: failpoint}
    command = [sys.executable, "-B", str(FILM), str(folder), *options]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(folder: Path, *options: str, failpoint: str = "") -> tuple[int, str, str]:
    process = start(folder, *options, failpoint=failpoint)
    out, err = process.communicate(timeout=300)
    return process.returncode, out.strip(), err


def posts(folder: Path) -> Counter[str]:
    lines = (folder / "posts").read_text().splitlines()
    return Counter(json.loads(line)["body"]["prompt"] for line in lines)


def settled(folder: Path) -> None:
    """After a last, calm run: one POST for each shot, and each result is here."""
    code, out, err = run(folder, "--later", LATER)
    assert code == 0, err
    assert Counter(out.split())["COMMITTED"] == 3, out
    assert "UNKNOWN" not in out
    assert posts(folder) == {"shot 0": 1, "shot 1": 1, "shot 2": 1}


@pytest.mark.parametrize("name", [n for n in failpoints.NAMES if n not in (*RECOVERY, *NEVER_HERE)])
def test_killed_at_a_failpoint(name: str, tmp_path: Path) -> None:
    nth = 6 if name.startswith("ledger.") else 2
    assert run(tmp_path, failpoint=f"{name}:{nth}")[0] == -signal.SIGKILL
    settled(tmp_path)


@pytest.mark.parametrize("name", RECOVERY)
def test_killed_while_recovering(name: str, tmp_path: Path) -> None:
    assert run(tmp_path, failpoint="call.after_reply:2")[0] == -signal.SIGKILL
    assert run(tmp_path, "--later", LATER, failpoint=name)[0] == -signal.SIGKILL
    settled(tmp_path)


@pytest.mark.parametrize("name", SHORTENING)
def test_killed_while_the_ledger_is_shortened(name: str, tmp_path: Path) -> None:
    """A request whose answer was lost is still known, with every bill: nothing is sent again."""
    assert run(tmp_path, failpoint="call.after_reply:2")[0] == -signal.SIGKILL
    code, _, err = run(tmp_path, "--old-runs")
    assert code == 0, err
    before, size = paid(tmp_path), events(tmp_path)
    assert before["attempts"]
    assert run(tmp_path, "--shorten", failpoint=name)[0] == -signal.SIGKILL
    assert paid(tmp_path) == before
    assert (events(tmp_path) < size) == (name != "gc.before_commit")
    assert run(tmp_path, "--shorten")[0] == 0
    assert paid(tmp_path) == before
    assert events(tmp_path) < size
    settled(tmp_path)


def paid(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the ledger but the events."""
    with closing(sqlite3.connect(folder / "ledger.db")) as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        names = ledger.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
        kept = [name for (name,) in names if name != "events" and not name.startswith("sqlite_")]
        return {name: ledger.execute(f"SELECT * FROM {name}").fetchall() for name in kept}


def events(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "ledger.db")) as ledger:
        return int(ledger.execute("SELECT count(*) FROM events").fetchone()[0])


def test_killed_again_and_again(tmp_path: Path, long: bool) -> None:
    for seed in range(40 if long else 3):
        folder = tmp_path / str(seed)
        rng = random.Random(seed)
        for _ in range(3):
            failpoint = f"{rng.choice(failpoints.NAMES)}:{rng.randint(1, 4)}"
            code, _, err = run(folder, "--later", LATER, failpoint=failpoint)
            assert code in (0, -signal.SIGKILL), err
        settled(folder)


def test_without_a_proof_nothing_is_sent_again(tmp_path: Path) -> None:
    run(tmp_path, failpoint="call.after_reply:2")
    before = posts(tmp_path)
    (tmp_path / "posts").rename(tmp_path / "hidden")
    code, out, err = run(tmp_path)
    assert code == 0, err
    assert "UNKNOWN" in out
    assert not set(before) & set(posts(tmp_path))


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    first = start(tmp_path, "--slow", "30")
    assert first.stdout is not None
    assert first.stdout.readline() == "posted\n"
    first.send_signal(signal.SIGSTOP)
    try:
        code, _, err = run(tmp_path)
        assert code == 1
        assert f"process {first.pid} is working on this project" in err
    finally:
        first.kill()
        first.communicate()
    settled(tmp_path)


def test_a_second_process_waits_while_the_first_one_sleeps(tmp_path: Path) -> None:
    first = start(tmp_path, "--slow", "1.5")
    assert first.stdout is not None
    assert first.stdout.readline() == "posted\n"
    first.send_signal(signal.SIGSTOP)
    second = start(tmp_path, "--wait")
    assert second.stdout is not None
    assert second.stdout.readline() == f"waiting for {first.pid}\n"
    time.sleep(0.5)
    assert second.poll() is None
    first.send_signal(signal.SIGCONT)
    assert first.communicate(timeout=300)[0].split()[-3:] == ["COMMITTED"] * 3
    assert second.communicate(timeout=300)[0].split() == ["COMMITTED"] * 3
    settled(tmp_path)
