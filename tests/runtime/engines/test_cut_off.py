"""Machines that are cut off in the middle of a film, and come back: the same files as on one machine.

Scheduler, workers and driver are in network namespaces of their own, and so is the bucket. In the short form
Dask takes silence for a loss after seconds; in the long one, as it always does.
"""

import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.runtime.engines.cluster import WORKER, Cluster, end, until
from tests.runtime.engines.cut_film import same_as_here, write_cut_film
from tests.runtime.engines.network import Network, network
from tests.runtime.engines.test_run_on import made
from tests.s3 import ENVIRONMENT

pytest.importorskip("distributed")
pytestmark = pytest.mark.needs("networks")
SOON = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "4s"}
"""How soon Dask takes silence for a loss, in the short form."""
FIRST = 3
"""Instances that are made before a cable is pulled."""


class Machines:
    """A scheduler on `hub`, workers with one slot each on `box` and `old`, `desk`, where people type, and the
    address of `shelf`, where a bucket may be."""

    def __init__(self, there: Network, folder: Path, environ: dict[str, str]) -> None:
        self.there = there
        self.cluster = Cluster(folder, host=there.add("hub"))
        for machine in ("box", "old", "desk"):
            there.add(machine)
        self.shelf = there.add("shelf")
        self._environ = {**environ, **ENVIRONMENT, "AWS_ENDPOINT_URL": f"http://{self.shelf}:5000"}

    def begin(self) -> None:
        self.cluster.begin(on=self.on("hub"))
        for machine in ("box", "old"):
            self.cluster.work(1, on=self.on(machine))

    def typed(self, *words: str) -> list[str]:
        """A command of callsheet on `desk`."""
        return [*self.on("desk"), sys.executable, "-c", WORKER, *words]

    def workers(self) -> int:
        """How many can be used, as `callsheet engine status` tells it."""
        time.sleep(1)
        said = subprocess.run(
            self.typed("engine", "status", self.cluster.address, "--json"), capture_output=True, check=False
        ).stdout
        return int(json.loads(said)["slots"]) if said else 0

    def on(self, machine: str) -> list[str]:
        """What begins a command on a machine."""
        settings = (f"{name}={value}" for name, value in self._environ.items())
        return [*self.there.on(machine), "env", "CALLSHEET_TRUST_NETWORK=1", *settings]


class Driver:
    """`callsheet run` of the film on `desk`. events: what it told so far."""

    def __init__(self, machines: Machines, *words: str) -> None:
        command = machines.typed("run", "film.yaml", "--on", machines.cluster.address, *words)
        with Path("driver.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--output", "json"], stdout=subprocess.PIPE, stderr=log, start_new_session=True
            )
        self.events: list[dict[str, str]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def told(self, event: str) -> list[dict[str, str]]:
        """All events of this kind."""
        return [one for one in list(self.events) if one["event"] == event]

    def until_told(self, event: str, count: int = 1) -> None:
        until(lambda: len(self.told(event)) >= count or self._process.poll() is not None, event)
        assert self._process.poll() is None, self.said()

    def said(self) -> str:
        """What it said of its troubles."""
        failed = [one["message"] for one in self.told("node_failed")]
        return "\n".join([Path("driver.log").read_text(), *failed])

    def troubles(self) -> set[str]:
        """What instances waited for."""
        return {one["trouble"] for one in self.told("node_waiting") if one.get("trouble")}

    def done(self) -> set[str]:
        """It ends well. Returns where instances were made."""
        assert self._process.wait(300) == 0, self.said()
        self._reader.join()
        return {one["where"] for one in self.told("node_finished") if one.get("where")}

    def failed(self) -> set[str]:
        """It ends with failures. Returns their kinds."""
        assert self._process.wait(600) == 1, self.said()
        self._reader.join()
        return {one["kind"] for one in self.told("node_failed")}

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.events.append(json.loads(line))

    def end(self) -> None:
        end(self._process)


@contextmanager
def driver(machines: Machines, *words: str):
    """A run that has made the first instances."""
    begun = Driver(machines, *words)
    try:
        begun.until_told("node_finished", FIRST)
        yield begun
    finally:
        begun.end()


@pytest.fixture(scope="module")
def machines(tmp_path_factory, long):
    with network() as there:
        here = Machines(there, tmp_path_factory.mktemp("machines"), {} if long else SOON)
        try:
            here.begin()
            yield here
        finally:
            here.cluster.end()


@pytest.fixture
def film(tmp_path, monkeypatch, long):
    """A film with a few instances that take a second each, of which both workers have one at any time."""
    monkeypatch.chdir(tmp_path)
    slow = 'media/loop, with: {video: "${{ part.video }}", seconds: 200}'
    write_cut_film(12 if long else 4, slow, joined="part")
    return tmp_path


def test_a_worker_is_cut_off_and_comes_back(machines, film):
    """What it had is done by the other one; once it is back, it is used again."""
    with driver(machines) as run:
        machines.there.cut("old")
        until(lambda: machines.workers() == 1, "the loss of a worker")
        machines.there.join("old")
        run.done()
    same_as_here(".callsheet", "out")
    until(lambda: machines.workers() == 2, "the worker that was cut off")


@pytest.fixture
def bucket(long, machines, tmp_path):
    """S3 on a machine of its own, in the long form only. Yields the URL of a store there."""
    if not long:
        pytest.skip("minutes; --long")
    pytest.importorskip("moto.moto_server.werkzeug_app")
    pytest.importorskip("s3fs")
    here, address = [*machines.on("shelf"), sys.executable], machines.shelf
    server = [*here, "-m", "moto.server", "-H", address, "-p", "5000"]
    with (tmp_path / "bucket.log").open("wb") as log:
        begun = subprocess.Popen(server, stdout=log, stderr=log, start_new_session=True)
    make = "import boto3; boto3.client('s3').create_bucket(Bucket='films')"
    until(lambda: not subprocess.run([*here, "-c", make], capture_output=True).returncode, "the bucket")
    yield "s3://films/common"
    end(begun)


def test_the_scheduler_is_cut_off_and_comes_back(machines, film, long):
    """The run says so and waits, and so do the workers."""
    if not long:
        pytest.skip("a minute; --long")
    with driver(machines) as run:
        machines.there.cut("hub")
        until(lambda: run.troubles(), "what it waits for")
        machines.there.join("hub")
        run.done()
    assert all("does not answer" in trouble for trouble in run.troubles())
    same_as_here(".callsheet", "out")
    until(lambda: machines.workers() == 2, "all workers")


def test_the_bucket_is_cut_off_for_a_time(machines, bucket, film):
    """What was made waits for it, in the workers and in the run."""
    with driver(machines, "--store", bucket) as run:
        machines.there.cut("shelf")
        time.sleep(25)
        machines.there.join("shelf")
        run.done()
    same_as_here(".callsheet", "out")


def test_the_bucket_is_cut_off_for_good(machines, bucket, film):
    """What needs it fails as *local*, with the next step; what is here is kept, and the next run goes on."""
    with driver(machines, "--store", bucket) as run:
        machines.there.cut("shelf")
        assert run.failed() == {"local"}
        machines.there.join("shelf")
    kept = made(".callsheet")
    with driver(machines, "--store", bucket) as run:
        run.done()
    assert kept and kept <= made(".callsheet")
    same_as_here(".callsheet", "out")
