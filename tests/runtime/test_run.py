"""Whole runs with a fake provider: order, failures, reuse, what is left behind."""

import asyncio
import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from callsheet.errors import InputError, NodeError
from callsheet.runtime.events import (
    NodeBlocked,
    NodeFailed,
    NodeFinished,
    NodeProgress,
    NodeSkipped,
    NodeStarted,
    RunFinished,
    RunReused,
    RunStarted,
)
from callsheet.runtime.execute.executor import EVERY
from callsheet.runtime.workspace import Workspace
from callsheet.spec.node import Made
from callsheet.spec.types import IMAGE, INTEGER, NUMBER, STRING, Field
from callsheet.spec.values import Deferred, Ref, SecretName
from callsheet.testing.fakes import FakeProvider, fake_graph, fake_instance, fake_spec

CLIP = fake_spec("fake/video")
KEYS = [f"shot{i}" for i in range(6)]


def test_a_run_makes_everything_after_what_it_needs(studio, storyboard):
    graph = storyboard(KEYS)
    result = studio.run(graph)
    assert (result.status, result.exit_code) == ("done", 0)
    assert sorted(studio.provider.calls) == sorted(graph.instances)
    ended = set()
    for event in studio.heard:
        if isinstance(event, NodeStarted):
            assert set(graph.instances[event.address].needs) <= ended
        if isinstance(event, NodeFinished):
            ended.add(event.address)


def test_the_stream_begins_and_ends_as_promised(studio, storyboard):
    studio.run(replace(storyboard(), skipped=("extra",)))
    first, second, *_, last = studio.heard
    assert replace(first, instances=()) == RunStarted("lighthouse", "film.yaml", "preview", 5, 0.0, 4)
    assert [(one.node, one.action) for one in first.instances[:2]] == [("keyframe", "make"), ("clip", "make")]
    assert [event.number for event in studio.heard] == list(range(1, len(studio.heard) + 1))
    assert {event.run for event in studio.heard} == {"lighthouse"} and last.time >= first.time > 1.7e9
    assert second == NodeSkipped("extra")
    assert isinstance(last, RunFinished)
    assert last.outputs == {"film": "out/lighthouse/preview/film.mp4"}
    assert (last.made, last.reused, last.failed, last.blocked, last.not_started) == (5, 0, 0, 0, 0)


def test_a_provider_is_never_asked_for_more_than_it_takes(studio, storyboard):
    studio.provider = FakeProvider(limit=2, seconds=0.02)
    studio.run(storyboard(KEYS))
    assert studio.provider.most == 2


def test_what_is_ready_does_not_wait_for_its_siblings(studio, storyboard):
    """Each keyframe waits until all of them are at work: with fewer at once it would never end."""
    meeting = asyncio.Barrier(len(KEYS))

    async def perform(self, job):
        if job.address.startswith("keyframe"):
            async with asyncio.timeout(20):
                await meeting.wait()
        return await FakeProvider().perform(job)

    studio.provider = FakeProvider(limit=len(KEYS))
    studio.provider.perform = perform.__get__(studio.provider)
    assert studio.run(storyboard(KEYS)).status == "done"


def test_one_failure_leaves_its_siblings_alone(studio, storyboard):
    studio.provider.failing = {'clip["shot1"]': "the prompt was refused"}
    result = studio.run(storyboard(KEYS))
    assert (result.status, result.exit_code, result.outputs) == ("failed", 1, {})
    (failed,) = studio.of(NodeFailed)
    assert (failed.address, failed.kind, failed.message) == (
        'clip["shot1"]',
        "failed",
        "the prompt was refused",
    )
    assert studio.of(NodeBlocked) == [NodeBlocked("join", 'clip["shot1"]')]
    assert len(studio.of(NodeFinished)) == 2 * len(KEYS) - 1
    assert Path("out/lighthouse/preview/parts/clip-shot0.mp4").exists()


def test_the_next_run_takes_up_what_is_missing(studio, storyboard):
    studio.provider.failing = {'clip["shot1"]': "busy"}
    studio.run(storyboard(KEYS))
    studio.provider.failing = {}
    assert studio.run(storyboard(KEYS)).status == "done"
    assert studio.provider.calls == ['clip["shot1"]', "join"]


def test_an_unexpected_error_is_a_report_not_a_crash(studio, storyboard, monkeypatch):
    monkeypatch.setenv("FAL_KEY", "fal-secret-123456")
    monkeypatch.setenv("MY_PIN", "pin-987654")
    error = ZeroDivisionError(f"fal-secret-123456 and pin-987654 in {Path.home()}/film")
    studio.provider.failing = {"clip": error}
    secret = {"key": SecretName("MY_PIN")}
    graph = fake_graph([fake_instance("clip", CLIP, secret), fake_instance("other", CLIP)])
    result = studio.run(graph)
    assert result.exit_code == 3
    (failed,) = studio.of(NodeFailed)
    assert failed.kind == "bug"
    assert "ZeroDivisionError: *** and *** in ~/film" in failed.report
    assert "callsheet/testing/fakes.py" in failed.report
    assert "Python" in failed.report
    assert str(Path.cwd()) not in failed.report
    assert [e.address for e in studio.of(NodeFinished)] == ["other"]


