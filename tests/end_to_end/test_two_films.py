"""Real processes that make two films of one project at once: they share the ledger, and pay nothing twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callsheet.runtime.calls.clock import Clock, Uptime, uptime
from callsheet.runtime.calls.reconcile import reconcile
from callsheet.runtime.ledger import LedgerReader
from callsheet.runtime.workspace import Workspace
from tests.end_to_end.conftest import Hold

CAST = 3
SHOTS = 2
FILMS = ("a", "b")
CALLS = CAST + len(FILMS) * SHOTS
PATIENCE = 60.0
QUIET = ("--yes", "--output", "quiet")
FILM = """
callsheet: 1
name: NAME
axes:
  person: {over: "${{ range(CAST) }}"}
  shot: {over: "${{ range(SHOTS) }}"}
nodes:
  face:
    each: person
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "person ${{ person }}"}
  made:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "NAME, shot ${{ shot }}"}
outputs: {faces: "${{ face.images }}", all: "${{ made.images }}"}
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks that several hold, and signals of POSIX")


@pytest.fixture
def films(project: Any) -> Any:
    return written(project)


def written(project: Any) -> Any:
    (project.folder / "callsheet.toml").touch()
    for name in FILMS:
        text = FILM.replace("NAME", name).replace("CAST", str(CAST)).replace("SHOTS", str(SHOTS))
        (project.folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return project


def start(films: Any, name: str, *options: str) -> subprocess.Popen[str]:
    started: subprocess.Popen[str] = films.command("run", f"{name}.yaml", *QUIET, *options)
    return started


def until(happened: Callable[[], object], *processes: subprocess.Popen[str]) -> None:
    limit = time.monotonic() + PATIENCE
    while not happened():
        for process in processes:
            assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        time.sleep(0.01)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out + err


def states(films: Any) -> dict[str, str]:
    """Address → the state of its newest attempt."""
    path = films.state / "ledger.db"
    if not path.exists():
        return {}
    reader = LedgerReader(path)
    try:
        return {attempt.address: attempt.state for attempt in reader.attempts()}
    finally:
        reader.close()


def each_once(films: Any) -> None:
    assert len(films.accepted) == CALLS and set(films.accepted.values()) == {1}


def test_both_are_made_and_what_they_share_is_bought_once(films: Any, hold: Hold) -> None:
    first, second = start(films, "a"), start(films, "b")
    until(lambda: len(films.accepted) == CALLS, first, second)
    hold.end()
    assert ended(first)[0] == ended(second)[0] == 0
    each_once(films)
    assert films.posts == CALLS
    for name in FILMS:
        assert ended(films.command("run", f"{name}.yaml", "--require-cached"))[0] == 0
        assert len(list((films.out / name).glob("*.*"))) >= CAST + SHOTS
    assert "done" in ended(films.command("runs"))[1]


def test_who_sleeps_while_it_sends_keeps_its_request(films: Any, hold: Hold) -> None:
    films.provider.fault("slow_reply,nth=1")
    first = start(films, "a", "--concurrency", "1", "--only", "face")
    until(lambda: "SENDING" in states(films).values() and films.posts == 1, first)
    first.send_signal(signal.SIGSTOP)
    try:
        second = start(films, "b", "--output", "json")
        until(lambda: len(films.accepted) >= CALLS - CAST, second)
        time.sleep(1.0)
        assert "SENDING" in states(films).values() and "UNKNOWN" not in states(films).values()
        assert second.poll() is None, second.communicate()
        plan = ended(films.command("plan", "b.yaml"))[1]
        assert "another run is making it" in plan
        assert "running" in ended(films.command("runs"))[1]
    finally:
        first.send_signal(signal.SIGCONT)
    hold.end()
    assert ended(first)[0] == 0
    code, said = ended(second)
    assert code == 0 and '"another run"' in said
    assert set(films.accepted.values()) == {1}


def test_what_a_killed_one_was_sending_is_in_doubt_for_the_other(films: Any, hold: Hold) -> None:
    films.provider.fault("slow_reply,nth=1")
    first = start(films, "a", "--concurrency", "1", "--only", "face")
    until(lambda: "SENDING" in states(films).values() and films.posts == 1, first)
    second = start(films, "b")
    until(lambda: films.posts == CALLS - SHOTS, second)
    first.kill()
    first.communicate()
    until(lambda: "UNKNOWN" in states(films).values(), second)
    hold.end()
    code, said = ended(second)
    assert code == 1 and "unknown" in said
    assert films.posts == CALLS - SHOTS
    settled(films)


def test_what_a_killed_one_had_paid_is_fetched_by_one_of_two(films: Any, hold: Hold) -> None:
    first = start(films, "a", "--only", "face")
    until(lambda: list(states(films).values()) == ["ACCEPTED"] * CAST, first)
    first.kill()
    first.communicate()
    others = start(films, "a"), start(films, "b")
    until(lambda: len(films.accepted) == CALLS, *others)
    hold.end()
    assert [ended(process)[0] for process in others] == [0, 0]
    each_once(films)
    assert films.posts == CALLS


def test_both_together_keep_to_the_month(films: Any, hold: Hold) -> None:
    (films.folder / "callsheet.toml").write_text("[budget]\nmonth = 0.55\n")
    both = [start(films, name) for name in FILMS]
    until(lambda: films.posts >= CAST + SHOTS)
    time.sleep(1.0)
    hold.end()
    assert max(ended(process)[0] for process in both) == 1
    assert films.posts == CAST + SHOTS


def test_a_film_is_made_by_one_process(films: Any, hold: Hold) -> None:
    first = start(films, "a")
    until(lambda: films.posts > 0, first)
    code, said = ended(start(films, "a"))
    assert code == 1 and f"process {first.pid} is working on this film" in said
    copy = films.folder / "copy.yaml"
    copy.write_text((films.folder / "a.yaml").read_text())
    code, said = ended(films.command("run", "copy.yaml", *QUIET))
    assert code == 1 and not list(films.folder.glob("copy.lock*"))
    for words in (("reconcile",), ("cache", "gc", "--all", "--yes"), ("resume", "--fetch-only")):
        code, said = ended(films.command(*words))
        assert code == 1 and f"process {first.pid} is working on this project" in said, words
    hold.end()
    assert ended(first)[0] == 0


def test_a_run_is_resumed_while_another_film_is_made(films: Any, hold: Hold) -> None:
    first = start(films, "a")
    until(lambda: list(states(films).values()) == ["ACCEPTED"] * (CAST + SHOTS), first)
    first.send_signal(signal.SIGINT)
    assert ended(first)[0] == 130
    second = start(films, "b")
    until(lambda: len(films.accepted) == CALLS, second)
    third = films.command("resume", "a-1")
    time.sleep(0.5)
    hold.end()
    assert [ended(process)[0] for process in (second, third)] == [0, 0]
    each_once(films)


def test_killed_at_random(project: Any, long: bool) -> None:
    """Both again and again; afterwards each call was accepted once, and each result is here."""
    for seed in range(20 if long else 1):
        rng = random.Random(f"two films {seed}")
        project.provider.reset()
        folder = project.folder / str(seed)
        folder.mkdir()
        some = written(type(project)(folder, project.provider))
        for _ in range(3):
            kill_both(some, rng)
        settled(some)


def kill_both(films: Any, rng: random.Random) -> None:
    """Start both, and kill each a moment after the provider heard of one of them."""
    heard = len(films.provider.requests) + rng.randint(1, 25)
    processes = [start(films, name) for name in rng.sample(FILMS, 2)]
    until = time.monotonic() + 3
    while any(p.poll() is None for p in processes) and len(films.provider.requests) < heard:
        if time.monotonic() > until:
            break
        time.sleep(0.002)
    for process in processes:
        time.sleep(rng.uniform(0, 0.1))
        process.kill()
        process.communicate()


def settled(films: Any) -> None:
    """With all doubts looked up: everything is here, and each call was accepted exactly once."""
    for _ in range(PASSES):
        both = [start(films, name) for name in FILMS]
        if [ended(process)[0] for process in both] == [0, 0]:
            break
        asyncio.run(look_up(films.folder))
    each_once(films)
    assert set(states(films).values()) <= {"COMMITTED", "CANCELLED", "ABSENT", "REJECTED"}
    for name in FILMS:
        assert ended(films.command("run", f"{name}.yaml", "--require-cached"))[0] == 0


PASSES = 6


async def look_up(folder: Path) -> None:
    async with Workspace(folder).open_for_payment() as owned:
        await reconcile(owned.ledger, owned.queues["fal"], Clock(uptime=later))


def later() -> Uptime:
    now = uptime()
    return replace(now, seconds=now.seconds + 1000.0)
