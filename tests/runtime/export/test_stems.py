"""The parts of a film's sound: what they hold, where they are, and that together they are all of it."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as xml

import av
import pytest
from PIL import Image

import callsheet as api
from callsheet.cli.main import main
from callsheet.testing.sounds import tone, written

HEAD = """
callsheet: 1
name: harbour
inputs:
  still: {type: image, default: ./still.png}
  voice: {type: audio, default: ./voice.wav}
  song: {type: audio, default: ./song.wav}
  bell: {type: audio, default: ./bell.wav}
axes:
  shot: {over: [dawn, dusk], key: "${{ shot }}"}
nodes:
  clip:
    each: shot
    uses: media/image_to_video
    with: {image: "${{ inputs.still }}", seconds: 2, width: 64, height: 36}
"""
MIX = """
  cut: {uses: media/concat, with: {videos: "${{ clip.video }}"}}
  film:
    uses: media/mix
    with:
      video: ${{ cut.video }}
      tracks:
        - {audio: "${{ inputs.voice }}", name: voice, at: 1}
        - {audio: "${{ inputs.song }}", loop: true, gain: -6, under: voice}
        - {audio: "${{ inputs.bell }}", at: 3}
outputs: {film: "${{ film.video }}"}
"""
MUX = """
  cut: {uses: media/concat, with: {videos: "${{ clip.video }}"}}
  sounding: {uses: media/mux, with: {video: "${{ cut.video }}", voice: "${{ inputs.voice }}", voice_start: 1}}
  film: {uses: media/mux, with: {video: "${{ sounding.video }}", music: "${{ inputs.song }}", ducking: false}}
  titled: {uses: media/subtitles, with: {video: "${{ film.video }}", lines: [{start: 0, end: 1, text: Dawn}]}}
outputs: {film: "${{ titled.video }}"}
"""
EACH = """
  spoken: {each: shot, uses: media/mux, with: {video: "${{ clip.video }}", voice: "${{ inputs.voice }}"}}
  film: {uses: media/crossfade, with: {videos: "${{ spoken.video }}", seconds: 0.5}}
outputs: {film: "${{ film.video }}"}
"""
TIMELINE = """
  film:
    uses: media/timeline
    with:
      clips: [{video: "${{ clip['dawn'].video }}"}, {video: "${{ clip['dusk'].video }}"}]
      sounds:
        - {audio: "${{ inputs.voice }}", at: 1}
        - {audio: "${{ inputs.song }}", seconds: 2}
outputs: {film: "${{ film.video }}"}
"""
PLACE = Path("out/harbour/handover")
Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Types `callsheet export film.yaml` and more."""
    Image.new("RGB", (64, 36), (90, 10, 10)).save("still.png")
    for name, hertz in (("voice", 440), ("song", 220), ("bell", 880)):
        written(Path(f"{name}.wav"), tone(hertz, 0.2)[:48_000])

    def type_it(*more: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["export", "film.yaml", *more])
        return (int(left.value.code or 0), *capsys.readouterr())

    return type_it


def made(text: str) -> None:
    Path("film.yaml").write_text(HEAD + text, encoding="utf-8")
    result = api.run("film.yaml")
    assert result.status == "done", result


def samples(path: Path) -> array[float]:
    """The left channel of a sound."""
    found = array("f")
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "mono", 48_000)
        for frame in container.decode(audio=0):
            for piece in resampler.resample(frame):
                found.frombytes(bytes(piece.planes[0])[: piece.samples * 4])
    return found


def loud(path: Path) -> list[bool]:
    """Whether something is heard, by half seconds."""
    found = samples(path)
    return [
        max(map(abs, found[at + 4000 : at + 20_000])) > 0.01 for at in range(0, len(found) - 20_000, 24_000)
    ]


def stem(role: str) -> Path:
    return PLACE / f"media/harbour-{role}.wav"


def stems() -> list[str]:
    return sorted(path.stem.removeprefix("harbour-") for path in (PLACE / "media").glob("harbour-*.wav"))


def test_of_a_mix(typed: Typed) -> None:
    made(MIX)
    done, _, err = typed("-f", "otio")
    assert done == 0, err
    assert stems() == ["dialogue", "effects", "music"]
    heard = {role: loud(stem(role)) for role in stems()}
    assert heard["dialogue"] == [False, False, True, True, False, False, False, False]
    assert heard["effects"] == [False] * 6 + [True, True]
    assert heard["music"] == [True] * 8
    music = samples(stem("music"))
    assert max(music[66_000:80_000]) < 0.5 * max(music[100_000:140_000]), "it steps back for the voice"
    parts, whole = [samples(stem(role)) for role in stems()], samples(Path("out/harbour/film.mp4"))
    assert {len(part) for part in parts} == {4 * 48_000}
    apart = [abs(sum(part[i] for part in parts) - whole[i]) for i in range(4800, 180_000, 97)]
    assert max(apart) < 0.06 and sum(apart) / len(apart) < 0.005, "together they are the sound of the film"


