"""Stopping and killing a run: real processes, real signals."""

import hashlib
import json
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from callsheet.runtime.cancellation import Stop, on_signals
from callsheet.runtime.output.out_folder import OutFolder

AGAIN = 0.3
"""Seconds between two presses of Ctrl-C: long enough to be two."""
SCRIPT = '''
import sys, threading, time
from pathlib import Path
from callsheet.spec.values import Ref
from callsheet.runtime.store import blobs as store
from callsheet.runtime.events import (to_json)
from callsheet.testing.fakes import (FakeInspector, FakeProvider, fake_graph, fake_instance, fake_spec)
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.prepare import prepare
from callsheet.runtime.run import run
from callsheet.runtime.workspace import Workspace

seconds, deaf, grace = float(sys.argv[1]), sys.argv[2] == "deaf", float(sys.argv[3])
store.MediaInspector = FakeInspector

class Deaf(FakeProvider):
    """Does not look whether it should stop."""
    async def _work(self, job):
        import asyncio
        await asyncio.to_thread(time.sleep, self.seconds)

spec = fake_spec()
clips = [fake_instance(f"clip[{i}]", spec) for i in range(60)]
graph = fake_graph(clips, {"film": Ref("clip[0]", ("video",))})
provider = (Deaf if deaf else FakeProvider)(limit=4, seconds=seconds)

def leave():
    import os
    os._exit(130)

prepared = prepare(graph, Workspace(), RunOptions(preview=True, grace=grace), {"fal": provider})
result = run(prepared, lambda event: print(to_json(event), flush=True), leave)
if result.stuck:
    leave()
sys.exit(result.exit_code)
'''


@pytest.fixture
def start(in_folder):
    """Starts a run in a process of its own, in the current folder; kills what is left of it."""
    processes = []

    def begin(seconds=0.1, deaf=False, grace=5.0):
        (in_folder / "film.py").write_text(SCRIPT)
        command = [sys.executable, "film.py", str(seconds), "deaf" if deaf else "", str(grace)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def heard_until(process, event, count=1):
    """Read events until `event` has come `count` times."""
    for line in process.stdout:
        count -= json.loads(line)["event"] == event
        if not count:
            return
    raise AssertionError(f"the run ended before {event}")


def left():
    return [p for p in Path().rglob("*") if p.name.startswith(".callsheet-")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_cleanly(start, number):
    process = start(seconds=1)
    heard_until(process, "node_finished", 2)
    process.send_signal(number)
    events = [json.loads(line) for line in process.stdout]
    last = events[-1]
    assert process.wait(timeout=300) == 130
    assert (last["event"], last["status"]) == ("run_finished", "interrupted")
    assert last["made"] + last["not_started"] == 60
    assert [e["event"] for e in events].count("node_interrupted") >= 1
    assert list(Path(".callsheet/preview/work").iterdir()) == []
    assert left() == []


def test_jobs_that_do_not_stop_are_waited_for_only_so_long(start):
    process = start(seconds=600, deaf=True, grace=0.3)
    heard_until(process, "node_started", 4)
    process.send_signal(signal.SIGINT)
    events = [json.loads(line) for line in process.stdout]
    assert process.wait(timeout=300) == 130
    assert [e["event"] for e in events].count("node_interrupted") == 4
    assert list(Path(".callsheet/preview/work").iterdir()) == []


def test_a_second_ctrl_c_does_not_wait(start):
    process = start(seconds=600, deaf=True, grace=600)
    heard_until(process, "node_started", 4)
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(AGAIN)
    for _ in range(200):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(AGAIN)
            break
    assert process.returncode == 130


@pytest.mark.parametrize(
    ("times", "ends"),
    [
        ([1.0], []),
        ([1.0, 1.05], []),
        ([1.0, 1.05, 1.2], [1.2]),
        ([1.0, 1.2, 1.25], [1.2, 1.25]),
    ],
)
def test_one_ctrl_c_that_arrives_twice_is_one(times, ends, monkeypatch):
    """As `timeout` and some shells send it: to the process, and to its group."""
    now, gave_up, stop = [0.0], [], Stop()
    monkeypatch.setattr("callsheet.runtime.cancellation.time.monotonic", lambda: now[0])
    with on_signals(stop, lambda: gave_up.append(now[0])):
        for now[0] in times:
            signal.raise_signal(signal.SIGINT)
    assert stop.requested and gave_up == ends


@pytest.mark.parametrize("after", [1, 9, 25])
def test_a_killed_run_leaves_no_half_file_and_the_next_goes_on(start, after):
    process = start(seconds=0.02)
    heard_until(process, "node_finished", after)
    process.kill()
    process.wait()
    _everything_is_whole()
    process = start(seconds=0.02)
    heard_until(process, "run_started")
    events = [json.loads(line) for line in process.stdout]
    assert process.wait(timeout=120) == 0
    assert events[-1]["reused"] >= after - 8  # results of less than a tenth of a second are not on the disk
    assert list(Path(".callsheet/preview/work").iterdir()) == []
    assert left() == []
    _everything_is_whole()


def _everything_is_whole():
    blobs = list(Path(".callsheet/preview/blobs").rglob("*.mp4"))
    for blob in blobs:
        assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.parent.name + blob.stem
    kept = {blob.read_bytes() for blob in blobs}
    assert all(clip.read_bytes() in kept for clip in Path("out/fake/preview/parts").glob("clip*.mp4"))


def test_the_handlers_of_before_are_back(studio, storyboard):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    studio.run(storyboard())
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_run_that_only_has_to_show_its_results_shows_them_all(studio, storyboard, monkeypatch):
    publish = OutFolder.publish

    def interrupted(self, name, tree, value):
        signal.raise_signal(signal.SIGINT)
        return publish(self, name, tree, value)

    monkeypatch.setattr(OutFolder, "publish", interrupted)
    result = studio.run(storyboard())
    assert result.status == "done"
    assert Path("out/lighthouse/preview/film.mp4").exists()
    assert studio.names()[-1] == "run_finished"


def test_those_who_are_gone_are_not_told():
    heard = []
    stop = Stop()
    stop.when_requested(lambda: heard.append("early"))
    stop.forget()
    stop.request()
    assert stop.requested
    assert heard == []


def test_who_hears_no_more_is_forgotten():
    stop, heard = Stop(), []
    first, second = (lambda: heard.append(1)), (lambda: heard.append(2))
    stop.when_requested(first)
    stop.when_requested(second)
    stop.no_more(first)
    stop.no_more(first)
    stop.request()
    assert heard == [2]
