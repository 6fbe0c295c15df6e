"""A cut that a timeline names: what its clips and sounds become, and what it may not name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import callsheet as api
from callsheet.dsl.cuts.clips import reference
from callsheet.dsl.cuts.otio import edit_of, exact
from callsheet.spec.values import LocalFile, Ref

FILM = """
callsheet: 1
name: harbour
axes: {shot: {over: [dawn, "a\\"b"], key: "${{ shot }}"}}
nodes:
  clip: {each: shot, uses: fal-ai/kolors, with: {prompt: "${{ shot }}"}}
  song: {uses: media/extract_audio, with: {video: ./own.mp4}}
  film:
    uses: media/timeline
    with: {cut: ./film.cut.otio, sounds: [{audio: "${{ song.audio }}"}]}
outputs: {film: "${{ film.video }}"}
"""
Shown = Callable[..., dict[str, Any]]
OWN = {"file": "./own.mp4"}
DAWN = {"address": 'clip["dawn"]', "output": "images[0]"}


def time(value: float, rate: float = 24) -> dict[str, float]:
    return {"value": value, "rate": rate}


def clip(mark: dict[str, str], start: float = 0, frames: float = 24, **more: object) -> dict[str, Any]:
    """A clip of a timeline that `conform` marked."""
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": "x",
        "metadata": {"callsheet": {"conformed": mark}},
        "source_range": {"start_time": time(start), "duration": time(frames)},
        **more,
    }


def track(*children: object, kind: str = "Video", **more: object) -> dict[str, object]:
    return {"OTIO_SCHEMA": "Track.1", "kind": kind, "children": list(children), **more}


def timeline(*tracks: object) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Timeline.1", "tracks": {"children": list(tracks)}}


@pytest.fixture
def shown(in_folder: Path) -> Shown:
    """What the node `film` gets from these tracks."""
    Path("own.mp4").write_bytes(
        Path(__file__).parents[3].joinpath("callsheet/recipes/samples/clip.mp4").read_bytes()
    )
    Path("film.yaml").write_text(FILM, encoding="utf-8")

    def params(*tracks: object) -> dict[str, Any]:
        Path("film.cut.otio").write_text(json.dumps(timeline(*tracks)), encoding="utf-8")
        return dict(api.load("film.yaml").instances["film"].params)

    return params


def test_clips_of_shots_and_of_files(shown: Shown) -> None:
    quoted = {"address": 'clip["a\\"b"]', "output": "images[0]"}
    found = shown(track(clip(DAWN, 12), clip(quoted), clip(OWN, 6, 12)))
    assert found["clips"][0] == {
        "video": Ref('clip["dawn"]', ("images", 0)), "start": 0.5, "seconds": 1.0,
    }  # fmt: skip
    assert found["clips"][1]["video"] == Ref('clip["a\\"b"]', ("images", 0))
    assert isinstance(found["clips"][2]["video"], LocalFile) and "at" not in found["clips"][2]
    assert found["fps"] == 24.0 and "cut" not in found


def test_gaps_and_what_is_off_keep_their_place(shown: Shown) -> None:
    gap = {"OTIO_SCHEMA": "Gap.1", "source_range": {"duration": time(12)}}
    low = track(gap, clip(DAWN, enabled=False), clip(DAWN))
    found = shown(low, track(clip(OWN), enabled=False), track(clip(OWN, 0, 6)))
    assert [(c.get("at"), c.get("track")) for c in found["clips"]] == [(1.5, None), (None, 2)]


def test_sounds_of_the_clips_and_others(shown: Shown) -> None:
    """A clip is heard where its own sound is under it; other sounds are laid where they are."""
    sounds = track(clip(OWN), clip(OWN, 12, 6), kind="Audio")
    found = shown(track(clip(OWN), clip(OWN, 0, 24)), sounds)
    assert [c.get("mute") for c in found["clips"]] == [None, True]
    assert [s.get("at") for s in found["sounds"]] == [None, 1.0], "the sounds of the file stay"
    assert found["sounds"][1]["start"] == 0.5 and found["sounds"][1]["seconds"] == 0.25
    without = shown(track(clip(OWN)))
    assert "mute" not in without["clips"][0] and len(without["sounds"]) == 1


def test_a_medium_whose_clock_begins_elsewhere(shown: Shown) -> None:
    media = {"available_range": {"start_time": time(90_000, 25), "duration": time(250, 25)}}
    more = {"media_references": {"a": media}, "active_media_reference_key": "a"}
    found = shown(track(clip(OWN), {**clip(OWN), **more, "source_range": {
        "start_time": time(90_050, 25), "duration": time(25, 25)}}))  # fmt: skip
    assert found["clips"][1]["start"] == 2.0 and found["clips"][1]["seconds"] == 1.0


def test_rates_that_are_no_whole_numbers() -> None:
    children = [clip({}, 0, 1) for _ in range(1000)]
    for child in children:
        child["source_range"]["duration"]["rate"] = 23.976
    edit = edit_of(timeline(track(*children)))
    assert edit.rate == exact(23.976) and [c.at for c in edit.clips] == [*range(1000)]


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ({"file": "../../../etc/hostname"}, "lies outside the project"),
        ({"file": "/etc/hostname"}, "lies outside the project"),
        ({"file": ".env"}, "begins with a dot"),
        ({"file": "gone.mp4"}, "there is no file"),
        ({"address": "film", "output": "video"}, "film"),
        ({"address": 'clip["x"]', "output": "video"}, "has none of the shots"),
        ({"address": "nothing", "output": "video"}, "has none of the shots"),
        ({"address": "env.HOME }} ${{ x", "output": "video"}, "does not say which shot"),
        ({"address": 'board/clip["dawn"]', "output": "video"}, "does not say which shot"),
        ({"address": "song", "output": "__class__.x"}, "does not say which shot"),
        ({"address": 7}, "does not say which shot"),
    ],
)
def test_what_a_cut_may_not_name(shown: Shown, mark: dict[str, str], said: str) -> None:
    Path(".env").write_text("KEY=1", encoding="utf-8")
    with pytest.raises(api.PipelineError) as caught:
        shown(track(clip(mark)))
    found = caught.value.errors
    assert any(said in d.message for d in found), [d.message for d in found]
    found = caught.value.diagnostics
    assert any(d.span.source.path.name == "film.cut.otio" for d in found) or mark.get("address") == "film"


def test_references_to_instances() -> None:
    assert reference('clip["a", "b"]', "video") == '${{ clip["a"]["b"].video }}'
    assert reference('board/clip["a"]', "video") == ""
