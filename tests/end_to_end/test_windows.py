"""Paid films on a machine without what Windows lacks: `windows/main.py` takes it away."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="takes away what Windows has not")
MAIN = Path(__file__).parent / "windows" / "main.py"
FILM = """
callsheet: 1
name: film
description: "Öl → 夜明け"
axes: {shot: {over: ["ü → 夜", dusk], key: "${{ shot }}"}}
nodes:
  card: {each: shot, uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: "${{ shot }}"}}
outputs: {cards: "${{ card.images }}"}
"""


class Windows:
    def __init__(self, project: Any) -> None:
        self.project = project

    def start(self, *words: str, **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-B", str(MAIN), *words],
            cwd=self.project.folder,
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def type(self, *words: str, code: int = 0, **environ: str) -> str:
        process = self.start(*words, **environ)
        out, err = process.communicate()
        assert process.returncode == code, (out, err)
        assert "Traceback" not in err and "bug" not in err
        return out


@pytest.fixture
def windows(project: Any) -> Windows:
    project.write(FILM)
    return Windows(project)


def test_a_paid_film_is_made_and_made_again(windows: Windows) -> None:
    assert "ü → 夜" in windows.type("plan", "film.yaml")
    lines = windows.type("run", "film.yaml", "--yes", "--output", "json").splitlines()
    assert json.loads(lines[-1])["status"] == "done" and "ü → 夜" in "".join(lines)
    (edited,) = [path for path in windows.project.out.rglob("*dusk*") if path.suffix != ".json"]
    edited.write_bytes(b"edited by a person")  # and the store keeps its own
    windows.type("run", "film.yaml", "--yes")
    assert windows.project.posts == 2
    for words in (["cache", "verify"], ["runs"], ["takes", "film.yaml", "card"], ["cache", "gc", "--yes"]):
        windows.type(*words)


def test_a_killed_run_is_resumed_without_paying_again(windows: Windows) -> None:
    killed = windows.start("run", "film.yaml", "--yes", CALLSHEET_FAILPOINT="call.after_accepted:2")
    assert (killed.communicate(), killed.returncode)[1] == -signal.SIGKILL
    windows.type("resume", "--yes")
    assert all(count == 1 for count in windows.project.accepted.values())
    assert len(windows.project.accepted) == 2
    windows.type("cancel")


def test_two_runs_of_a_project_do_not_meet(windows: Windows) -> None:
    """Where a lock cannot be shared, the second is told who is there."""
    from callsheet.runtime.store.project_lock import LOCK

    held = windows.project.state / LOCK
    script = (
        "import runpy, sys, time; from pathlib import Path\n"
        f"windows = runpy.run_path({str(MAIN)!r}); windows['take_away']()\n"
        "from callsheet.runtime.store.os_lock import held\n"
        f"with held(Path({str(held)!r})) as mine: print(mine, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "True\n"
        refused = windows.start("run", "film.yaml", "--yes")
        assert f"process {other.pid} is working on this project" in refused.communicate()[1]
        other.communicate("")
    assert refused.returncode == 1 and windows.project.posts == 0


def test_the_emulator_starts_and_ends(windows: Windows) -> None:
    with windows.start("emulator", "--port", "0") as process:
        assert process.stdout is not None and "callsheet emulator on" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, err) == (0, "") and "0 paid POSTs" in out
