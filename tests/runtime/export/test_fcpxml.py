"""FCPXML: a golden storyline, the order of Apple's DTD, and what OpenTimelineIO's adapter reads."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.runtime.export.cut import EditClip, EditCut, Marker, Medium, Origin, Stem
from callsheet.runtime.export.fcpxml import as_fcpxml, left_out
from callsheet.runtime.export.markers import markers
from callsheet.runtime.export.read_cut import placed

NTSC = Fraction(30_000, 1001)
DAWN = Medium("a1b2c3d4" * 8, Path("x"), "clip dawn.mp4", Fraction(24), 96, True, 24 * 7210, size=(1280, 720))
DUSK = Medium("0f0e0d0c" * 8, Path("y"), "clip-dusk.mp4", NTSC, 60)
STILL = Medium("5" * 64, Path("s"), "still.png", size=(300, 200))
FILM = Medium("f" * 64, Path("z"), "harbour.mp4", Fraction(24), 156, True, 86_400)
MUSIC = Medium("e" * 64, Path("m"), "music.wav", Fraction(24), 156, True, 86_400, has_picture=False)
CLIPS = (
    EditClip(1, "dawn", DAWN, 0, 72, 12, origin=Origin('clip["dawn"]', 1, "k" * 8, "fal/x", "a & b", 0.2)),
    EditClip(2, "dusk", DUSK, 60, 36, 0, Fraction(5, 4), dissolve=12, origin=Origin('clip["dusk"]')),
    EditClip(3, "still", STILL, 70, 10, track=1),
    EditClip(4, "dawn", DAWN, 108, 24, 60, origin=Origin('clip["dawn"]', decision="approved")),
)
CUT = EditCut("harbour", Fraction(24), 156, CLIPS, FILM, 86_400, (1280, 720))
CUT = replace(CUT, markers=markers(CUT), stems=(Stem("music", MUSIC),))
ORDER = {
    "asset-clip": "note conform-rate timeMap asset-clip|video|spine marker metadata",
    "video": "note marker",
    "gap": "note asset-clip|video|spine marker metadata",
    "transition": "filter-video filter-audio",
    "sequence": "spine",
    "fcpxml": "resources library",
    "asset": "media-rep metadata",
}
"""What an element may hold, in the order of the DTD of version 1.9."""
TIME = re.compile(r"\d+(/\d+)?s")
TIMES = ("offset", "start", "duration", "tcStart", "frameDuration", "time", "value")


def tree(cut: EditCut) -> xml.Element:
    return xml.fromstring(as_fcpxml(cut, "./media").split("<!DOCTYPE fcpxml>")[1])


def story(cut: EditCut) -> xml.Element:
    found = tree(cut).find(".//spine")
    assert found is not None
    return found


def told(element: xml.Element, *names: str) -> tuple[str | None, ...]:
    return (element.tag, *(element.get(name) for name in names))


def check(cut: EditCut) -> xml.Element:
    """The document, held against the rules of the format."""
    root = tree(cut)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids)) and {e.get("ref") for e in root.iter()} - {None} <= set(ids)
    assert {e.get("format") for e in root.iter()} - {None} <= set(ids)
    for element in root.iter():
        groups = [group.split("|") for group in ORDER.get(element.tag, "").split()]
        held = [*element] if groups else []
        places = [next(i for i, group in enumerate(groups) if child.tag in group) for child in held]
        assert places == sorted(places), element.tag
        for name in TIMES:
            value = element.get(name)
            if value and not (name == "value" and element.tag in ("md", "marker")):
                assert TIME.fullmatch(value), (element.tag, name, value)
    for parent in root.iter():
        for child in parent:
            connected = parent.tag in ("asset-clip", "gap", "video") and child.get("ref")
            assert not connected or int(child.get("lane") or 0), "what is connected has a lane"
    return root


def test_the_story() -> None:
    check(CUT)
    spine = story(CUT)
    assert [told(item, "offset", "start", "duration") for item in spine] == [
        ("asset-clip", "3600s", "14421/2s", "11/4s"),
        ("transition", "7205/2s", None, "1/2s"),
        ("asset-clip", "14411/4s", "1/4s", "5/4s"),
        ("gap", "3604s", "3600s", "1/2s"),
        ("asset-clip", "7209/2s", "14425/2s", "1s"),
    ]
    dawn, _, dusk, _, again = spine
    assert dawn.findtext("note") == "a & b"
    assert [told(c, "lane", "offset", "audioRole", "enabled") for c in dawn.findall("asset-clip")] == [
        ("asset-clip", "-1", "14421/2s", "music", "1"),
        ("asset-clip", "-2", "14421/2s", "film", "0"),
    ]
    assert told(dawn, "srcEnable", "audioRole") == ("asset-clip", "all", "effects"), "its sound is its own"
    assert told(dusk[0], "scaleEnabled", "srcFrameRate") == ("conform-rate", "0", "29.97")
    assert [told(p, "time", "value") for p in dusk[1]] == [
        ("timept", "0s", "0s"), ("timept", "1001/625s", "1001/500s"),
    ]  # fmt: skip
    above = dusk.find("video")
    assert above is not None and told(above, "lane", "offset", "start") == ("video", "1", "5/12s", "0s")
    assert told(again.findall("marker")[0], "start", "value", "completed", "note") == (
        "marker", "14425/2s", 'clip["dawn"]', "1", "approved",
    )  # fmt: skip
    keys = {md.get("key"): md.get("value") for md in dawn.iter("md")}
    assert keys["com.callsheet.address"] == 'clip["dawn"]' and keys["com.callsheet.usd"] == "0.2"
    assert keys["com.apple.proapps.studio.reel"] == "A1B2C3D4"


def test_the_resources() -> None:
    resources = tree(CUT).find("resources")
    assert resources is not None
    assert [told(f, "name", "frameDuration") for f in resources.findall("format")] == [
        ("format", "FFVideoFormat720p24", "1/24s"),
        ("format", "FFVideoFormat720p2997", "1001/30000s"),
        ("format", "FFVideoFormatRateUndefined", None),
    ]
    assets = {a.get("name"): a for a in resources.findall("asset")}
    assert told(assets["clip dawn.mp4"], "start", "duration", "hasAudio") == ("asset", "7210s", "4s", "1")
    assert told(assets["still.png"], "start", "duration", "hasAudio") == ("asset", "0s", "0s", None)
    assert told(assets["music.wav"], "hasVideo", "hasAudio") == ("asset", None, "1")
    assert assets["clip dawn.mp4"][0].get("src") == "./media/clip%20dawn.mp4"


@pytest.mark.parametrize(("channels", "hertz"), [(1, 44_100), (2, 48_000), (6, 96_000)])
def test_the_sound_of_a_file_is_as_it_is(channels: int, hertz: int) -> None:
    medium = replace(DAWN, channels=channels, hertz=hertz)
    above = replace(CLIPS[0], number=5, at=20, track=1, medium=medium)
    silent = replace(DUSK, channels=0)
    cut = replace(CUT, clips=(replace(CLIPS[0], medium=medium), replace(CLIPS[1], medium=silent), above))
    assets = {a.get("name"): a for a in check(cut).iter("asset")}
    names = ("hasAudio", "audioSources", "audioChannels", "audioRate")
    assert told(assets["clip dawn.mp4"], *names)[1:] == ("1", "1", str(channels), str(hertz))
    assert told(assets["clip-dusk.mp4"], *names)[1:] == (None, None, None, None)
    clips = {(c.get("name"), c.get("lane")): c for c in story(cut).iter("asset-clip")}
    assert told(clips["dawn", None], "srcEnable", "audioRole")[1:] == ("all", "effects")
    assert told(clips["dusk", None], "srcEnable", "audioRole")[1:] == (None, None)
    assert told(clips["dawn", "1"], "srcEnable", "audioRole")[1:] == ("video", None), "it is not heard"


def test_dissolves_above_the_main_track_are_a_storyline() -> None:
    above = (
        replace(CLIPS[0], number=5, at=20, track=1),
        replace(CLIPS[0], number=6, at=80, track=1, dissolve=12),
    )
    cut = replace(CUT, clips=(CLIPS[0], *above))
    check(cut)
    lane = story(cut)[0].find("spine")
    assert lane is not None and told(lane, "lane", "offset") == ("spine", "1", "21634/3s")
    assert [told(item, "offset", "duration") for item in lane] == [
        ("asset-clip", "0s", "11/4s"), ("transition", "5/2s", "1/2s"), ("asset-clip", "11/4s", "11/4s"),
    ]  # fmt: skip
    assert story(cut)[-1].tag == "gap", "the story is as long as what is connected"


def test_what_it_cannot_hold_is_said() -> None:
    assert list(left_out(CUT)) == []
    note = Marker(3, "later", color="CYAN", kind="note")
    lost = replace(CUT, rate=Fraction(16), clips=(replace(CLIPS[0], medium=None),), markers=(note,))
    text = " ".join(left_out(lost))
    assert "projects of 16 frames" in text and "a gap where a file is not here: shot 1" in text
    assert "markers of Final Cut are blue, green or red" in text
    assert story(lost)[0].tag == "gap" and story(lost)[0].get("name") == "dawn"


def test_hostile_names() -> None:
    name = 'a<&>"\x00\u2028b'
    medium = replace(DAWN, name=name)
    cut = replace(CUT, name=name, clips=(replace(CLIPS[0], name=name, medium=medium, origin=Origin(name)),))
    check(replace(cut, markers=markers(cut)))


SHOTS = st.lists(
    st.tuples(st.integers(8, 200), st.integers(0, 4), st.integers(0, 30), st.integers(0, 40)),
    min_size=1,
    max_size=30,
)
"""Frames, overlap, gap, and first picture of each clip."""


def cut_of(shots: list[tuple[int, int, int, int]], rate: Fraction) -> EditCut:
    clips, place = [], 0
    medium = replace(DAWN, rate=rate, frames=400, begins=0)
    for number, (frames, overlapping, gap, start) in enumerate(shots, 1):
        at = 0 if number == 1 else place + gap if gap > 20 else place - overlapping
        clips.append(EditClip(number, f"c{number}", medium, at, frames, start))
        place = at + frames
    return EditCut("f", rate, place, tuple(placed(clips)), FILM)


@given(shots=SHOTS, rate=st.sampled_from([Fraction(24), Fraction(25), NTSC]))
@settings(max_examples=25, deadline=None)
def test_no_cut_is_lost(shots: list[tuple[int, int, int, int]], rate: Fraction) -> None:
    """Each clip and each transition is where it is in the film, on the grid of its frames."""
    cut = cut_of(shots, rate)
    check(cut)
    found = []
    items = [i for i in story(cut) if i.tag != "gap"]
    for i, item in enumerate(items):
        offset, length = (Fraction((item.get(n) or "0s")[:-1]) * rate for n in ("offset", "duration"))
        if item.tag == "transition":
            continue
        start = Fraction((item.get("start") or "0s")[:-1]) * rate
        before = items[i - 1] if i and items[i - 1].tag == "transition" else None
        first = Fraction((before.get("offset") or "")[:-1]) * rate if before is not None else offset
        after = items[i + 1] if i + 1 < len(items) and items[i + 1].tag == "transition" else None
        end = offset + length
        if after is not None:
            end = sum(Fraction((after.get(n) or "")[:-1]) * rate for n in ("offset", "duration"))
        found.append((first, end, start - (offset - first)))
    assert found == [(clip.at, clip.end, clip.start) for clip in cut.clips]


def test_the_adapter_of_opentimelineio_reads_it() -> None:
    otio: Any = pytest.importorskip("opentimelineio")
    if "fcpx_xml" not in otio.adapters.available_adapter_names():
        pytest.skip("fcpx_xml is not installed")
    hard = [(48, 0, 0, 5), (30, 0, 25, 0), (24, 0, 0, 9)]
    cut = replace(cut_of(hard, Fraction(24)), film=replace(FILM, has_sound=False))
    found = otio.adapters.read_from_string(as_fcpxml(cut, "./media"), "fcpx_xml")
    clips = [item for item in found.find_clips() if item.source_range.duration.value]
    assert [(c.name, c.source_range.start_time.value, c.source_range.duration.value) for c in clips] == [
        ("c1", 5, 48), ("c2", 0, 30), ("c3", 9, 24),
    ]  # fmt: skip
