"""`cache`, `timeout` and `retry` of a node."""

import asyncio
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from callsheet.dsl.graph import Options, Pause
from callsheet.errors import NodeError
from callsheet.runtime.calls.protocol import PaidResult
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.events import NodeFailed, NodeFinished, NodeWaiting
from callsheet.runtime.execute import retry as attempt
from callsheet.spec.node import Made
from callsheet.testing.fakes import FakeProvider, fake_graph, fake_instance, fake_spec

CLIP = fake_spec("fake/clip")


def film(**options):
    """One clip with these options."""
    return fake_graph([replace(fake_instance("clip", CLIP), options=Options(**options))])


class Counting(FakeProvider):
    """Writes the number of the call into each clip, so that no two are alike."""

    async def perform(self, job):
        self.calls.append(job.address)
        path = job.workdir / "clip.mp4"
        path.write_text(f"video {len(self.calls)} {sorted(p.name for p in job.workdir.iterdir())}")
        return {"video": Made("video", path)}


class Faltering(FakeProvider):
    """Fails with each of `kinds`, then delivers."""

    def __init__(self, *kinds):
        super().__init__()
        self.kinds = list(kinds)

    async def perform(self, job):
        assert list(job.workdir.iterdir()) == []
        (job.workdir / "half.mp4").write_text("video half")
        if self.kinds:
            self.calls.append(job.address)
            raise NodeError(f"failure {len(self.calls)}", self.kinds.pop(0))
        return await super().perform(job)


class Deaf(FakeProvider):
    """Never ends, and takes no notice of `cancelled`."""

    async def perform(self, job):
        self.calls.append(job.address)
        await asyncio.sleep(3600)


def films(studio, provider, *graphs):
    """Run the graphs one after the other; what the clip held each time."""
    seen = []
    for graph in graphs:
        assert studio.run(graph, providers={"fal": provider}).status == "done"
        seen.append(Path("out/fake/preview/parts/clip.mp4").read_text().split()[1])
    return seen


def test_the_same_again_is_taken_from_the_store(studio):
    assert films(studio, Counting(), film(), film()) == ["1", "1"]
    assert studio.done() == {"clip": True}


def test_off_neither_looks_nor_remembers(studio):
    off = film(cache="off")
    assert films(studio, Counting(), film(), off, off, film()) == ["1", "2", "3", "1"]


def test_off_leaves_nothing_for_a_first_run_to_find(studio):
    assert films(studio, Counting(), film(cache="off"), film()) == ["1", "2"]


def test_refresh_does_not_look_but_remembers(studio):
    assert films(studio, Counting(), film(), film(cache="refresh"), film()) == ["1", "2", "2"]


def test_a_job_whose_time_is_over_is_asked_to_stop(studio):
    slow = FakeProvider(seconds=600)
    began = time.monotonic()
    result = studio.run(film(timeout=0.1), providers={"fal": slow})
    assert time.monotonic() - began < 60
    (failure,) = result.failures
    assert failure.kind == "failed"
    assert failure.message == "it was not done within its timeout of 0.1 s"
    assert failure.next_step
    assert list(Path(".callsheet/preview/work").iterdir()) == []


def test_a_job_that_does_not_listen_is_let_go(studio, monkeypatch):
    monkeypatch.setattr(attempt, "GRACE", 0.05)
    result = studio.run(film(timeout=0.05), providers={"fal": Deaf()})
    assert [failure.kind for failure in result.failures] == ["failed"]
    assert result.stuck == 0


def test_a_timeout_leaves_siblings_alone(studio):
    late = replace(fake_instance("late", CLIP), options=Options(timeout=0.05))
    graph = fake_graph([late, fake_instance("clip", CLIP)])
    studio.run(graph, providers={"fal": FakeProvider(seconds=0.3)})
    assert [e.address for e in studio.of(NodeFailed)] == ["late"]
    assert [e.address for e in studio.of(NodeFinished)] == ["clip"]


def test_what_is_done_in_time_is_no_matter(studio):
    assert studio.run(film(timeout=30), providers={"fal": FakeProvider(seconds=0.05)}).status == "done"


@pytest.mark.parametrize("kind", ["unavailable", "failed"])
def test_another_attempt_may_succeed_in_a_fresh_folder(studio, kind):
    provider = Faltering(kind, kind)
    assert studio.run(film(attempts=3), providers={"fal": provider}).status == "done"
    assert len(provider.calls) == 3
    assert studio.names() == ["run_started", "node_started", "node_finished", "run_finished"]


def test_the_last_attempt_tells_why(studio):
    provider = Faltering(*["failed"] * 5)
    result = studio.run(film(attempts=3), providers={"fal": provider})
    assert [failure.message for failure in result.failures] == ["failure 3"]
    assert len(provider.calls) == 3