def test_a_result_that_was_not_promised_is_a_failure(studio, monkeypatch):
    async def perform(self, job):
        (job.workdir / "a.png").write_bytes(b"image x")
        return {"video": Made("image", job.workdir / "a.png")}

    monkeypatch.setattr(FakeProvider, "perform", perform)
    studio.run(fake_graph([fake_instance("clip", CLIP)]))
    (failed,) = studio.of(NodeFailed)
    assert (failed.kind, failed.message) == ("failed", "the output video should be video, but image came")


def test_a_value_that_did_not_come_fails_the_one_that_needs_it(studio):
    spec = fake_spec(inputs={"n": Field(INTEGER, required=True)})
    many = fake_instance("many", fake_spec("fake/n", {"n": INTEGER}))
    graph = fake_graph([many, fake_instance("clip", spec, {"n": Ref("many", ("m",))})])
    studio.run(graph)
    (failed,) = studio.of(NodeFailed)
    assert (failed.address, failed.message) == ("clip", "nothing came for its parameter n")


def test_the_same_is_not_made_again(studio, storyboard):
    studio.run(storyboard(KEYS))
    before = Path("out/lighthouse/preview/film.mp4").stat().st_ino
    result = studio.run(storyboard(KEYS))
    assert studio.provider.calls == []
    assert all(studio.done().values())
    (reused,) = studio.of(RunReused)
    assert reused.count == len(reused.files) == 2 * len(KEYS) + 1
    assert reused.nodes == {"keyframe": len(KEYS), "clip": len(KEYS), "join": 1}
    assert result.outputs == {"film": Path("out/lighthouse/preview/film.mp4")}
    assert Path("out/lighthouse/preview/film.mp4").stat().st_ino == before


def test_only_what_changed_and_what_it_reaches_is_made_again(studio):
    prompt = {"prompt": Field(STRING)}
    spec = fake_spec("fake/image", {"image": IMAGE}, prompt)
    upscale = fake_spec("fake/upscale", {"image": IMAGE}, {"of": Field(IMAGE)})

    def graph(words):
        a, b = (fake_instance(n, spec, {"prompt": w}) for n, w in zip("ab", words, strict=True))
        ups = [fake_instance(f"{n}2", upscale, {"of": Ref(n, ("image",))}) for n in "ab"]
        return fake_graph([a, b, *ups])

    async def perform(self, job):
        self.calls.append(job.address)
        path = job.workdir / "x.png"
        path.write_text("image " + str(job.params.get("prompt") or job.params["of"].digest).lower())
        return {"image": Made("image", path)}

    studio.provider.perform = perform.__get__(studio.provider)
    studio.run(graph(["dawn", "dusk"]))
    studio.run(graph(["dawn", "noon"]))
    assert studio.provider.calls == ["b", "b2"]
    studio.run(graph(["dawn", "NOON"]))
    assert studio.provider.calls == ["b"], "the same bytes came, so the change ends there"


def test_a_new_renderer_or_a_deleted_cache_makes_it_again(studio, storyboard):
    studio.run(storyboard())
    studio.provider.version = "2"
    studio.run(storyboard())
    assert len(studio.provider.calls) == 5
    Path(".callsheet/preview/cache.db").unlink()
    studio.run(storyboard())
    assert len(studio.provider.calls) == 5


def test_previews_do_not_stand_in_for_real_results(studio, storyboard):
    studio.run(storyboard(), preview=True)
    studio.run(storyboard(), preview=False)
    assert len(studio.provider.calls) == 5
    assert Path(".callsheet/blobs").is_dir()
    assert Path(".callsheet/preview/blobs").is_dir()


def test_work_folders_are_gone(studio, storyboard):
    studio.provider.failing = {'clip["dawn"]': "no", 'clip["storm"]': KeyError("x")}
    studio.run(storyboard())
    assert list(Path(".callsheet/preview/work").iterdir()) == []


@pytest.mark.parametrize(
    "only, made", [(['clip["dawn"]'], 2), (["clip"], 4), (["join"], 5), (["keyframe", "clip"], 4)]
)
def test_only_makes_a_part_with_what_it_needs(studio, storyboard, only, made):
    result = studio.run(storyboard(), only=only)
    assert len(studio.provider.calls) == made
    assert bool(result.outputs) == (only == ["join"])


