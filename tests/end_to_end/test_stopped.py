"""Real processes that are interrupted, put to sleep, or meet another one on the same project."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import IO, Any

import pytest

from tests.end_to_end.conftest import Hold

SHOTS = 6
PATIENCE = 60.0
"""Seconds for what comes at once on a machine that is not busy."""
AGAIN = 0.3
"""Seconds between two presses of Ctrl-C: long enough to be two."""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture
def project(project: Any, hold: Hold) -> Any:
    """A project that buys from a provider whose time stands still."""
    return project.shots("image", SHOTS)


def until(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    limit = time.monotonic() + PATIENCE
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        time.sleep(0.005)


def until_it_waits(process: subprocess.Popen[str]) -> None:
    told: IO[str] | None = process.stderr
    assert told is not None
    assert any("waiting: process" in line for line in told)


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def polled(project: Any) -> bool:
    """Whether the process asks about every request: it knows that they were accepted."""
    provider = project.provider
    asked = {entry.request_id for entry in provider.requests if entry.place == "status"}
    return len(asked) == SHOTS


def all_paid_once(project: Any) -> None:
    assert len(project.accepted) == SHOTS
    assert project.posts == SHOTS


class TestInterrupted:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_while_polling(self, number: int, project: Any, hold: Hold) -> None:
        process = project.start("--output", "plain")
        until(lambda: polled(project), process)
        process.send_signal(number)
        code, out, err = ended(process)
        assert code == 130
        assert "Traceback" not in out + err
        assert f"next: {SHOTS} requests are under way; `callsheet resume`" in out + err

        hold.end()
        assert project.run().status == "done"
        all_paid_once(project)
        assert project.usd == 0

    def test_while_a_reply_is_on_its_way(self, project: Any, hold: Hold) -> None:
        project.shots("image", 1)
        project.provider.fault("slow_reply")
        process = project.start("--output", "quiet")
        until(lambda: project.posts == 1, process)
        process.send_signal(signal.SIGINT)
        hold.end()
        assert ended(process)[0] == 130

        assert project.run().status == "done"
        assert project.posts == 1

    def test_twice(self, project: Any, hold: Hold) -> None:
        """The second Ctrl-C waits for nothing; a request whose reply did not come is in doubt."""
        project.shots("image", 1)
        project.provider.fault("slow_reply")
        process = project.start("--output", "quiet")
        until(lambda: project.posts == 1, process)
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(AGAIN)
        until_it_ends_by(signal.SIGINT, process)
        assert ended(process)[0] == 130

        hold.end()
        project.run()
        assert project.kinds == {"unknown": 1} and project.posts == 1

    def test_resume_fetches(self, project: Any, hold: Hold) -> None:
        process = project.start("--output", "quiet")
        until(lambda: len(project.accepted) == SHOTS, process)
        process.send_signal(signal.SIGINT)
        assert ended(process)[0] == 130

        hold.end()
        code, out, err = ended(project.command("resume"))
        assert code == 0, err
        assert out.count("fetched") == SHOTS
        all_paid_once(project)


def until_it_ends_by(number: int, process: subprocess.Popen[str]) -> None:
    """Press again until it ends: of two presses that a busy machine delivers together, one counts."""
    limit = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < limit:
        process.send_signal(number)
        time.sleep(AGAIN)


class TestTwoProcesses:
    def test_the_second_is_refused(self, project: Any, hold: Hold) -> None:
        first = project.start("--output", "quiet")
        until(lambda: project.posts > 0, first)
        code, _, err = ended(project.start())
        assert code == 1
        assert f"process {first.pid} is working on this film" in err and "help:" in err
        hold.end()
        assert ended(first)[0] == 0
        all_paid_once(project)

    def test_the_second_waits_when_asked(self, project: Any, hold: Hold) -> None:
        first = project.start("--output", "quiet")
        until(lambda: project.posts > 0, first)
        second = project.start("--output", "json", "--wait")
        until_it_waits(second)
        hold.end()
        assert ended(first)[0] == 0
        code, out, _ = ended(second)
        assert code == 0
        assert f'"reused": {SHOTS}' in out.splitlines()[-1]
        all_paid_once(project)

    def test_who_waits_can_be_interrupted(self, project: Any, hold: Hold) -> None:
        first = project.start("--output", "quiet")
        until(lambda: project.posts > 0, first)
        second = project.start("--output", "quiet", "--wait")
        until_it_waits(second)
        second.send_signal(signal.SIGINT)
        code, _, err = ended(second)
        assert code == 130 and "Traceback" not in err
        assert first.poll() is None, "it did not wait for the first"
        hold.end()
        assert ended(first)[0] == 0

    def test_the_first_sleeps_and_wakes(self, project: Any, hold: Hold) -> None:
        first = project.start("--output", "quiet")
        until(lambda: project.posts > 0, first)
        first.send_signal(signal.SIGSTOP)
        try:
            code, _, err = ended(project.start())
            assert code == 1 and "is working on this film" in err
            waiting = project.start("--output", "quiet", "--wait")
            until_it_waits(waiting)
        finally:
            first.send_signal(signal.SIGCONT)
        hold.end()
        assert ended(first)[0] == 0
        assert ended(waiting)[0] == 0
        all_paid_once(project)
