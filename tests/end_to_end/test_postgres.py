"""A film with its ledger on a server: its life, and several drivers that make it, each in its own clone."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from callsheet import failpoints
from callsheet.runtime.calls.clock import Clock, Uptime, uptime
from callsheet.runtime.calls.reconcile import reconcile
from callsheet.runtime.events import RunNote
from callsheet.runtime.workspace import Workspace
from tests.cut import Way, ways
from tests.end_to_end.conftest import MAIN, Hold, Project
from tests.postgres import Server

pytest.importorskip("psycopg")

from callsheet.runtime.ledger.postgres import pool, session, tables
from callsheet.runtime.ledger.postgres.address import address_of

pytestmark = pytest.mark.needs("postgres")

COUNT = 3
QUIET = ("--yes", "--output", "quiet")
PATIENCE = 90.0


@pytest.fixture
def clones(project: Project, books_url: str) -> list[Project]:
    """Two clones of a film of three independent shots."""
    found = []
    for name in ("one", "other"):
        folder = project.folder / name
        folder.mkdir()
        (folder / "callsheet.toml").touch()
        found.append(Project(folder, project.provider).shots("image", COUNT))
    return found


HASTY = """
from callsheet.runtime.ledger.postgres import keeper, session
keeper.FREE_SECONDS = 0.0
session.TimedConnection.silence = 1.0
"""


def start(clone: Project, *options: str, failpoint: str = "", **environ: str) -> subprocess.Popen[str]:
    """A driver, which takes a run over as soon as its lock is free, and gives up a silent server soon."""
    return subprocess.Popen(
        [sys.executable, "-B", "-c", HASTY + MAIN, "run", "film.yaml", *QUIET, *options],
        cwd=clone.folder,
        env={**os.environ, **environ, failpoints.VARIABLE: failpoint},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out + err


def until(happened: Callable[[], object], *processes: subprocess.Popen[str]) -> None:
    limit = time.monotonic() + PATIENCE
    while not happened():
        for process in processes:
            assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        time.sleep(0.02)


def states(clone: Project) -> list[str]:
    """The state of every attempt, oldest first."""
    with Workspace(clone.folder) as workspace:
        ledger = workspace.ledger_reader()
        return [attempt.state for attempt in ledger.attempts()] if ledger else []


def test_a_film_s_life(clones: list[Project], callsheet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = clones
    monkeypatch.chdir(one.folder)
    code, out, _ = callsheet("plan", "film.yaml")
    assert code == 0 and "3 to make" in out.replace("make 3", "3 to make")
    assert one.provider.posts == []
    one.provider.fault("content_policy,nth=3")
    assert callsheet("run", "film.yaml", *QUIET)[0] == 1
    assert one.posts == COUNT and not (one.state / "ledger.db").exists()
    code, out, _ = callsheet("runs")
    assert code == 0 and "shots-1" in out and "failed" in out
    code, out, _ = callsheet("costs")
    assert code == 0 and "$" in out
    code, out, _ = callsheet("doctor")
    said = "".join(out.split())
    assert "postgresql://" in said and "whole,version1;1run,2resultsbought" in said
    code, out, _ = callsheet("explain", "film.yaml", "made[0]")
    assert code == 0
    assert callsheet("resume", "--yes", "--output", "quiet")[0] == 0
    assert one.posts == COUNT + 1
    code, out, _ = callsheet("runs", "--json")
    assert [run["status"] for run in json.loads(out)["runs"]] == ["done", "failed"]
    assert callsheet("reconcile")[0] == 0
    assert callsheet("report", "film.yaml")[0] == 0
    assert callsheet("cache", "gc", "--yes")[0] == 0
    assert callsheet("run", "film.yaml", *QUIET, "--require-cached")[0] == 0
    monkeypatch.chdir(other.folder)
    assert callsheet("run", "film.yaml", *QUIET)[0] == 0
    assert one.posts == COUNT + 1
    assert len(list((other.folder / "out" / "shots").glob("*.*"))) >= COUNT


def test_without_the_setting_nothing_is_bought(
    clones: list[Project], callsheet: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = clones
    monkeypatch.chdir(one.folder)
    assert callsheet("run", "film.yaml", *QUIET)[0] == 0
    monkeypatch.delenv("CALLSHEET_LEDGER")
    one.shots("image", COUNT + 1)
    code, _, err = callsheet("run", "film.yaml", *QUIET)
    assert code != 0 and "CALLSHEET_LEDGER is not set" in err
    assert one.posts == COUNT


def test_a_limit_of_a_month_holds_for_who_states_it_against_what_all_spent(
    clones: list[Project], callsheet: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = clones
    monkeypatch.chdir(other.folder)
    assert callsheet("run", "film.yaml", *QUIET)[0] == 0
    (one.folder / "callsheet.toml").write_text("[budget]\nmonth = 0.30\n")
    one.shots("image", COUNT + 1)
    monkeypatch.chdir(one.folder)
    code, _, err = callsheet("run", "film.yaml", *QUIET)
    assert code != 0 and "`month` of $0.30 in callsheet.toml" in err and one.posts == COUNT
    other.shots("image", COUNT + 1)
    monkeypatch.chdir(other.folder)
    assert callsheet("run", "film.yaml", *QUIET)[0] == 0 and one.posts == COUNT + 1


def test_what_the_folder_had_paid_for_is_not_bought_again(
    clones: list[Project], callsheet: Any, books_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = clones
    monkeypatch.chdir(one.folder)
    monkeypatch.delenv("CALLSHEET_LEDGER")
    assert callsheet("run", "film.yaml", *QUIET)[0] == 0
    monkeypatch.setenv("CALLSHEET_LEDGER", books_url)
    assert callsheet("run", "film.yaml", *QUIET)[0] == 0
    (one.state / "cache.db").unlink()
    (one.folder / "film.lock.yaml").unlink()
    shutil.rmtree(one.out)
    code, _, err = callsheet("run", "film.yaml", *QUIET)
    assert code != 0 and "paid for already, in " in err and "adopt-state" in err
    for runs_and_attempts in ((1, COUNT), (0, 0)):
        code, out, _ = callsheet("adopt-state", ".", "--json")
        assert code == 0
        assert (json.loads(out)["runs"], json.loads(out)["attempts"]) == runs_and_attempts
    assert states(one) == ["COMMITTED"] * COUNT
    assert callsheet("run", "film.yaml", *QUIET)[0] == 0
    assert one.posts == COUNT


def test_two_make_one_film_and_each_call_is_bought_once(clones: list[Project], hold: Hold) -> None:
    one, other = clones
    first = start(one)
    until(lambda: one.posts == COUNT, first)
    second = start(other, "--output", "json")
    until(lambda: len(runs(one)) == 2, first, second)
    time.sleep(1.0)
    hold.end()
    assert ended(first)[0] == 0
    code, told = ended(second)
    assert code == 0 and '"by": "shots-1 on ' in told
    each_once(clones)


def test_who_waits_for_the_tables_says_so_and_can_be_stopped(clones: list[Project], books_url: str) -> None:
    """Another driver makes them. At Ctrl-C a run that waits ends, and one that goes on waiting is made."""
    one, other = clones
    address = address_of(books_url, "film")
    with closing(session.Session(address)) as third, tables._alone(third, address):
        drivers = start(one), start(other)
        for driver in drivers:
            assert driver.stderr is not None
            assert "waiting: another driver is making the tables at" in driver.stderr.readline()
        drivers[0].send_signal(signal.SIGINT)
        assert ended(drivers[0])[0] == 130
    assert ended(drivers[1])[0] == 0
    each_once([other])


def test_what_a_killed_driver_had_paid_is_brought_home(clones: list[Project], hold: Hold) -> None:
    one, other = clones
    first = start(one)
    until(lambda: states(one) == ["ACCEPTED"] * COUNT, first)
    first.kill()
    first.communicate()
    second = start(other)
    until(lambda: len(runs(other)) == 2, second)
    hold.end()
    assert ended(second)[0] == 0
    each_once([other])


def test_who_stands_still_keeps_its_run(clones: list[Project], hold: Hold, long: bool) -> None:
    """Its connection lives, so it is alive: the other one waits. In the long form only."""
    if not long:
        pytest.skip("the long form")
    one, other = clones
    first = start(one)
    until(lambda: states(one) == ["ACCEPTED"] * COUNT, first)
    first.send_signal(signal.SIGSTOP)
    second = start(other)
    until(lambda: len(runs(other)) == 2, second)
    hold.end()
    time.sleep(1.5)
    assert second.poll() is None and states(one) == ["ACCEPTED"] * COUNT
    first.send_signal(signal.SIGCONT)
    assert [ended(process)[0] for process in (first, second)] == [0, 0]
    each_once(clones)


def test_nothing_is_sent_while_the_way_to_the_ledger_is_cut(
    project: Project, postgres_port: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packets are swallowed from the moment at which the first SENDING is written. The run says that it
    waits; when the way is mended, it goes on."""
    monkeypatch.setattr(session.TimedConnection, "silence", 0.5)
    monkeypatch.setattr(pool, "TOLD_SECONDS", 0.0)
    monkeypatch.setitem(session.CLIENT_TIMEOUTS, "connect_timeout", 2)
    project.shots("image", COUNT)
    sent: list[int] = []
    with ways(postgres_port.port) as (way,):
        monkeypatch.setenv("CALLSHEET_LEDGER", postgres_port.url(f"cut{os.getpid()}", way.port))

        def mended() -> None:
            while not notes(project):
                time.sleep(0.01)
            sent.append(project.posts)
            way.mend()

        def cut(reached: str) -> None:
            if reached == "call.before_sending" and not sent:
                sent.append(project.posts)
                way.cut()
                threading.Thread(target=mended, daemon=True).start()

        with failpoints.armed(cut):
            assert project.run().status == "done"
    assert sent == [0, 0] and project.posts == COUNT
    waits, again = notes(project)
    assert waits.startswith("waits for the ledger at postgresql://127.0.0.1") and "answers again" in again