def test_only_leaves_the_rest_of_out_alone(studio, storyboard):
    studio.run(storyboard())
    studio.run(storyboard(), only=["keyframe"])
    assert Path("out/lighthouse/preview/film.mp4").exists()


def test_only_with_an_unknown_name_makes_a_suggestion(studio, storyboard):
    with pytest.raises(InputError, match="no node or instance clp") as caught:
        studio.run(storyboard(), only=["clp"])
    assert "did you mean clip" in caught.value.next_step
    assert studio.provider.calls == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_stops_the_run_and_leaves_nothing_half_written(studio, storyboard, monkeypatch, code):
    full = 3
    write = os.write

    def filling(descriptor, data):
        nonlocal full
        if len(data) > 100 or os.fstat(descriptor).st_size:
            return write(descriptor, data)
        full -= 1
        if full < 0:
            raise OSError(code, os.strerror(code))
        return write(descriptor, data)

    monkeypatch.setattr("callsheet.runtime.store.atomic.os.write", filling)
    studio.provider.limit = 1
    result = studio.run(storyboard(KEYS))
    assert (result.status, result.exit_code) == ("failed", 3)
    assert "disk is full" in result.error.message
    last = studio.heard[-1]
    assert last.event == "run_finished"
    assert "disk is full" in last.message
    assert last.not_started > 0
    monkeypatch.undo()
    assert not [p for p in Path().rglob("*") if p.name.startswith(".callsheet-")]


def test_a_full_disk_under_a_job_is_told_as_such(studio):
    studio.provider.failing = {"clip": OSError(errno.ENOSPC, "No space left on device")}
    result = studio.run(fake_graph([fake_instance("clip", CLIP)]))
    assert result.exit_code == 3
    assert "disk is full" in studio.of(NodeFailed)[0].message


def test_an_output_that_cannot_be_computed_is_told(studio):
    def refuse(_):
        raise NodeError("there is no third take", "failed")

    outputs = {"film": Deferred((), refuse), "clip": Ref("clip", ("video",))}
    result = studio.run(fake_graph([fake_instance("clip", CLIP)], outputs))
    assert (result.status, result.exit_code) == ("failed", 1)
    assert result.error.message == "the output film could not be made: there is no third take"
    assert list(result.outputs) == ["clip"]


def test_progress_is_told_in_measure(studio):
    studio.provider = FakeProvider(seconds=0.3)
    studio.run(fake_graph([fake_instance("clip", CLIP)]))
    fractions = [event.fraction for event in studio.of(NodeProgress)]
    assert fractions == sorted(fractions)
    (finished,) = studio.of(NodeFinished)
    assert 2 <= len(fractions) <= 2 + finished.seconds / EVERY
    assert studio.names()[-2:] == ["node_finished", "run_finished"]


def test_progress_beyond_measure_is_passed_over(studio, monkeypatch):
    async def perform(self, job):
        for fraction in (float("nan"), -1.0, 2.0, float("inf")):
            job.progress(fraction)
        return await FakeProvider().perform(job)

    monkeypatch.setattr(studio.provider, "perform", perform.__get__(studio.provider))
    assert studio.run(fake_graph([fake_instance("clip", CLIP)])).status == "done"
    assert studio.of(NodeProgress) == []


def test_a_view_that_breaks_does_not_stop_the_run(studio, storyboard, caplog):
    def emit(event):
        if event.event == "node_finished":
            raise ConnectionError("the socket is closed")

    from callsheet.testing.fakes import run_with

    makers = {"fal": studio.provider, "local": studio.provider}
    result = run_with(makers, storyboard(KEYS), emit=emit)
    assert result.status == "done" and len(studio.provider.calls) == 13
    said = "what shows the run failed at node_finished (ConnectionError: the socket is closed)"
    assert [note for note in result.notes if note.startswith(said)] == [f"{said}; the run went on"]
    assert [record.name for record in caplog.records if "what shows the run failed" in record.message] == [
        "callsheet"
    ]


def test_a_run_writes_to_the_logger_of_callsheet(studio, storyboard, caplog):
    with caplog.at_level("INFO", logger="callsheet"):
        studio.run(storyboard())
    texts = [record.message for record in caplog.records if record.name == "callsheet"]
    assert "begins, 5 instances" in texts[0] and "done, 5 made" in texts[-1]
    assert sum(" is made by " in text for text in texts) == 5


def test_paths_outside_the_folder_are_whole(studio, storyboard, tmp_path_factory):
    out = tmp_path_factory.mktemp("elsewhere")
    studio.run(storyboard(), out=out)
    assert studio.heard[-1].outputs == {"film": str(out / "lighthouse/preview/film.mp4")}


