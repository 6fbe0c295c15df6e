"""A process that waits before it tries again: interrupted, killed, and let go on."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import IO, Any

import pytest

PATIENCE = 60.0
"""Seconds for what comes at once on a machine that is not busy."""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture
def waiting(project: Any) -> subprocess.Popen[str]:
    """A process whose one call was paid for, failed, and is tried again in an hour."""
    project.provider.fault("model_error", nth=1)
    project.shots("image", 1, each="retry: {attempts: 3, delay: 3600}")
    process = project.start("--output", "plain")
    told: IO[str] | None = process.stdout
    assert told is not None
    assert any("tried again in 3600 s" in line for line in told)
    assert project.posts == 1
    return process  # type: ignore[no-any-return]


def test_ctrl_c_ends_the_wait(project: Any, waiting: subprocess.Popen[str]) -> None:
    began = time.monotonic()
    waiting.send_signal(signal.SIGINT)
    waiting.communicate(timeout=PATIENCE)
    assert time.monotonic() - began < PATIENCE and waiting.returncode == 130
    assert project.run().status == "done" and project.posts == 2


def test_after_a_kill_the_next_run_tries_again_at_once(project: Any, waiting: subprocess.Popen[str]) -> None:
    waiting.kill()
    waiting.communicate(timeout=PATIENCE)
    assert project.run().status == "done"
    assert project.posts == 2 and project.usd > 0
    assert project.run().status == "done" and project.posts == 2