def test_they_are_tracks_in_every_format_that_has_tracks(typed: Typed) -> None:
    made(MIX)
    typed("-f", "otio", "-f", "fcp7", "-f", "fcpxml", "-f", "mlt")
    timeline = json.loads((PLACE / "harbour.otio").read_text(encoding="utf-8"))
    tracks = [track for track in timeline["tracks"]["children"] if track["kind"] == "Audio"]
    assert [(t["name"], t["enabled"]) for t in tracks] == [
        ("A1 dialogue", True), ("A2 music", True), ("A3 effects", True), ("A4 film", False),
    ]  # fmt: skip
    clip = tracks[1]["children"][0]
    media = clip["media_references"]["DEFAULT_MEDIA"]
    assert media["target_url"] == "media/harbour-music.wav"
    assert (
        clip["source_range"]["start_time"]["value"]
        == media["available_range"]["start_time"]["value"]
        == 86_400
    )
    root = xml.fromstring((PLACE / "harbour.xml").read_text(encoding="utf-8").split("<!DOCTYPE xmeml>")[1])
    heard = [t.text for t in root.findall(".//audio/track/enabled")]
    assert heard == 6 * ["TRUE"] + 2 * ["FALSE"], "two channels each"
    root = xml.fromstring(
        (PLACE / "harbour.fcpxml").read_text(encoding="utf-8").split("<!DOCTYPE fcpxml>")[1]
    )
    roles = [(c.get("audioRole"), c.get("enabled")) for c in root.iter("asset-clip") if c.get("lane")]
    assert roles == [("dialogue", "1"), ("music", "1"), ("effects", "1"), ("film", "0")]
    root = xml.parse(PLACE / "harbour.mlt").getroot()
    hidden = [t.get("hide") for t in root.findall("tractor[@id='film']/track")]
    assert hidden == [None, None, "video", "video", "video", "both"]


def test_they_are_files_for_a_program_that_reads_an_edl(typed: Typed) -> None:
    """The README of Media Composer names them."""
    made(MIX)
    typed("--for", "avid")
    assert sorted(path.name for path in (PLACE / "media").glob("*.wav")) == [
        "harbour-dialogue.wav", "harbour-effects.wav", "harbour-music.wav",
    ]  # fmt: skip


def test_they_begin_where_the_film_begins(typed: Typed) -> None:
    made(MIX)
    typed("-f", "otio", "--start", "10:00:00:00")
    with av.open(str(stem("music"))) as container:
        assert container.metadata["time_reference"] == str(36_000 * 48_000)


def test_of_voice_and_music_one_after_the_other(typed: Typed) -> None:
    """What was laid under the film before, and pictures that change after it, are followed."""
    made(MUX)
    done, _, err = typed("-f", "otio")
    assert done == 0, err
    assert stems() == ["dialogue", "music"]
    assert loud(stem("dialogue"))[1:5] == [False, True, True, False]


def test_of_clips_that_were_spoken_over_before_they_were_joined(typed: Typed) -> None:
    made(EACH)
    typed("-f", "otio")
    assert stems() == ["dialogue"]
    assert loud(stem("dialogue")) == [True, True, False, True, True, False, False]


def test_of_a_timeline(typed: Typed) -> None:
    made(TIMELINE)
    typed("-f", "otio")
    assert stems() == ["dialogue", "music"]
    assert loud(stem("music")) == [True, True] + [False] * 6


def test_a_film_without_them(typed: Typed) -> None:
    made("""
  film: {uses: media/concat, with: {videos: "${{ clip.video }}"}}
outputs: {film: "${{ film.video }}"}
""")
    assert typed("-f", "otio")[0] == 0 and stems() == []


def test_again_nothing_is_mixed(typed: Typed) -> None:
    made(MIX)
    typed("-f", "otio")
    before = {path: path.stat().st_mtime_ns for path in PLACE.rglob("*.wav")}
    _, out, _ = typed("-f", "otio")
    assert {path: path.stat().st_mtime_ns for path in before} == before and "link again" not in out
    made(MIX.replace("at: 3", "at: 2"))
    _, out, _ = typed("-f", "otio")
    assert "harbour-effects.wav" in out.split("link again")[1]