def notes(project: Project) -> list[str]:
    """What the run said of itself."""
    return [event.message for event in project.events if isinstance(event, RunNote)]


@pytest.mark.parametrize("count", [2, 3])
def test_killed_and_cut_at_random(
    count: int, project: Project, postgres_port: Server, long: bool, monkeypatch: Any
) -> None:
    """Drivers are killed, stand still, lose the server, and are cut from it, from the provider and from both,
    at any time; afterwards each call was accepted once, and each result is here. 20 times, in the long form
    only."""
    if not long:
        pytest.skip("the long form")
    shop = urlsplit(project.provider.url).port
    for seed in range(20):
        rng = random.Random(f"{count} drivers {seed}")
        project.provider.reset()
        name = f"random{os.getpid()}_{count}_{seed}"
        monkeypatch.setenv("CALLSHEET_LEDGER", postgres_port.url(name))
        with ways(shop, *[postgres_port.port] * count) as (to_shop, *found):
            monkeypatch.setenv("CALLSHEET_FAL_URL", f"http://127.0.0.1:{to_shop.port}")
            drivers = []
            for number in range(count):
                folder = project.folder / str(seed) / str(number)
                folder.mkdir(parents=True)
                (folder / "callsheet.toml").touch()
                clone = Project(folder, project.provider).shots("image", COUNT)
                drivers.append(Driver(clone, found[number], to_shop, name))
            for _ in range(4):
                harmed(drivers, postgres_port, rng)
            settled([driver.clone for driver in drivers])


