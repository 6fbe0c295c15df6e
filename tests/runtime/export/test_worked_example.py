"""The worked example of docs/editors.md, typed: handed over, edited, taken back, and one shot made again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import av
import pytest

from callsheet.nodes.media.tags.mp4_timecode import start_code

EXAMPLE = Path(__file__).parents[3] / "examples/handover/film.yaml"
PLACE = Path("out/handover/handover")
Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(seller: Any, callsheet: Typed) -> Typed:
    """Types a command that has to succeed; the example is in the current folder, and made."""
    text = EXAMPLE.read_text(encoding="utf-8")
    Path("film.yaml").write_text(text, encoding="utf-8")
    Path("callsheet.toml").touch()

    def type_it(*words: str) -> tuple[int, str, str]:
        found = callsheet(*words)
        assert found[0] == 0, found
        return found

    type_it("run", "film.yaml", "--yes")
    return type_it


def frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def clips(timeline: Any) -> list[Any]:
    track = timeline["tracks"]["children"][0]["children"]
    return [item for item in track if item["OTIO_SCHEMA"].startswith("Clip")]


def edited() -> int:
    """As an editing program: the lights come first, and of the window the first half is left. How many frames
    the edit has."""
    timeline = json.loads((PLACE / "handover.otio").read_text(encoding="utf-8"))
    ramp, deck, window, lights = clips(timeline)
    window["source_range"]["duration"]["value"] //= 2
    timeline["tracks"]["children"][0]["children"] = [lights, ramp, deck, window]
    Path("edited.otio").write_text(json.dumps(timeline), encoding="utf-8")
    return sum(int(clip["source_range"]["duration"]["value"]) for clip in clips(timeline))


def with_the_cut(text: str) -> str:
    """The pipeline, with the edit of a person in the place of its own."""
    before, after = text.split("    uses: media/concat\n")
    shown = after.replace('with: {videos: "${{ part.video }}"}', "with: {cut: ./film.cut.otio}", 1)
    return f"{before}    uses: media/timeline\n{shown}"


def test_handed_over_edited_and_one_shot_made_again(typed: Typed) -> None:
    _, out, _ = typed("export", "film.yaml", "--for", "resolve")
    assert [Path(line).name for line in out.splitlines()[:3]] == ["handover.otio", "shots.html", "README.txt"]
    names = sorted(path.name for path in (PLACE / "media").glob("[!.]*"))
    assert names == [
        "clip-deck.mp4", "clip-lights.mp4", "clip-ramp.mp4", "clip-window.mp4",
        "handover-dialogue.wav", "handover-music.wav", "handover.mp4",
    ]  # fmt: skip
    whole = clips(json.loads((PLACE / "handover.otio").read_text(encoding="utf-8")))[0]
    code = start_code(PLACE / "media/clip-ramp.mp4")
    assert code and whole["source_range"]["start_time"]["value"] == code.frame + code.rate / 2
    length = edited()
    typed("conform", "edited.otio", "film.yaml")
    text = with_the_cut(Path("film.yaml").read_text(encoding="utf-8"))
    Path("film.yaml").write_text(text, encoding="utf-8")
    typed("run", "film.yaml", "--yes")
    assert frames(Path("out/handover/film.mp4")) == length
    Path("film.yaml").write_text(text.replace("walks alone", "runs"), encoding="utf-8")
    typed("run", "film.yaml", "--yes")
    _, out, _ = typed("export", "film.yaml", "--for", "resolve")
    assert out.splitlines()[-1] == (
        "changed since the last time, so link again: "
        "handover.mp4, clip-deck.mp4, handover-dialogue.wav, handover-music.wav"
    )
    typed("retake", "film.yaml", 'clip["deck"]')
    typed("run", "film.yaml", "--yes")
    typed("pick", "film.yaml", 'clip["deck"]', "2")
    typed("run", "film.yaml", "--yes")
    _, out, _ = typed("export", "film.yaml", "--for", "resolve")
    assert (PLACE / "media/clip-deck-take2.mp4").is_file()
    assert out.splitlines()[-1] == "not in the edit any more, so removed: clip-deck.mp4"


def test_the_same_through_xml(typed: Typed) -> None:
    """As Premiere: the last clip is shortened by half."""
    typed("export", "film.yaml", "--for", "premiere")
    text = (PLACE / "handover.xml").read_text(encoding="utf-8")
    root = xml.fromstring(text.split("<!DOCTYPE xmeml>")[1])
    last = root.findall(".//video/track/clipitem")[-1]
    at, end, out = (int(last.findtext(name) or 0) for name in ("start", "end", "out"))
    for name, value in (("end", end - (end - at) // 2), ("out", out - (end - at) // 2)):
        element = last.find(name)
        assert element is not None
        element.text = str(value)
    Path("edited.xml").write_text(xml.tostring(root, encoding="unicode"), encoding="utf-8")
    _, said, _ = typed("conform", "edited.xml", "film.yaml")
    assert said.splitlines()[0] == "film.cut.otio: 4 clips of shots", "its stems are no sounds of others"
    before = frames(Path("out/handover/film.mp4"))
    Path("film.yaml").write_text(with_the_cut(Path("film.yaml").read_text("utf-8")), encoding="utf-8")
    typed("run", "film.yaml", "--yes")
    assert frames(Path("out/handover/film.mp4")) == before - (end - at) // 2
