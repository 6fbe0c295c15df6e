"""A project that an earlier version made is gone on with: nothing is made again, nothing is bought again."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from callsheet.emulator import Emulator

TRUST = {"crew.yaml": ("--trust",)}
MEDIA = (".png", ".mp4", ".wav")
SHAPE = "program", "texts", "stamps", "started", "skipped", "finished", "outputs"


def words(film: str) -> tuple[str, ...]:
    return film, *TRUST.get(film, ())


def told(out: str) -> list[Any]:
    """The events of a run with `--output json`."""
    return [json.loads(line) for line in out.splitlines()]


def test_the_plan_of_every_film_says_that_nothing_is_to_be_made(found: Any, provider: Emulator) -> None:
    assert len(found.finished) >= 4
    for film in found.finished:
        plan = found.json("plan", *words(film))
        assert set(plan["counts"]) == {"reuse"}, film
        assert (plan["usd"]["low"], plan["usd"]["high"], plan["usd"]["blocked"]) == (0, 0, 0)
        assert "nothing to make" in found.say("plan", *words(film), "--exit-code")
    assert not provider.requests


def test_a_run_of_every_film_sends_nothing_and_needs_no_key(found: Any, provider: Emulator) -> None:
    for film in found.finished:
        before = sorted(path.name for path in Path("out", film.removesuffix(".yaml")).iterdir())
        events = told(found.say("run", *words(film), "--output", "json"))
        assert (events[0]["event"], events[0]["usd"]) == ("run_started", 0)
        assert (events[-1]["event"], events[-1]["status"]) == ("run_finished", "done")
        assert events[-1]["made"] == 0 and events[-1]["reused"] > 0
        after = {path.name for path in Path("out", film.removesuffix(".yaml")).iterdir()}
        assert after.issuperset(before)
    assert not provider.posts


def test_what_is_in_out_is_moved_and_not_written_anew(found: Any, provider: Emulator) -> None:
    """The archive has whole seconds only, so the manifests are told the times that the files have now."""
    owned: dict[int, str] = {}
    for manifest in Path("out").glob("*/.callsheet.jsonl"):
        entries = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
        for entry in entries:
            file = (manifest.parent / entry["name"]).stat()
            entry["mtime"] = file.st_mtime_ns
            owned[file.st_ino] = entry["sha256"]
        manifest.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    Path("out/story/mine.mp4").write_text("mine")
    for film in found.finished:
        found.say("run", *words(film))
    files = [path for path in Path("out").rglob("[!.]*.*") if path.is_file()]
    assert Path("out/story/mine.mp4").read_text() == "mine"
    parts = {path.stat().st_ino for path in files if path.parent.name == "parts"}
    assert len(parts) > 15 and parts <= owned.keys()
    kept = {
        entry for path in Path("out").rglob(".callsheet.jsonl") for entry in path.read_text().splitlines()
    }
    assert {json.loads(entry).get("sha256") for entry in kept} >= set(owned.values())
    assert not provider.posts


def test_the_same_run_again_is_told_from_a_receipt_of_the_same_form(found: Any, provider: Emulator) -> None:
    folder = found.folder / ".callsheet" / "receipts"
    before = {path: path.read_bytes() for path in folder.iterdir()}
    for text in before.values():
        assert tuple(json.loads(text)) == SHAPE
    first = told(found.say("run", "story.yaml", "--output", "json"))
    written = [path for path in folder.iterdir() if before.get(path) != path.read_bytes()]
    assert [tuple(json.loads(path.read_bytes())) for path in written] == [SHAPE]
    again = told(found.say("run", "story.yaml", "--output", "json"))
    assert again[-1]["outputs"] == first[-1]["outputs"] and again[-1]["reused"] == first[-1]["reused"]


def test_the_locks_agree(found: Any) -> None:
    for film in found.finished:
        said = found.say("lock", *words(film), "--check")
        assert f"and {film} agree" in said
        lock = found.folder / film.replace(".yaml", ".lock.yaml")
        before = lock.read_bytes()
        newer = "today's schema of" in said
        assert newer == (film in ("voices.yaml", "crew.yaml"))  # integers, and servers of Hugging Face
        assert ("unchanged" in found.say("lock", *words(film))) != newer
        assert newer or lock.read_bytes() == before
        assert "unchanged" in found.say("lock", *words(film))


def test_the_runs_and_their_calls_are_listed(found: Any) -> None:
    runs = {run["name"]: (run["status"], run["calls"]) for run in found.json("runs")["runs"]}
    assert runs["story-1"] == ("waiting", 5)
    assert runs["story-2"] == ("done", 5)
    assert runs["killed-1"] == ("killed", 4)
    assert len(runs) == found.rows("SELECT count(*) FROM runs")[0][0]
    for name, (_, calls) in runs.items():
        assert len(found.json("show", name)["attempts"]) == calls
        lines = [json.loads(line) for line in found.say("show", name, "--events").splitlines()]
        assert lines == [] or lines[0]["event"] == "run_started"
    assert "REJECTED" in found.say("show", "story-2")


def test_what_two_runs_differ_in_is_told(found: Any) -> None:
    code, out, err = found.type("diff", "story-1", "story-2")
    assert code in (0, 2) and "clip" in out, err


def test_the_take_that_was_picked_counts(found: Any, provider: Emulator) -> None:
    said = found.say("takes", "story.yaml", 'keyframe["shot1"]')
    assert "#1  seed 7\n" in said and "#2  seed 8  picked\n" in said
    found.say("pick", "story.yaml", 'keyframe["shot2"]', "1")
    assert "nothing to make" in found.say("plan", "story.yaml")


def test_what_was_approved_stays_so_until_it_is_another_result(found: Any) -> None:
    found.say("pick", "story.yaml", 'keyframe["shot2"]', "2")
    steps = {step["address"]: step for step in found.json("plan", "story.yaml")["steps"]}
    assert steps['clip["shot2"]']["action"] == "blocked"
    assert steps['clip["shot1"]']["action"] == "reuse"


def test_every_file_tells_what_made_it_and_the_pipeline_that_makes_it_again(
    found: Any, provider: Emulator
) -> None:
    files = [path for path in sorted(Path("out").glob("*/*")) if path.suffix in MEDIA]
    noted = [path for path in files if not path.name.startswith("takes-")]
    assert len(noted) > 25
    for path in noted:
        assert found.json("origin", str(path))["provenance"]["version"] == found.version
    found.say("origin", "out/story/film.mp4", "-o", "again.yaml")
    assert "nothing to make" in found.say("plan", "again.yaml")


def test_a_saved_plan_is_executed_exactly_and_once(
    found: Any, provider: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_KEY", "any")
    planned = json.loads(Path("plan.json").read_text(encoding="utf-8"))
    events = told(found.say("run", "plan.json", "--yes", "--output", "json"))
    assert events[-1]["made"] == len(planned["steps"]) == len(provider.posts) == 3
    keys = {key for (key,) in found.rows("SELECT key FROM attempts")}
    assert keys.issuperset(step["key"] for step in planned["steps"] if step["key"])
    code, _, err = found.type("run", "plan.json", "--yes", "--output", "quiet")
    assert code == 1 and "out of date" in err
    assert len(provider.posts) == 3


def test_a_plan_that_was_executed_stays_so(found: Any) -> None:
    code, _, err = found.type("run", "executed.json", "--yes", "--output", "quiet")
    assert code == 1 and "speech-02-hd is another in the catalogue" in err


def test_a_plan_is_refused_when_its_film_changed(found: Any, provider: Emulator) -> None:
    film = Path("planned.yaml")
    film.write_text(film.read_text(encoding="utf-8").replace("in the rain", "in the sun"), encoding="utf-8")
    code, _, err = found.type("run", "plan.json", "--yes", "--output", "quiet")
    assert code == 1 and "out of date" in err and "planned.yaml changed" in err
    assert not provider.posts


def test_what_the_shared_store_has_is_not_bought(found: Any, provider: Emulator) -> None:
    shutil.rmtree(".callsheet")
    shutil.rmtree("out")
    assert "nothing to make" in found.say("plan", "shared.yaml", "--store", "store")
    events = told(found.say("run", "shared.yaml", "--store", "store", "--output", "json"))
    assert events[-1]["status"] == "done" and not provider.requests
    assert Path("out/shared/clip.mp4").is_file()


def test_every_stored_file_is_whole(found: Any) -> None:
    found.say("cache", "verify")
    found.say("cache", "verify", "--store", "store")


def test_a_preview_is_drawn_anew_and_then_taken_from_its_own_store(found: Any) -> None:
    """Previews cost nothing: a version that draws better draws them again."""
    for expected in ((2, 0), (0, 2)):
        events = told(found.say("run", "preview.yaml", "--preview", "--output", "json"))
        assert (events[-1]["made"], events[-1]["reused"]) == expected


def test_a_lock_of_version_1_is_rewritten_by_a_decision_and_loses_nothing(
    found: Any, provider: Emulator
) -> None:
    for film in found.finished:
        path = found.folder / film.replace(".yaml", ".lock.yaml")
        before = path.read_text(encoding="utf-8")
        assert "\nlock: 1\n" in before
        plan = found.json("plan", *words(film))
        local = ("media/", "text/split", "text/shots", "./")
        paid = [step["address"] for step in plan["steps"] if not step["uses"].startswith(local)]
        bases = [address for address in paid if "#" not in address]
        if not bases:
            continue
        found.say("retake", *words(film), bases[0])
        after = path.read_text(encoding="utf-8")
        assert ("\nlock: 2\n" in after and f"takes: '{bases[0]}'" in after) or f"takes: {bases[0]}," in after
        keys = re.findall(r"key: ([0-9a-f]{64})", before)
        assert keys and all(key in after for key in keys)
        again = found.json("plan", *words(film))
        assert [step["reason"] for step in again["steps"] if step["action"] == "make"] == ["new take"]
    assert not provider.posts
