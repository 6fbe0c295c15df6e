"""Real processes that are interrupted, put to sleep, or meet another one on the same project."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from callsheet.emulator import Emulator

SHOTS = 6
LATENCY = 1.5
"""Seconds that the provider works: long enough to do something to the process meanwhile."""
SOON = 5.0

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture(scope="module")
def slow() -> Iterator[Emulator]:
    with Emulator(tiny=True, latency=LATENCY) as provider:
        yield provider


@pytest.fixture
def project(project: Any, slow: Emulator, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A project that buys from a slow provider."""
    slow.reset()
    monkeypatch.setenv("CALLSHEET_FAL_URL", slow.url)
    project.provider = slow
    return project.shots("image", SHOTS)


def until(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not happened():
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def all_paid_once(project: Any) -> None:
    assert len(project.accepted) == SHOTS
    assert project.posts == SHOTS


class TestInterrupted:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_while_polling(self, number: int, project: Any) -> None:
        process = project.start("--output", "plain")
        until(lambda: len(project.accepted) == SHOTS, process)
        time.sleep(0.2)
        process.send_signal(number)
        began = time.monotonic()
        code, out, err = ended(process)
        assert code == 130 and time.monotonic() - began < LATENCY + SOON
        assert "Traceback" not in out + err
        assert f"next: {SHOTS} requests are under way; `callsheet resume`" in out + err

        assert project.run().status == "done"
        all_paid_once(project)
        assert project.usd == 0

    def test_while_a_reply_is_on_its_way(self, project: Any) -> None:
        project.shots("image", 1)
        project.provider.fault("slow_reply", seconds=0.7)
        process = project.start("--output", "quiet")
        until(lambda: project.posts == 1, process)
        process.send_signal(signal.SIGINT)
        assert ended(process)[0] == 130

        assert project.run().status == "done"
        assert project.posts == 1

    def test_twice(self, project: Any) -> None:
        """The second Ctrl-C waits for nothing; a request whose reply did not come is in doubt."""
        project.shots("image", 1)
        project.provider.fault("slow_reply", seconds=4)
        process = project.start("--output", "quiet")
        until(lambda: project.posts == 1, process)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert ended(process)[0] == 130
        assert time.monotonic() - began < 2

        project.run()
        assert project.kinds == {"unknown": 1} and project.posts == 1

    def test_resume_fetches(self, project: Any) -> None:
        process = project.start("--output", "quiet")
        until(lambda: len(project.accepted) == SHOTS, process)
        process.send_signal(signal.SIGINT)
        assert ended(process)[0] == 130

        code, out, err = ended(project.command("resume"))
        assert code == 0, err
        assert out.count("fetched") == SHOTS
        all_paid_once(project)


class TestTwoProcesses:
    def test_the_second_is_refused(self, project: Any) -> None:
        first = project.start("--output", "quiet")
        until(lambda: project.posts > 0, first)
        code, _, err = ended(project.start())
        assert code == 1
        assert f"process {first.pid} is working on this project" in err and "help:" in err
        assert ended(first)[0] == 0
        all_paid_once(project)

    def test_the_second_waits_when_asked(self, project: Any) -> None:
        first = project.start("--output", "quiet")
        until(lambda: project.posts > 0, first)
        second = project.start("--output", "json", "--wait")
        assert ended(first)[0] == 0
        code, out, _ = ended(second)
        assert code == 0
        assert f'"reused": {SHOTS}' in out.splitlines()[-1]
        all_paid_once(project)

    def test_who_waits_can_be_interrupted(self, project: Any) -> None:
        project.provider.fault("slow_reply", nth=1, seconds=3)
        first = project.start("--output", "quiet")
        until(lambda: project.posts > 0, first)
        second = project.start("--output", "quiet", "--wait")
        time.sleep(1.5)
        second.send_signal(signal.SIGINT)
        code, _, err = ended(second)
        assert code == 130 and "Traceback" not in err
        assert first.poll() is None, "it did not wait for the first"
        assert ended(first)[0] == 0

    def test_the_first_sleeps_and_wakes(self, project: Any) -> None:
        first = project.start("--output", "quiet")
        until(lambda: project.posts > 0, first)
        first.send_signal(signal.SIGSTOP)
        try:
            code, _, err = ended(project.start())
            assert code == 1 and "is working on this project" in err
            waiting = project.start("--output", "quiet", "--wait")
            time.sleep(0.5)
        finally:
            first.send_signal(signal.SIGCONT)
        assert ended(first)[0] == 0
        assert ended(waiting)[0] == 0
        all_paid_once(project)