@pytest.mark.parametrize("kind", ["rejected", "unknown", "local", "bug"])
def test_these_kinds_are_never_tried_again(studio, kind):
    provider = Faltering(kind)
    result = studio.run(film(attempts=3), providers={"fal": provider})
    assert [failure.kind for failure in result.failures] == [kind]
    assert len(provider.calls) == 1


def test_without_retry_there_is_one_attempt(studio):
    provider = Faltering("unavailable")
    assert studio.run(film(), providers={"fal": provider}).status == "failed"
    assert len(provider.calls) == 1


class Paced:
    """Fails always; each call takes `seconds` of a clock of its own."""

    def __init__(self, monkeypatch, stop, seconds=1.0):
        self.now, self.seconds, self.waits, self.calls, self.told = 0.0, seconds, [], 0, []

        async def wait(seconds, _):
            self.waits.append(seconds)
            self.now += seconds
            return stop.requested

        monkeypatch.setattr(attempt, "_stopped_within", wait)

    def pauses(self, stop):
        return attempt.Pauses(stop, lambda *told: self.told.append(told), lambda: self.now)

    async def once(self):
        self.calls += 1
        self.now += self.seconds
        raise NodeError(f"failure {self.calls}", "unavailable")

    def tried(self, stop, **pause):
        options = Options(attempts=6, pause=Pause(**pause))
        with pytest.raises(NodeError, match=f"failure {self.calls or ''}"):
            asyncio.run(attempt.tried(options, self.once, self.pauses(stop)))
        return self.waits


@pytest.mark.parametrize(
    "pause, waits",
    [
        ({}, []),
        ({"delay": 2}, [2, 2, 2, 2, 2]),
        ({"delay": 1, "backoff": 3}, [1, 3, 9, 27, 81]),
        ({"delay": 1800, "backoff": 10}, [1800, 3600, 3600, 3600, 3600]),
        ({"delay": 2, "within": 8}, [2, 2]),
        ({"delay": 2, "within": 0.5}, []),
    ],
)
def test_attempts_wait_as_long_as_the_node_says(monkeypatch, pause, waits):
    stop = Stop()
    paced = Paced(monkeypatch, stop)
    assert paced.tried(stop, **pause) == waits
    assert paced.calls == (6 if not pause else len(waits) + 1)
    assert [(seconds, str(error)) for seconds, error in paced.told] == [
        (seconds, f"failure {i}") for i, seconds in enumerate(waits, 1)
    ]


def test_attempts_that_are_no_more_in_time_are_not_made(monkeypatch):
    stop = Stop()
    paced = Paced(monkeypatch, stop, seconds=4)
    paced.tried(stop, within=10)
    assert paced.calls == 3


def test_a_run_that_is_stopped_waits_no_more():
    stop, calls, options = Stop(), [], Options(attempts=5, pause=Pause(delay=300))

    async def once():
        calls.append("call")
        raise NodeError("no", "unavailable")

    threading.Timer(0.2, stop.request).start()
    began = time.monotonic()
    with pytest.raises(NodeError):
        asyncio.run(attempt.tried(options, once, attempt.Pauses(stop)))
    assert time.monotonic() - began < 60 and len(calls) == 1


def test_an_attempt_comes_after_its_delay(studio):
    provider = Faltering("failed", "failed")
    began = time.monotonic()
    graph = film(attempts=3, pause=Pause(delay=0.1, backoff=2))
    assert studio.run(graph, providers={"fal": provider}).status == "done"
    assert time.monotonic() - began >= 0.3
    told = [event for event in studio.heard if isinstance(event, NodeWaiting)]
    assert [(event.state, event.trouble.split(",")[0]) for event in told] == [
        ("pausing", "tried again in 0.1 s"),
        ("pausing", "tried again in 0.2 s"),
    ]


def test_each_attempt_has_the_whole_time(studio, monkeypatch):
    monkeypatch.setattr(attempt, "GRACE", 0.01)
    deaf = Deaf()
    studio.run(film(timeout=0.05, attempts=3), providers={"fal": deaf})
    assert len(deaf.calls) == 3


class Shop:
    """Sells one clip, after `seconds`."""

    name = "shop"
    limit = 1

    def __init__(self, seconds):
        self.seconds = seconds
        self.dropped = False

    async def buy(self, instance, params, key, stop):
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.dropped = True
            raise
        return PaidResult({"text": "words"}, False, 0.4)


def test_a_purchase_is_waited_for_as_long_as_its_timeout(studio):
    slow = Shop(60)
    result = studio.run(film(timeout=0.05), providers={"fal": slow})
    (failure,) = result.failures
    assert (failure.kind, slow.dropped) == ("failed", True)
    assert "not paid again" in failure.next_step
    assert studio.run(film(timeout=30), providers={"fal": Shop(0)}).status == "done"
