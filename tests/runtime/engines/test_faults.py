"""Whole films while workers are killed, cut off, and replaced: the same files as on one machine."""

import random
import signal
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest

import callsheet as api
from callsheet.runtime.events import NodeFinished, NodeWaiting
from tests.runtime.engines.cluster import Cluster, cluster, end
from tests.runtime.engines.cut_film import same_as_here, write_cut_film

distributed = pytest.importorskip("distributed")


@pytest.fixture
def film(tmp_path, monkeypatch, long):
    """A film of 121 tasks, of a second or less each, and a join with 60 parts."""
    if not long:
        pytest.skip("minutes; --long")
    monkeypatch.chdir(tmp_path)
    write_cut_film(60, 'media/speed, with: {video: "${{ part.video }}", factor: 0.5}', joined="slow")
    return tmp_path


@contextmanager
def again_and_again(act, low, high):
    """Call `act` every few seconds, until the block ends."""
    over = threading.Event()

    def loop():
        while not over.wait(random.uniform(low, high)):
            act()

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    yield
    over.set()
    thread.join()


def worker_processes(here: Cluster) -> list[int]:
    """The processes of all workers, without those that start them."""
    told = api.engine_status(here.address).workers
    return [int(one.where.rpartition(":")[2]) for one in told if ":" in one.where]


def made_over(here: Cluster, on: str = "", in_the_middle=lambda: None) -> list[NodeWaiting]:
    """Run the film over the cluster, and compare it with one of this process. Returns what was waited for.
    in_the_middle: called once ten instances are made."""
    events, disturber = [], threading.Thread(target=in_the_middle)

    def emit(event):
        events.append(event)
        if sum(isinstance(one, NodeFinished) for one in events) == 10 and disturber.ident is None:
            disturber.start()

    result = api.run("film.yaml", on=on or here.address, state="far", out="out-far", emit=emit)
    disturber.join()
    assert result.status == "done", result.failures
    same_as_here("far", "out-far")
    return [event for event in events if isinstance(event, NodeWaiting)]


def test_workers_are_killed_all_the_time(film):
    killed = []
    with cluster(film / "dask", slots=3) as here:

        def kill():
            try:
                process = random.choice(worker_processes(here))
                subprocess.run(["kill", "-KILL", str(process)], check=False)
                killed.append(process)
            except (IndexError, api.InputError):
                pass

        with again_and_again(kill, 3, 6):
            made_over(here)
    assert killed


def test_a_frozen_worker(film, monkeypatch):
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL", "5s")
    with cluster(film / "dask", slots=2) as here:
        frozen = worker_processes(here)[0]
        with again_and_again(lambda: subprocess.run(["kill", "-STOP", str(frozen)], check=False), 1, 1.5):
            made_over(here)
        subprocess.run(["kill", "-KILL", str(frozen)], check=False)


def test_the_scheduler_is_started_again(film, monkeypatch):
    """Its workers wait for the next one and join it."""
    monkeypatch.setattr("callsheet.runtime.engines.dask_engine.ALONE", 1.0)
    with cluster(film / "dask", slots=2) as here:

        def restart():
            end(here.processes[0], signal.SIGKILL)
            time.sleep(5)
            here.begin()

        waited = made_over(here, in_the_middle=restart)
    assert any("has no worker" in event.trouble or "does not answer" in event.trouble for event in waited)


def test_nobody_is_left_and_this_machine_takes_over(film, monkeypatch):
    monkeypatch.setattr("callsheet.runtime.engines.fallback.PATIENCE", 2.0)
    with cluster(film / "dask", slots=2) as here:
        on = f"{here.address},here:2"
        made_over(here, on, lambda: end(here.processes[1], signal.SIGKILL))
