"""What `conform` reads: each form holds the edit that was handed over, and hostile files hold no surprise."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from callsheet.dsl.cuts.edit import NotAnEdit
from callsheet.dsl.cuts.otio import edit_of
from callsheet.errors import InputError
from callsheet.runtime.conform.match import plain_name
from callsheet.runtime.conform.read import Film, read_timeline
from callsheet.runtime.export.cut import EditClip, EditCut, Medium, Origin, overlap
from callsheet.runtime.export.edl import as_edl
from callsheet.runtime.export.fcp7 import as_fcp7
from callsheet.runtime.export.otio import as_otio
from callsheet.runtime.export.read_cut import placed
from callsheet.spec.timecode import frame_of

RATES = [Fraction(24), Fraction(25), Fraction(30), Fraction(24_000, 1001), Fraction(30_000, 1001)]
SPEEDS = [Fraction(1), Fraction(1), Fraction(1), Fraction(2), Fraction(1, 2), Fraction(5, 4), Fraction(3, 2)]
Shown = tuple[int, int, int, float, Fraction, int, int]


def random_cut(seed: int, tracks: int = 3, speeds: Sequence[Fraction] = SPEEDS) -> EditCut:
    """A film of up to 30 clips of four media: gaps, dissolves, speeds, clips above each other."""
    chance = random.Random(seed)
    rate = chance.choice(RATES)
    media = [
        Medium(f"{n}{n + 1}" * 32, Path("x"), f"clip-{n}.mp4", rate, 2_000, n % 2 == 0, 4_000 * n + 90)
        for n in range(4)
    ]
    clips, place = [], 0
    for number in range(1, chance.randint(1, 30) + 1):
        frames = chance.randint(8, 120)
        at = max(0, place + chance.choice((0, 0, 0, 12, -chance.randint(1, 6))))
        if tracks == 1 and at < place - 6:
            at = place
        which, speed = chance.randrange(4), chance.choice(speeds)
        start = chance.randint(10, 100) * int(speed.numerator)
        origin = Origin(f'clip["{which}"]', 1, "k" * 64)
        clips.append(EditClip(number, f"clip-{which}", media[which], at, frames, start, speed, origin=origin))
        place = max(place, at + frames) if number > 1 else frames
    film = Medium("f" * 64, Path("z"), "film.mp4", rate, place, True)
    laid = [clip for clip in placed(clips) if clip.track < tracks]
    return EditCut("film", rate, place, tuple(laid), film, start=frame_of("01:00:00:00", rate))


def meant(cut: EditCut) -> list[Shown]:
    """Of each clip: its track, its place without dissolves, its first picture, its speed, and frames before
    and after in which it is seen."""
    found = []
    for track in range(cut.tracks):
        clips = cut.on_track(track)
        for i, clip in enumerate(clips):
            came, goes = overlap(clips, i), overlap(clips, i + 1)
            found.append((track, clip.at, clip.end, float(clip.start / cut.rate), clip.speed, came, goes))
    return found


def came_back(timeline: dict[str, Any]) -> list[Shown]:
    """The same of what was read."""
    edit = edit_of(timeline)
    found = []
    for clip in edit.of("video"):
        at, end = clip.at - clip.enter, clip.at + clip.frames + clip.leave
        start = float(clip.start - clip.enter * clip.speed / edit.rate)
        found.append((clip.track, at, end, start, clip.speed, clip.enter, clip.leave))
    return found


def same(found: list[Shown], wanted: list[Shown], rate: Fraction) -> None:
    """Nothing is lost. Forms tell pictures in whole frames, so that the first picture of a clip may be off
    by as many as its speed."""
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one[:3] == other[:3], (one, other)
        assert one[4] == other[4], (one, other)
        assert abs(one[3] - other[3]) <= float(max(other[4], 1) / rate) * (other[4] != 1) + 1e-6, (one, other)
        assert one[5] + one[6] == 0 if other[5] + other[6] == 0 else True


def read(path: Path, cut: EditCut) -> dict[str, Any]:
    reels = {medium.reel: medium for medium in cut.media.values()}
    names = {plain_name(medium.name): medium for medium in cut.media.values()}

    def begins(reel: str, name: str, _: int) -> int:
        medium = reels.get(reel) or names.get(plain_name(Path(name).name))
        return medium.begins_at(cut.rate) if medium else 0

    return read_timeline(path, lambda: Film(cut.rate, begins))[0]


def written(cut: EditCut, form: str, folder: Path) -> Path:
    path = folder / f"edited.{form}"
    texts = {"otio": as_otio(cut, "media"), "xml": as_fcp7(cut, folder), "edl": as_edl(cut)}
    path.write_text(texts[form], encoding="utf-8")
    return path


@pytest.mark.parametrize("form", ["otio", "xml", "edl"])
def test_no_edit_is_lost(form: str, tmp_path: Path, long: bool) -> None:
    for seed in range(500 if long else 40):
        cut = random_cut(seed, tracks=1 if form == "edl" else 3)
        same(came_back(read(written(cut, form, tmp_path), cut)), meant(cut), cut.rate)


XML = '<?xml version="1.0"?>\n<!DOCTYPE xmeml>\n<xmeml version="5">{}</xmeml>'
SEQUENCE = (
    "<sequence><name>a</name><rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate><media><video>{}</video>"
    "</media></sequence>"
)
ITEM = (
    "<track><clipitem><name>x</name><start>0</start><end>24</end><in>0</in><out>24</out>{}</clipitem></track>"
)
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><xmeml>&c;</xmeml>'
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xmeml>&a;</xmeml>'
EVENT = "001  AX V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "1:13: it declares a document type"),
        (OUTSIDE, "it declares a document type"),
        ('<!DOCTYPE xmeml SYSTEM "http://example.com/x.dtd"><xmeml/>', "it declares a document type"),
        ("<xmeml>&a;</xmeml>", "it is no XML: undefined entity"),
        ("<a>" * 5_000, "it is nested too deeply"),
        ("<xmeml><sequence></xmeml>", "1:20: it is no XML: mismatched tag"),
        ("<fcpxml/>", "It is XML of a newer Final Cut Pro"),
        (XML.format(""), "it is no XML of Final Cut Pro 7"),
        (XML.format("<sequence/>"), "does not say how many frames a second"),
        (XML.format(SEQUENCE.format("") * 2), "it has 2 timelines: 'a', 'a'"),
        (XML.format(SEQUENCE.format("")), "it has no track of pictures"),
        (XML.format(SEQUENCE.format(ITEM.replace("<end>24", "<end>-1"))), "'x' does not say where it is"),
        (XML.format(SEQUENCE.format(ITEM.format("<sequence/>"))), "is a timeline in the timeline"),
        (XML.format(SEQUENCE.format(ITEM.replace("<start>0", "<start>9e99"))), "does not say where it is"),
        ("TITLE: x\nFCM: NON-DROP FRAME\n", "it has no events"),
        ("TITLE: x\n" + EVENT + "A" + EVENT, "3:1: this event cannot be read: A001"),
        (
            "TITLE: x\n" + EVENT.replace("01:00:01:00", "01:00:01:24"),
            "2:1: 01:00:01:24 is no time code at 24",
        ),
        ("TITLE: x\n" + EVENT.replace("01:00:01:00", "00:59:01:00"), "2:1: event 001 ends before it begins"),
        ("TITLE: x\n" + EVENT.replace("00:00:00:00", "00:00:99:00"), "is no time code"),
        ("PK\x03\x04 no bundle", "is no whole bundle"),
        ("", "it is no JSON"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "edited"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        found, edited = read_timeline(path, lambda: Film(Fraction(24), lambda *_: 0))
        try:
            edit_of(found)
        except NotAnEdit as flaw:
            raise edited.refused(flaw) from None
    assert said in str(error.value)


def test_a_hundred_thousand_clips_are_refused(tmp_path: Path) -> None:
    clip = "<clipitem><start>{}</start><end>{}</end></clipitem>"
    many = "".join(clip.format(n, n + 1) for n in range(100_000))
    path = tmp_path / "many.xml"
    path.write_text(XML.format(SEQUENCE.format(f"<track>{many}</track>")))
    with pytest.raises(InputError, match="more than 20,000 clips"):
        read_timeline(path, lambda: Film(Fraction(24), lambda *_: 0))


def test_a_bundle_and_another_encoding(tmp_path: Path) -> None:
    cut = random_cut(1)
    path = tmp_path / "x.otioz"
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("content.otio", as_otio(cut, "media"))
    same(came_back(read(path, cut)), meant(cut), cut.rate)
    other = tmp_path / "x.xml"
    other.write_bytes(as_fcp7(cut, tmp_path).replace("UTF-8", "UTF-16").encode("utf-16"))
    same(came_back(read(other, cut)), meant(cut), cut.rate)


def test_what_a_program_adds_is_kept(tmp_path: Path) -> None:
    """A title, a volume, a filter, markers and a sound on two channels."""
    level = "<filter><effect><name>Audio Levels</name><effectid>audiolevels</effectid>{}</effect></filter>"
    volume = level.format("<parameter><parameterid>level</parameterid><value>0.5</value></parameter>")
    blur = "<filter><effect><name>Blur</name><effectid>GaussianBlur</effectid></effect></filter>"
    marks = "<marker><name>fix</name><comment>too dark</comment><in>6</in><out>-1</out></marker>"
    marks += "<marker><name>nowhere</name></marker>"
    title = (
        "<track><generatoritem><name>The end</name><start>12</start><end>24</end><effect>"
        "<effectid>Text</effectid></effect></generatoritem></track>"
    )
    file = '<file id="f"><pathurl>file://localhost/x.wav</pathurl></file>'
    sound = ITEM.format(f"{file}<sourcetrack><trackindex>1</trackindex></sourcetrack>{volume}")
    sound += ITEM.format('<file id="f"/><sourcetrack><trackindex>2</trackindex></sourcetrack>')
    text = XML.format(SEQUENCE.format(ITEM.format(blur + marks) + title))
    path = tmp_path / "x.xml"
    path.write_text(text.replace("</video>", f"</video><audio>{sound}</audio>"))
    timeline = read_timeline(path, lambda: Film(Fraction(24), lambda *_: 0))[0]
    edit = edit_of(timeline)
    picture, words, heard = edit.clips
    assert [m["comment"] for m in picture.item["markers"]] == ["too dark"]
    assert "GaussianBlur" in json.dumps(picture.item["effects"])
    assert words.medium["OTIO_SCHEMA"].startswith("GeneratorReference") and (words.at, words.frames) == (
        12,
        12,
    )
    assert heard.item["effects"][0]["metadata"]["callsheet"]["gain"] == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize(("adapter", "ending"), [("fcp_xml", "xml"), ("cmx_3600", "edl")])
def test_what_other_software_writes(tmp_path: Path, adapter: str, ending: str) -> None:
    """The adapters of OpenTimelineIO hold no speeds in XML, and reels of their own in an EDL."""
    otio: Any = pytest.importorskip("opentimelineio")
    if adapter not in otio.adapters.available_adapter_names():
        pytest.skip(f"{adapter} is not installed")
    for seed in range(20):
        cut = random_cut(seed, tracks=1, speeds=[Fraction(1)])
        timeline = otio.adapters.read_from_string(as_otio(cut, "media"), "otio_json")
        for track in [track for track in timeline.tracks if track.kind == "Audio"]:
            timeline.tracks.remove(track)
        rate = {"rate": float(cut.rate)} if ending == "edl" else {}
        path = tmp_path / f"theirs.{ending}"
        path.write_text(otio.adapters.write_to_string(timeline, adapter, **rate), encoding="utf-8")
        same(came_back(read(path, cut)), meant(cut), cut.rate)


def test_both_channels_of_our_own_xml_are_one_sound(tmp_path: Path) -> None:
    """Of two channels or of one that is on both: what was handed over comes back once."""
    for channels in (1, 2):
        media = [Medium(c * 64, Path(c), f"{c}.mp4", Fraction(24), 200, True, channels=n) for c, n in
                 (("a", 2), ("b", channels))]  # fmt: skip
        clips = tuple(EditClip(n + 1, f"c{n}", media[n % 2], 24 * n, 24, 4) for n in range(4))
        cut = EditCut(
            "film", Fraction(24), 96, clips, Medium("f" * 64, Path("z"), "film.mp4", Fraction(24), 96)
        )
        edit = edit_of(read(written(cut, "xml", tmp_path), cut))
        assert [clip.at for clip in edit.of("audio")] == [0, 24, 48, 72]
