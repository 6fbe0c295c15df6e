"""Real `callsheet run` processes, killed and stopped anywhere: afterwards each call was accepted once, and
each result is here."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import time
from dataclasses import replace
from typing import Any

import pytest

from callsheet import failpoints
from callsheet.runtime.calls.clock import Clock, Uptime, uptime
from callsheet.runtime.calls.reconcile import reconcile
from callsheet.runtime.workspace import Workspace

SHOTS = 2
CALLS = 2 * SHOTS
LATER = 1000.0
"""Seconds after which the listing is believed when it does not have a request."""
ALONE = ("--concurrency", "1", "--output", "quiet")
IN_DOUBT = ("call.after_sending", "call.after_reply")
"""Where exactly one request has no known fate."""
ANYWHERE = tuple(name for name in failpoints.NAMES if name.startswith("ledger."))
FORWARD = tuple(name for name in failpoints.NAMES if name.startswith("call."))

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


def killed(process: subprocess.Popen[str]) -> None:
    _, err = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, err


def doubts(project: Any) -> int:
    """Run again: everything is made but what is in doubt and what waits for it; how much is in doubt."""
    result = project.run()
    unknown = project.kinds["unknown"]
    assert set(project.kinds) <= {"done", "unknown"}
    assert (result.status == "done") == (unknown == 0)
    assert all("reconcile" in failure.next_step for failure in project.failures.values())
    return unknown


def settled(project: Any, calls: int = CALLS) -> None:
    """With all doubts looked up: everything is here, and each call was accepted exactly once."""
    while doubts(project):
        asyncio.run(look_up(project))
    assert len(project.accepted) == calls
    assert set(project.accepted.values()) == {1}
    assert project.run().status == "done"
    assert set(project.accepted.values()) == {1} and project.usd == 0


async def look_up(project: Any) -> None:
    async with Workspace(project.folder).open_for_payment() as owned:
        await reconcile(owned.ledger, owned.queues["fal"], Clock(uptime=later))


def later() -> Uptime:
    now = uptime()
    return replace(now, seconds=now.seconds + LATER)


@pytest.mark.parametrize("name", FORWARD)
def test_killed_at_a_failpoint(name: str, project: Any) -> None:
    if name == "call.after_refused":
        project.provider.fault("http_429", nth=2, retry_after=0)
    project.chain(SHOTS)
    nth = 1 if name == "call.after_refused" else 2
    killed(project.start(*ALONE, failpoint=f"{name}:{nth}"))
    posts = project.posts

    assert doubts(project) == (name in IN_DOUBT)
    assert set(project.accepted.values()) <= {1}
    if name not in (*IN_DOUBT, "call.after_refused"):
        assert project.posts == CALLS
    assert project.posts >= posts
    settled(project)


@pytest.mark.parametrize("nth", [1, 5, 12])
@pytest.mark.parametrize("name", ANYWHERE)
def test_killed_at_a_commit(name: str, nth: int, project: Any) -> None:
    killed(project.chain(SHOTS).start(*ALONE, failpoint=f"{name}:{nth}"))
    assert doubts(project) <= 1
    settled(project)


@pytest.mark.parametrize("name", ["resume.before_unknown", "resume.after_unknown"])
def test_killed_while_recovering(name: str, project: Any) -> None:
    project.chain(SHOTS)
    killed(project.start(*ALONE, failpoint="call.after_reply:1"))
    killed(project.start(*ALONE, failpoint=name))
    assert doubts(project) == 1
    settled(project)


@pytest.mark.parametrize("name", ["reconcile.before_decision", "reconcile.after_decision"])
def test_killed_while_reconciling(name: str, project: Any) -> None:
    project.chain(SHOTS)
    killed(project.start(*ALONE, failpoint="call.after_reply:1"))
    killed(project.command("reconcile", failpoint=name))
    assert doubts(project) == (name == "reconcile.before_decision")
    settled(project)


def test_killed_at_random(project: Any, long: bool) -> None:
    for seed in range(30 if long else 1):
        project.provider.reset()
        project.folder.joinpath(str(seed)).mkdir()
        some = type(project)(project.folder / str(seed), project.provider)
        kill_at_random(some.chain(4), random.Random(seed))


def kill_at_random(project: Any, rng: random.Random) -> None:
    """Kill it three times, each a number of requests after it began to speak with the provider."""
    for _ in range(3):
        heard = len(project.provider.requests) + rng.randint(1, 30)
        process = project.start("--output", "quiet")
        while process.poll() is None and len(project.provider.requests) < heard:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.02))
        process.kill()
        process.communicate()
    assert doubts(project) <= 3 * 4
    settled(project, 8)


MISBEHAVING = (
    "media:http_520,probability=0.2",
    "media:http_206,probability=0.1",
    "media:truncated,probability=0.1",
    "media:html,probability=0.1",
    "media:packed,probability=0.1",
    "result:http_404,probability=0.1",
    "result:invalid_json,probability=0.1",
    "result:odd_result,probability=0.1,how=no_media",
    "status:nginx_502,probability=0.1",
    "submit:lost_reply,probability=0.05",
)
KILLS = 5
"""Of one film."""


def test_killed_at_random_while_the_file_host_misbehaves(project: Any, long: bool) -> None:
    """200 kills in the long form: no second POST for a request that was accepted, and no result lost."""
    for seed in range(40 if long else 1):
        rng = random.Random(f"host {seed}")
        project.provider.reset()
        for fault in MISBEHAVING:
            project.provider.fault(fault)
        some = type(project)(project.folder / f"host{seed}", project.provider)
        some.folder.mkdir()
        some.chain(4)
        for _ in range(KILLS):
            kill_soon(some, rng)
        some.heal()
        assert set(some.accepted.values()) <= {1}
        settled(some, 8)


def kill_soon(project: Any, rng: random.Random) -> None:
    """Kill it a moment after some request of its own, at the latest a second after the first."""
    before = len(project.provider.requests)
    heard = before + rng.randint(1, 25)
    process = project.start("--output", "quiet")
    until = None
    while process.poll() is None and len(project.provider.requests) < heard:
        if until is None and len(project.provider.requests) > before:
            until = time.monotonic() + 1
        if until is not None and time.monotonic() > until:
            break
        time.sleep(0.002)
    time.sleep(rng.uniform(0, 0.02))
    process.kill()
    process.communicate()


@pytest.mark.parametrize("name", ["ledger.db", "cache.db"])
def test_killed_before_a_database_had_tables(name: str, project: Any, desk: Any) -> None:
    """An empty file is a new database, for every verb that looks into it."""
    project.shots("image", 2)
    project.state.mkdir()
    (project.state / name).touch()
    for verb in (("plan", "film.yaml"), ("cache", "ls"), ("explain", "film.yaml", 'made["0"]')):
        assert desk.type(*verb)
    assert project.run().status == "done"
    assert "nothing to make: 2 reused" in desk.type("plan", "film.yaml")