def test_a_graph_of_nothing_is_done(studio):
    assert studio.run(fake_graph([])).status == "done"
    assert studio.names() == ["run_started", "run_finished"]


def test_a_provider_that_is_missing_is_an_input_error(studio, storyboard):
    with pytest.raises(InputError, match="no provider local"):
        studio.run(storyboard(), providers={"fal": studio.provider})
    assert studio.heard == []
    assert studio.provider.calls == []


def test_a_key_that_is_missing_leaves_nothing_behind(studio, storyboard):
    with pytest.raises(InputError, match="FAL_KEY is not set"):
        studio.run(storyboard(), preview=False, providers=None)
    assert list(Path().iterdir()) == []


def test_an_instance_that_is_skipped_cannot_be_asked_for(studio, storyboard):
    with pytest.raises(InputError, match="extra is not made: its when is false"):
        studio.run(replace(storyboard(), skipped=("extra",)), only=["extra"])


def test_a_job_that_cancels_itself_is_a_bug_not_a_run_without_end(studio):
    async def perform(self, job):
        self.calls.append(job.address)
        raise asyncio.CancelledError

    studio.provider.perform = perform.__get__(studio.provider)
    studio.run(fake_graph([fake_instance("clip", CLIP), fake_instance("film", CLIP, needs=["clip"])]))
    (failed,) = studio.of(NodeFailed)
    assert (failed.address, failed.kind) == ("clip", "bug")
    assert studio.of(NodeBlocked) == [NodeBlocked("film", "clip")]


KINDS = ["rejected", "unavailable", "failed", "unknown", "local", "bug"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_failure_keeps_its_kind_its_words_and_its_advice(studio, kind):
    studio.provider.failing = {"clip": NodeError("no", kind, "change it")}
    result = studio.run(fake_graph([fake_instance("clip", CLIP), fake_instance("other", CLIP)]))
    (failed,) = studio.of(NodeFailed)
    assert (failed.kind, failed.message, failed.next_step) == (kind, "no", "change it")
    assert result.exit_code == (3 if kind == "bug" else 1)
    assert [event.address for event in studio.of(NodeFinished)] == ["other"]


def test_blocked_far_away_names_the_one_that_failed(studio):
    chain = [fake_instance(f"n{i}", CLIP, needs=[f"n{i - 1}"] if i else []) for i in range(4)]
    studio.provider.failing = {"n1": "no"}
    studio.run(fake_graph(chain))
    assert studio.of(NodeBlocked) == [NodeBlocked("n2", "n1"), NodeBlocked("n3", "n1")]
    last = studio.heard[-1]
    assert (last.made, last.failed, last.blocked, last.not_started) == (1, 1, 2, 0)


def test_facts_of_what_was_made_flow_into_parameters(studio):
    spec = fake_spec("fake/cut", inputs={"seconds": Field(NUMBER, required=True)})
    half = Deferred(
        (Ref("clip", ("video", "seconds")),), lambda look: look(Ref("clip", ("video", "seconds"))) / 2
    )
    seen = {}

    async def perform(self, job):
        seen[job.address] = job.params.get("seconds")
        return await FakeProvider().perform(job)

    studio.provider.perform = perform.__get__(studio.provider)
    cut = fake_instance("cut", spec, {"seconds": Ref("clip", ("video", "seconds"))})
    halved = fake_instance("halved", spec, {"seconds": half}, ["clip"])
    assert studio.run(fake_graph([fake_instance("clip", CLIP), cut, halved])).status == "done"
    assert seen == {"clip": None, "cut": 2.0, "halved": 1.0}


def test_the_same_pipeline_leaves_the_same_bytes(studio, storyboard):
    def left():
        files = (path for path in Path("out/lighthouse/preview").rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in files}

    studio.run(storyboard())
    first = left()
    studio.provider = FakeProvider(limit=1)
    studio.run(storyboard(), workspace=Workspace(state=Path("elsewhere")))
    assert left() == first


def test_the_manifest_names_what_is_there(studio, storyboard):
    studio.run(storyboard())
    for folder in (Path("out/lighthouse/preview"), Path("out/lighthouse/preview/parts")):
        lines = (folder / ".callsheet.jsonl").read_text().splitlines()
        names = {entry["name"] for entry in map(json.loads, lines) if "name" in entry}
        assert names == {p.name for p in folder.glob("[!.]*.*")}


def test_fakes_that_ship_are_enough_to_test_a_pipeline(in_folder, storyboard):
    from callsheet.testing.fakes import FakeInspector, run_with

    fake = FakeProvider(failing={'clip["dawn"]': "refused"})
    result = run_with({"fal": fake, "local": fake}, storyboard(), Workspace(inspector=FakeInspector()))
    assert [failure.address for failure in result.failures] == ['clip["dawn"]']
