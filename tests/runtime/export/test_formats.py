"""The formats of an edit: golden EDLs, tables and captions, and what OpenTimelineIO itself reads."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.runtime.export import fcp7
from callsheet.runtime.export.captions import as_srt
from callsheet.runtime.export.cut import EditClip, EditCut, Medium, Origin
from callsheet.runtime.export.edl import as_edl, left_out
from callsheet.runtime.export.fcp7 import as_fcp7
from callsheet.runtime.export.markers import markers
from callsheet.runtime.export.otio import as_otio
from callsheet.runtime.export.read_cut import placed
from callsheet.runtime.export.shot_list import as_csv

DAWN = Medium("a1b2c3d4" * 8, Path("x"), "clip-dawn.mp4", Fraction(24), 96, True)
DUSK = Medium("0f0e0d0c" * 8, Path("y"), "clip-dusk.mp4", Fraction(24), 48)
FILM = Medium("f" * 64, Path("z"), "harbour.mp4", Fraction(24), 132, True)
BOUGHT = Origin('clip["dawn"]', 1, "k" * 64, "fal/x", "=waves\nroll", 0.2)
SECOND = Origin('clip["dusk"]', 2, usd=None)
CLIPS = (
    EditClip(1, "clip-dawn", DAWN, 0, 72, 12, origin=BOUGHT),
    EditClip(2, "clip-dusk", DUSK, 60, 36, 0, Fraction(5, 4), dissolve=12, origin=SECOND),
    EditClip(3, "clip-dawn", DAWN, 108, 24, 60, origin=Origin('clip["dawn"]', decision="approved")),
)
CUT = EditCut("harbour", Fraction(24), 132, CLIPS, FILM, 86_400, notes=("a note",))
CUT = replace(CUT, markers=markers(CUT))


def test_an_edl() -> None:
    assert as_edl(CUT) == (
        "TITLE: harbour\n"
        "FCM: NON-DROP FRAME\n"
        "\n"
        "001  A1B2C3D4 V     C        00:00:00:12 00:00:03:00 01:00:00:00 01:00:02:12\n"
        "* FROM CLIP NAME: clip-dawn.mp4\n"
        "* SOURCE FILE: clip-dawn.mp4\n"
        '* LOC: 01:00:00:00 BLUE    clip["dawn"] =waves roll\n'
        "\n"
        "002  A1B2C3D4 V     C        00:00:03:00 00:00:03:00 01:00:02:12 01:00:02:12\n"
        "002  0F0E0D0C V     D    012 00:00:00:00 00:00:01:21 01:00:02:12 01:00:04:00\n"
        "M2   0F0E0D0C 030.0       00:00:00:00\n"
        "* FROM CLIP NAME: clip-dawn.mp4\n"
        "* TO CLIP NAME: clip-dusk.mp4\n"
        "* SOURCE FILE: clip-dusk.mp4\n"
        '* LOC: 01:00:02:12 BLUE    clip["dusk"]\n'
        "\n"
        "003  A1B2C3D4 V     C        00:00:02:12 00:00:03:12 01:00:04:12 01:00:05:12\n"
        "* FROM CLIP NAME: clip-dawn.mp4\n"
        "* SOURCE FILE: clip-dawn.mp4\n"
        '* LOC: 01:00:04:12 GREEN   clip["dawn"] approved\n'
        "\n"
    )
    assert list(left_out(CUT)) == ["an EDL has no sound: the film's is in its own file"]


def test_an_edl_for_premiere_names_no_clip() -> None:
    assert "CLIP NAME" not in as_edl(CUT, "premiere") and "SOURCE FILE" not in as_edl(CUT, "premiere")


def test_an_edl_at_2997_is_in_drop_frame() -> None:
    cut = replace(CUT, rate=Fraction(30_000, 1001), start=107_892)
    assert "FCM: DROP FRAME\n" in as_edl(cut) and "01:00:00;00" in as_edl(cut)


def test_what_an_edl_cannot_hold_is_said() -> None:
    above = replace(CLIPS[2], track=1)
    cut = replace(CUT, clips=(*CLIPS[:2], above), rate=Fraction(16))
    told = " ".join(left_out(cut))
    assert "1 of 3 clips are on tracks above" in told and "set the project to 16 frames a second" in told
    assert as_edl(cut).count("* LOC") == 3, "but its markers are there"


def test_hostile_names_stay_on_their_line() -> None:
    name = "x\n* LOC: 00:00:00:00 RED y\x00\u2028z"
    cut = replace(CUT, name=name, clips=(replace(CLIPS[0], origin=Origin(name, prompt=name)),))
    cut = replace(cut, markers=markers(cut))
    lines = as_edl(cut).splitlines()
    assert (
        sum(line.startswith("* LOC") for line in lines) == 1
        and sum(line.startswith("TITLE") for line in lines) == 1
    )
    captions = as_srt(
        replace(cut, clips=(replace(cut.clips[0], origin=Origin("a --> b", prompt="c\n\n2\n0 --> 1")),))
    )
    assert captions.count("-->") == 1 and captions.count("\n\n") == 0


def test_a_table() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(CUT))))
    assert [(r["name"], r["in"], r["out"], r["take"], r["usd"]) for r in rows] == [
        ("clip-dawn", "01:00:00:00", "01:00:03:00", "1", "0.2"),
        ("clip-dusk", "01:00:02:12", "01:00:04:00", "2", ""),
        ("clip-dawn", "01:00:04:12", "01:00:05:12", "1", "0"),
    ]
    assert (rows[0]["handle_before"], rows[0]["handle_after"]) == ("12", "12")
    assert (rows[1]["source_out"], rows[1]["handle_after"], rows[1]["speed"]) == ("00:00:01:21", "3", "1.25")
    assert rows[0]["prompt"] == "'=waves\nroll", "a spreadsheet computes nothing"


def test_captions() -> None:
    assert as_srt(CUT).startswith(
        '1\n00:00:00,000 --> 00:00:02,500\n1  clip["dawn"]\n=waves roll\n\n'
        '2\n00:00:02,500 --> 00:00:04,000\n2  clip["dusk"]\n\n3\n'
    )


def test_clips_come_on_the_lowest_track_where_they_can_be() -> None:
    def clip(number: int, at: int, frames: int) -> EditClip:
        return EditClip(number, f"c{number}", DAWN, at, frames)

    clips = [clip(1, 0, 48), clip(2, 36, 48), clip(3, 40, 10), clip(4, 84, 24), clip(5, 84, 24)]
    assert [(c.number, c.track, c.dissolve) for c in placed(clips)] == [
        (1, 0, 0), (2, 0, 12), (3, 1, 0), (4, 0, 0), (5, 1, 0),
    ]  # fmt: skip


Shots = list[tuple[int, int, int, int]]
SHOTS = st.lists(
    st.tuples(st.integers(8, 200), st.integers(0, 4), st.integers(0, 30), st.integers(0, 40)),
    min_size=1,
    max_size=30,
)
"""Frames, overlap, gap, and first picture of each clip."""
RATES = st.sampled_from([Fraction(24), Fraction(25), Fraction(30_000, 1001)])


def cut_of(shots: Shots, rate: Fraction) -> EditCut:
    clips, place = [], 0
    for number, (frames, overlapping, gap, start) in enumerate(shots, 1):
        at = 0 if number == 1 else place + gap if gap > 20 else place - overlapping
        clips.append(EditClip(number, f"c{number}", DAWN, at, frames, start))
        place = at + frames
    return EditCut("f", rate, place, tuple(placed(clips)), FILM)


def meant(cut: EditCut) -> list[tuple[int, int, int]]:
    """First frame, the one after the last, and first picture of each clip."""
    return [(clip.at, clip.end, clip.start) for clip in cut.clips]


def places(otio: Any, track: Any) -> list[tuple[int, int, int]]:
    """The same of a track that was read, with what is seen of each clip in transitions."""
    found = []
    for item in (item for item in track if isinstance(item, otio.schema.Clip)):
        before, after = track.neighbors_of(item)
        came = before.in_offset.value if isinstance(before, otio.schema.Transition) else 0
        goes = after.out_offset.value if isinstance(after, otio.schema.Transition) else 0
        where, start = track.range_of_child(item), item.source_range.start_time.value
        first, frames = where.start_time.value, where.duration.value
        found.append((first - came, first + frames + goes, start - came))
    return found


@pytest.fixture(scope="module")
def otio() -> Any:
    return pytest.importorskip("opentimelineio")


class TestOtio:
    """Read by the library that defines the format."""

    def read(self, otio: Any, cut: EditCut) -> Any:
        return otio.adapters.read_from_string(as_otio(cut, "media"), "otio_json")

    def test_what_it_holds(self, otio: Any) -> None:
        timeline = self.read(otio, CUT)
        assert (timeline.name, timeline.global_start_time.value) == ("harbour", 86_400)
        assert [(track.name, track.kind, track.enabled) for track in timeline.tracks] == [
            ("V1", "Video", True), ("A1 clips", "Audio", True), ("A2 film", "Audio", False),
        ]  # fmt: skip
        first, _, second, gap, third = timeline.tracks[0]
        assert isinstance(gap, otio.schema.Gap) and gap.duration().value == 12
        reference = first.media_reference
        assert (
            reference.target_url == "media/clip-dawn.mp4" and reference.available_range.duration.value == 96
        )
        about = first.metadata["callsheet"]
        assert (about["address"], about["take"], about["usd"], about["key"]) == (
            'clip["dawn"]',
            1,
            0.2,
            "k" * 64,
        )
        assert about["prompt"] == "=waves\nroll" and about["digest"] == DAWN.digest
        assert second.effects[0].time_scalar == 1.25
        assert [clip.markers[0].color for clip in (first, second, third)] == ["BLUE", "BLUE", "GREEN"]
        assert list(timeline.metadata["callsheet"]["notes"]) == ["a note"]

    def test_a_file_that_is_not_here_is_missing(self, otio: Any) -> None:
        timeline = self.read(otio, replace(CUT, clips=(replace(CLIPS[0], medium=None),)))
        assert timeline.tracks[0][0].media_reference.is_missing_reference

    def test_names_that_are_urls_of_something_else(self, otio: Any) -> None:
        medium = replace(DAWN, name="50% #1 é?.mp4")
        timeline = self.read(otio, replace(CUT, clips=(replace(CLIPS[0], medium=medium),)))
        assert timeline.tracks[0][0].media_reference.target_url == "media/50%25%20%231%20%C3%A9%3F.mp4"

    @given(shots=SHOTS, rate=RATES)
    def test_no_edit_is_lost(self, otio: Any, shots: Shots, rate: Fraction) -> None:
        """Cuts, dissolves and gaps: each clip is where it is in the film, with the pictures that it shows."""
        cut = cut_of(shots, rate)
        assert places(otio, self.read(otio, cut).tracks[0]) == meant(cut)


class TestAdapters:
    """What other programs' forms hold, as OpenTimelineIO's adapters read it."""

    def read(self, otio: Any, text: str, adapter: str, **more: object) -> Any:
        if adapter not in otio.adapters.available_adapter_names():
            pytest.skip(f"{adapter} is not installed")
        found = otio.adapters.read_from_string(text, adapter, **more)
        return found if isinstance(found, otio.schema.Timeline) else found[0]

    @given(shots=SHOTS, rate=RATES)
    @settings(max_examples=25, deadline=None)
    def test_no_edit_is_lost_in_xml(self, otio: Any, shots: Shots, rate: Fraction) -> None:
        cut = cut_of(shots, rate)
        timeline = self.read(otio, as_fcp7(cut, Path("media")), "fcp_xml")
        assert places(otio, timeline.tracks[0]) == meant(cut)

    @given(shots=SHOTS, rate=st.sampled_from([Fraction(24), Fraction(25)]))
    @settings(max_examples=25, deadline=None)
    def test_no_edit_is_lost_in_an_edl(self, otio: Any, shots: Shots, rate: Fraction) -> None:
        cut = cut_of(shots, rate)
        text = as_edl(cut)
        timeline = self.read(otio, text, "cmx_3600", rate=float(rate), ignore_timecode_mismatch=False)
        assert places(otio, timeline.tracks[0]) == meant(cut)

    def test_xml_holds_sound_speed_markers_and_where_a_clip_is_from(self) -> None:
        root = xml.fromstring(as_fcp7(CUT, Path("/there/my media")).split("<!DOCTYPE xmeml>")[1])
        assert root.findtext(".//pathurl") == "file://localhost/there/my%20media/clip-dawn.mp4"
        assert len(root.findall(".//file[pathurl]")) == 3, "each medium is described once"
        assert root.findtext(".//comments/mastercomment1") == 'clip["dawn"]'
        assert [p.findtext("value") for p in root.iter("parameter")] == ["0", "125"]
        assert [m.findtext("in") for m in root.iter("marker")] == ["0", "60", "108"]
        audio = root.findall(".//audio/track/enabled")
        assert [enabled.text for enabled in audio] == ["TRUE", "TRUE", "FALSE", "FALSE"], "two channels each"

    def test_xml_has_two_channels_of_each_sound(self) -> None:
        """As Premiere writes them itself, and joins them again; a sound of one channel is on both."""
        mono = replace(DUSK, has_sound=True, channels=1)
        cut = replace(CUT, clips=(CLIPS[0], replace(CLIPS[1], medium=mono), CLIPS[2]))
        root = xml.fromstring(as_fcp7(cut, Path("media")).split("<!DOCTYPE xmeml>")[1])
        left, right, *_ = root.findall(".//audio/track")
        for number, track in enumerate((left, right)):
            assert track.get("premiereTrackType") == "Stereo" and track.get("totalExplodedTrackCount") == "2"
            assert track.get("currentExplodedTrackIndex") == str(number)
            assert track.findtext("outputchannelindex") == str(number + 1)
        heard = [[c.findtext("sourcetrack/trackindex") for c in t.iter("clipitem")] for t in (left, right)]
        assert heard == [["1", "1", "1"], ["2", "1", "2"]]
        assert [f.findtext("media/audio/channelcount") for f in root.iter("file") if len(f)] == [
            "2",
            "1",
            "2",
        ]
        items = {item.get("id"): item for item in root.iter("clipitem")}
        second = root.findall(".//video/track/clipitem")[1]
        linked = [link.findtext("linkclipref") or "" for link in second.findall("link")]
        assert linked == ["clipitem-2", "sound-1-2", "sound-2-2"]
        assert all(items[name].findall("link") for name in linked)
        assert len(items) == len(list(root.iter("clipitem"))), "each has its own name"

    def test_xml_of_a_sound_with_one_channel(self) -> None:
        cut = replace(CUT, film=replace(FILM, channels=1), clips=CLIPS[1:2])
        root = xml.fromstring(as_fcp7(cut, Path("media")).split("<!DOCTYPE xmeml>")[1])
        assert [t.get("premiereTrackType") for t in root.findall(".//audio/track")] == ["Mono"]
        assert not list(root.iter("link")), "the clip has no sound"

    def test_xml_says_what_it_cannot_hold(self) -> None:
        assert list(fcp7.left_out(CUT)) == []
        assert "12.5 became 12" in next(fcp7.left_out(replace(CUT, rate=Fraction(25, 2))))


def test_five_hundred_clips_are_quick() -> None:
    import time

    clips = tuple(
        EditClip(i, f"c{i}", DAWN, i * 48, 48, 3, origin=Origin(f'clip["{i}"]')) for i in range(500)
    )
    cut = EditCut("f", Fraction(24), 24_000, clips, FILM)
    before = time.process_time()
    assert json.loads(as_otio(cut, "media")) and as_edl(cut) and as_csv(cut) and as_srt(cut)
    assert time.process_time() - before < 2