@dataclass(frozen=True)
class Driver:
    """A clone, its way to the ledger, which is that of the project `name`, and the one way of all drivers to
    the provider: results are fetched only from where they were asked for."""

    clone: Project
    ledger: Way
    provider: Way
    name: str

    def start(self, postgres: Server) -> subprocess.Popen[str]:
        return start(self.clone, CALLSHEET_LEDGER=postgres.url(self.name, self.ledger.port))


def harmed(drivers: list[Driver], postgres: Server, rng: random.Random) -> None:
    """Start all drivers, and do something to each a moment after the provider heard of one of them."""
    provider = drivers[0].clone.provider
    heard = len(provider.requests) + rng.randint(1, 15)
    processes = [driver.start(postgres) for driver in drivers]
    limit = time.monotonic() + 3
    while any(p.poll() is None for p in processes) and len(provider.requests) < heard:
        if time.monotonic() > limit:
            break
        time.sleep(0.002)
    if rng.random() < 0.5:
        postgres.stop("immediate")
        time.sleep(rng.uniform(0, 1))
        postgres.start()
    for process, driver in zip(processes, drivers, strict=True):
        time.sleep(rng.uniform(0, 0.2))
        what = rng.choice(("kill", "freeze", "cut ledger", "cut provider", "cut both", "nothing"))
        ledger, shop = driver.ledger, driver.provider
        cut = {"cut ledger": [ledger], "cut provider": [shop], "cut both": [ledger, shop]}.get(what, [])
        if what == "freeze":
            process.send_signal(signal.SIGSTOP)
        for way in cut:
            way.cut()
        time.sleep(rng.uniform(0, 2.5 if cut else 0.3))
        for way in cut:
            way.mend()
        process.send_signal(signal.SIGCONT)
        if what == "kill" or rng.random() < 0.5:
            process.kill()
    for process in processes:
        ended(process)


