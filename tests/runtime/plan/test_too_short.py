"""A cut that shows more than a shot has: the plan and `diff` say so, with the price of a longer one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import callsheet as api
from callsheet.emulator import Emulator
from tests.conftest import Typed

FILM = """
callsheet: 1
name: harbour
nodes:
  clip:
    uses: MODEL
    with: {prompt: a harbour, duration: SECONDS}
  film: {uses: media/timeline, with: {cut: ./film.cut.otio}}
outputs: {film: "${{ film.video }}"}
"""
MODEL = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"


def cut(frames: int, speed: float = 1.0) -> None:
    """A cut that shows so many frames of the clip, at 24 a second."""

    def time(value: float) -> dict[str, Any]:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": value}

    span = {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(0), "duration": time(frames)}
    warp = [{"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": speed}] if speed != 1 else []
    mark = {"callsheet": {"conformed": {"address": "clip", "output": "video"}}}
    clip = {"OTIO_SCHEMA": "Clip.2", "name": "x", "source_range": span, "effects": warp, "metadata": mark}
    track = {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [clip]}
    timeline = {"OTIO_SCHEMA": "Timeline.1", "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [track]}}
    Path("film.cut.otio").write_text(json.dumps(timeline), encoding="utf-8")


def write(seconds: int = 5, model: str = MODEL) -> None:
    text = FILM.replace("MODEL", model).replace("SECONDS", f'"{seconds}"')
    Path("film.yaml").write_text(text, encoding="utf-8")


def told(callsheet: Typed) -> list[dict[str, Any]]:
    code, out, err = callsheet("plan", "film.yaml", "--json")
    assert code == 0, err
    found: list[dict[str, Any]] = json.loads(out).get("too_short", [])
    return found


def test_before_anything_is_bought(callsheet: Typed) -> None:
    write()
    cut(7 * 24)
    (shot,) = told(callsheet)
    assert (shot["address"], shot["seconds"], shot["shown"]) == ("clip", 5.0, 7.0)
    assert (shot["parameter"], shot["value"]) == ("duration", "10")
    assert shot["usd"] == pytest.approx(2 * shot["now_usd"])
    _, out, _ = callsheet("plan", "film.yaml")
    assert "! clip is 5.00 s long, and the cut shows it up to 7.00 s" in out
    assert "with duration: 10 it costs $0.70 (as it is: $0.35)" in out


@pytest.mark.parametrize(("frames", "speed"), [(5 * 24, 1.0), (4 * 24, 1.2), (5 * 24 + 1, 1.0)])
def test_what_is_long_enough_is_not_said(callsheet: Typed, frames: int, speed: float) -> None:
    write()
    cut(frames, speed)
    assert told(callsheet) == []


def test_a_speed_takes_more_of_it(callsheet: Typed) -> None:
    write()
    cut(4 * 24, 2.0)
    (shot,) = told(callsheet)
    assert shot["shown"] == 8.0


def test_what_no_value_reaches(callsheet: Typed) -> None:
    write(10)
    cut(12 * 24)
    (shot,) = told(callsheet)
    assert (shot["parameter"], shot["value"], shot["usd"]) == ("duration", None, None)
    assert "duration cannot be that long, or trim the clip" in callsheet("plan", "film.yaml")[1]


def test_what_is_bought_is_measured(callsheet: Typed, seller: Emulator) -> None:
    """The result that is here counts, not what was expected of it."""
    write()
    cut(24)
    assert api.run("film.yaml", confirm=True).status == "done"
    assert told(callsheet) == []
    cut(20 * 24)
    (shot,) = told(callsheet)
    assert shot["seconds"] < 20


def test_diff_says_it_where_the_trim_grew(callsheet: Typed) -> None:
    write()
    Path("old").mkdir()
    for folder, frames in (("old", 24), (".", 7 * 24)):
        cut(frames)
        if folder == "old":
            Path("film.cut.otio").rename("old/film.cut.otio")
            Path("old/film.yaml").write_text(Path("film.yaml").read_text())
    code, out, _ = callsheet("diff", "old/film.yaml", "film.yaml")
    assert code == 0 and "! clip is 5.00 s long, and the cut shows it up to 7.00 s" in out
    assert "too_short" not in json.loads(callsheet("diff", "film.yaml", "old/film.yaml", "-f", "json")[1])


def test_a_timeline_by_hand_may_hold_a_picture(callsheet: Typed) -> None:
    by_hand = FILM.replace("cut: ./film.cut.otio", 'clips: [{video: "${{ clip.video }}", seconds: 9}]')
    Path("film.yaml").write_text(by_hand.replace("MODEL", MODEL).replace("SECONDS", '"5"'))
    assert told(callsheet) == []
