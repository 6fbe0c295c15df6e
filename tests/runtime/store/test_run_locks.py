"""Who is at work on what: locks that end with their process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from callsheet.errors import InputError, StoreError
from callsheet.runtime.store.project_lock import films_owned, project_owned
from callsheet.runtime.store.run_locks import RunLocks

HOLD = """
import sys, time
from pathlib import Path
from callsheet.runtime.store.run_locks import RunLocks
with RunLocks(Path(sys.argv[1])).own(7):
    print("held", flush=True)
    time.sleep(60)
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks that several hold")


def test_a_run_is_at_work_until_its_process_ends(tmp_path: Path) -> None:
    locks = RunLocks(tmp_path)
    assert not locks.at_work(7)
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    assert locks.at_work(7) and not locks.at_work(8)
    process.kill()
    process.communicate()
    assert not locks.at_work(7)
    with locks.own(8):
        locks.sweep()
        assert [path.name for path in (tmp_path / "at-work").iterdir()] == ["run-8"]


def test_a_lock_leaves_nothing_behind(tmp_path: Path) -> None:
    locks = RunLocks(tmp_path)
    with locks.own(7), locks.taken_up(3) as mine:
        assert mine and locks.at_work(7)
        assert len(list((tmp_path / "at-work").iterdir())) == 2
        with locks.taken_up(3) as second:
            assert not second
    assert not list((tmp_path / "at-work").iterdir())


def test_films_are_made_side_by_side_and_each_by_one(tmp_path: Path) -> None:
    a, b, out = (tmp_path / name for name in ("a.yaml", "b.yaml", "out"))
    with films_owned(tmp_path, [a]), films_owned(tmp_path, [b, out]):
        for places in ([a], [tmp_path / "c.yaml", out], [tmp_path / "." / "b.yaml"]):
            with (
                pytest.raises(InputError, match=f"process {os.getpid()} is working on this film"),
                films_owned(tmp_path, places),
            ):
                pass
        with (
            pytest.raises(InputError, match=f"process {os.getpid()} is working on this project"),
            project_owned(tmp_path),
        ):
            pass
    with project_owned(tmp_path), pytest.raises(InputError, match="this project"), films_owned(tmp_path, [a]):
        pass


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """A state folder that came from somebody else may have one."""
    mine = tmp_path / "mine"
    mine.write_text("precious")
    state = tmp_path / "state"
    (state / "at-work").mkdir(parents=True)
    (state / "at-work" / "run-7").symlink_to(mine)
    with pytest.raises(StoreError), RunLocks(state).own(7):
        pass
    (state / "lock").symlink_to(mine)
    with pytest.raises(StoreError), project_owned(state):
        pass
    assert mine.read_text() == "precious"