@pytest.mark.parametrize("name", ["ledger.before_commit", "ledger.after_commit"])
def test_the_server_is_killed_at_every_step(
    name: str, clones: list[Project], postgres: Server, long: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one write; in every one in the long form. The run waits until the server is back, and goes on."""
    one = clones[0]
    for nth in range(1, 25) if long else (7,):
        one.provider.reset()
        monkeypatch.setenv("CALLSHEET_LEDGER", postgres.url(f"step{os.getpid()}_{name[7:9]}_{nth}"))
        one.forget() if one.state.exists() else None
        (one.folder / "film.lock.yaml").unlink(missing_ok=True)
        reached = itertools.count(1)

        def stopped(at: str, nth: int = nth, reached: Any = reached) -> None:
            if at == name and next(reached) == nth:
                postgres.stop("immediate")
                postgres.start()

        with failpoints.armed(stopped):
            assert one.run().status == "done"
        each_once([one])


def runs(clone: Project) -> list[str]:
    """The names of all runs."""
    with Workspace(clone.folder) as workspace:
        ledger = workspace.ledger_reader()
        return [run.name for run in ledger.runs()] if ledger else []


PASSES = 6


def settled(clones: list[Project]) -> None:
    """With all doubts looked up: everything is here, and each call was accepted exactly once."""
    for _ in range(PASSES):
        drivers = [start(clone) for clone in clones]
        said = [ended(process) for process in drivers]
        if {code for code, _ in said} == {0}:
            break
        asyncio.run(look_up(clones[0].folder))
    assert {code for code, _ in said} == {0}, said
    each_once(clones)


def each_once(clones: list[Project]) -> None:
    """Each call was accepted once, and every clone has all results."""
    one = clones[0]
    assert len(one.accepted) == COUNT and set(one.accepted.values()) == {1}
    assert set(states(one)) <= {"COMMITTED", "CANCELLED", "ABSENT", "REJECTED"}
    for clone in clones:
        assert len(list((clone.folder / "out" / "shots").glob("*.*"))) >= COUNT


async def look_up(folder: Path) -> None:
    async with Workspace(folder).open_for_payment() as owned:
        await reconcile(owned.ledger, owned.queues["fal"], Clock(uptime=later))


def later() -> Uptime:
    now = uptime()
    return replace(now, seconds=now.seconds + 1000.0)
