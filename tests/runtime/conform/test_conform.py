"""`callsheet conform`, as it is typed: a film shows the cut of a person, frame by frame."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import callsheet as api
from callsheet.cli.main import main
from callsheet.dsl.cuts.edit import Placed
from callsheet.dsl.graph import Take
from callsheet.runtime.conform.match import Matcher
from callsheet.runtime.lock.lock_file import LockFile
from callsheet.runtime.project_state import ProjectState
from callsheet.spec.media import Artifact, Facts
from callsheet.testing.fakes import fake_graph, fake_instance, fake_spec
from callsheet.testing.sounds import tone, written
from tests.grey_film import FILM, LEVELS, OUT, grey_shot, levels, near, write_film

CUT = FILM.replace(
    '{uses: media/concat, with: {videos: "${{ clip.video }}"}}',
    "{uses: media/timeline, with: {cut: ./film.cut.otio}}",
)
EDITED = Path("given/edited.otio")
Typed = Callable[..., tuple[int, str, str]]
Timeline = dict[str, Any]


def of(name: str, first: int = 0, frames: int = 24) -> list[int]:
    return levels(Path(f"given/media/clip-{name}.mp4"))[first : first + frames]


@pytest.fixture
def typed(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    """A film that is made and handed over; types `callsheet` and more: (exit code, output, errors)."""
    write_film()

    def type_it(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(list(words))
        return (int(left.value.code or 0), *capsys.readouterr())

    assert api.run("film.yaml").status == "done"
    assert type_it("export", "film.yaml", "-o", "given")[0] == 0
    return type_it


def edit(change: Callable[[list[Any]], list[Any]]) -> None:
    """As an editing program: change the clips on the first track, and save."""
    timeline = json.loads(Path("given/harbour.otio").read_text(encoding="utf-8"))
    track = timeline["tracks"]["children"][0]
    track["children"] = change(track["children"])
    EDITED.write_text(json.dumps(timeline), encoding="utf-8")


def trimmed(clip: Timeline, first: int, frames: int) -> Timeline:
    """In the time code of its medium, as an editing program says it."""
    whole = clip["media_references"]["DEFAULT_MEDIA"]["available_range"]["start_time"]["value"]
    clip["source_range"]["start_time"]["value"] = whole + first
    clip["source_range"]["duration"]["value"] = float(frames)
    return clip


def recut(clips: list[Any]) -> list[Any]:
    """Night first, then dawn from its picture 6 on, then dusk twice as fast."""
    dawn, dusk, night = clips
    warp = {"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": 2.0, "enabled": True}
    return [trimmed(night, 0, 10), trimmed(dawn, 6, 12), {**trimmed(dusk, 4, 8), "effects": [warp]}]


def conformed(typed: Typed) -> tuple[int, str, str]:
    done = typed("conform", str(EDITED), "film.yaml")
    Path("film.yaml").write_text(CUT, encoding="utf-8")
    return done


def test_the_cut_of_a_person_is_the_film(typed: Typed) -> None:
    edit(recut)
    done, out, err = conformed(typed)
    assert done == 0, err
    assert "film.cut.otio: 3 clips of shots" in out and "next: callsheet plan film.yaml" in out
    assert api.run("film.yaml").status == "done"
    near(levels(), of("night", 0, 10) + of("dawn", 6, 12) + of("dusk", 4, 16)[::2])


def test_a_shot_that_is_made_again_takes_its_place(typed: Typed) -> None:
    edit(recut)
    conformed(typed)
    assert api.run("film.yaml").status == "done"
    before = levels()
    grey_shot("dawn", 60)
    assert api.run("film.yaml").status == "done"
    again = levels(OUT / "dawn.mp4")[6:18]
    near(levels(), before[:10] + again + before[22:])
    assert again[0] > before[10] + 20


def test_what_another_program_left_of_a_clip(typed: Typed) -> None:
    """Without metadata the bytes are known, and without the bytes the name."""

    def bare(clips: list[Any]) -> list[Any]:
        for clip in clips:
            clip["metadata"] = clip["media_references"]["DEFAULT_MEDIA"]["metadata"] = {}
            clip["media_references"]["DEFAULT_MEDIA"]["target_url"] = "media/other.mp4"
        clips[0]["media_references"]["DEFAULT_MEDIA"]["target_url"] = "file:///Volumes/SSD/clip-dawn.mp4"
        return clips[:2]

    Path("given/media/other.mp4").write_bytes(Path("given/media/clip-dusk.mp4").read_bytes())
    edit(bare)
    done, out, err = conformed(typed)
    assert done == 0 and "2 clips of shots" in out, err
    assert api.run("film.yaml").status == "done"
    near(levels(), of("dawn") + of("dusk"))


def test_a_clip_of_others_and_one_without_media(typed: Typed) -> None:
    def foreign(clips: list[Any]) -> list[Any]:
        for clip, url in zip(
            clips, ("../own.mp4", "https://example.com/x.mp4", "../../../secret.mp4"), strict=True
        ):
            clip["metadata"] = {}
            clip["name"], clip["source_range"]["start_time"]["value"] = url, 0.0
            clip["media_references"]["DEFAULT_MEDIA"] = {
                "OTIO_SCHEMA": "ExternalReference.1", "target_url": url, "available_range": None,
            }  # fmt: skip
        return clips

    Path("own.mp4").write_bytes(Path("dawn.mp4").read_bytes() + bytes(8))
    edit(foreign)
    done, out, err = conformed(typed)
    assert done == 0 and "0 clips of shots, and 1 file of others" in out
    assert "https://example.com/x.mp4, which is not opened" in err
    assert "secret.mp4, which is not a file of this project" in err
    assert api.run("film.yaml").status == "done"
    near(levels(), of("dawn"))


def test_diff_tells_what_changed_in_a_cut(typed: Typed) -> None:
    """A clip that comes in before others is one change: the others only move."""
    edit(recut)
    conformed(typed)
    Path("after.yaml").write_text(FILM, encoding="utf-8")
    edit(lambda clips: [trimmed(deepcopy(clips[1]), 3, 6), *recut(clips)])
    assert typed("conform", str(EDITED), "after.yaml")[0] == 0
    Path("after.yaml").write_text(CUT.replace("./film.cut", "./after.cut"), encoding="utf-8")
    done, out, err = typed("diff", "film.yaml", "after.yaml")
    assert done == 0 and 'clips: + clip["dusk"].video (start 0.125, seconds 0.25)\n' in out, (out, err)


def test_the_film_cannot_show_itself(typed: Typed) -> None:
    def whole(clips: list[Any]) -> list[Any]:
        clips[1]["metadata"] = clips[1]["media_references"]["DEFAULT_MEDIA"]["metadata"] = {}
        clips[1]["media_references"]["DEFAULT_MEDIA"]["target_url"] = "media/harbour.mp4"
        return clips

    edit(whole)
    done, out, err = conformed(typed)
    assert done == 0 and "2 clips of shots" in out and "is the film itself" in err


def test_the_parts_of_its_sound_are_not_laid_under_it_again(typed: Typed) -> None:
    written(Path("song.wav"), tone(440, 0.2))
    scored = "{uses: media/mux, with: {video: '${{ cut.video }}', music: ./song.wav}}"
    text = FILM.replace("  film: {uses", f"  film: {scored}\n  cut: {{uses")
    Path("film.yaml").write_text(text, encoding="utf-8")
    assert api.run("film.yaml").status == "done"
    assert typed("export", "film.yaml", "-o", "given")[0] == 0
    assert Path("given/media/harbour-music.wav").is_file()
    edit(recut)
    done, out, err = conformed(typed)
    assert done == 0 and "3 clips of shots" in out and "is sound of the film itself" in err, (out, err)
    assert '"file"' not in Path("film.cut.otio").read_text(encoding="utf-8")


def test_each_frame_is_the_one_that_the_person_chose(typed: Typed) -> None:
    """Sixty clips of three shots, in any order, trimmed anyhow."""
    chosen = random.Random(7).choices(
        [(n, a, f) for n in range(3) for a in range(20) for f in range(1, 5)], k=60
    )
    edit(lambda clips: [trimmed(deepcopy(clips[n]), a, f) for n, a, f in chosen])
    assert conformed(typed)[0] == 0
    assert api.run("film.yaml").status == "done"
    names = [*LEVELS]
    near(levels(), [grey for n, a, f in chosen for grey in of(names[n], a, f)])


def test_a_dissolve_is_where_it_was(typed: Typed) -> None:
    Path("film.yaml").write_text(
        FILM.replace("media/concat, with: {", "media/crossfade, with: {seconds: 0.25, "), encoding="utf-8"
    )
    assert api.run("film.yaml").status == "done"
    before = levels()
    typed("export", "film.yaml", "-o", "given")
    edit(list)
    assert conformed(typed)[0] == 0
    assert api.run("film.yaml").status == "done"
    near(levels(), before)


def test_a_shot_that_is_too_short_now(typed: Typed) -> None:
    edit(lambda clips: [trimmed(clips[0], 0, 36), *clips[1:]])
    _, _, err = conformed(typed)
    assert 'clip["dawn"] is 1.00 s long and the cut shows it up to 1.50 s' in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"OTIO_SCHEMA": "Timeline.1",\n "tracks": }', "edited.otio:2:12: it is no JSON"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"OTIO_SCHEMA": "Timeline.1", "rate": NaN}', "NaN is no number"),
        ("[1]", "it is no timeline of OpenTimelineIO"),
        ('{"OTIO_SCHEMA": "Timeline.1", "tracks": {"children": 7}}', "it has no track of pictures"),
    ],
)
def test_what_is_no_timeline(typed: Typed, text: str, said: str) -> None:
    EDITED.write_text(text, encoding="utf-8")
    done, out, err = typed("conform", str(EDITED), "film.yaml")
    assert (done, out) == (1, "") and said in err
    assert not Path("film.cut.otio").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"OTIO_SCHEMA": "Stack.1", "name": "compound"}, "Stack 'compound' is a timeline in the timeline"),
        ({"OTIO_SCHEMA": "Stack.1", "name": "c", "source_range": None}, "Stack 'c' is a timeline in the"),
        ({"effects": [{"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": -1}]}, "runs at -1 times its speed"),
    ],
)
def test_what_no_film_can_show(typed: Typed, change: Timeline, said: str) -> None:
    edit(lambda clips: [{**clips[0], **change}, *clips[1:]])
    done, _, err = typed("conform", str(EDITED), "film.yaml")
    assert done == 1 and said in err


@pytest.mark.parametrize(
    ("with_", "said"),
    [
        ("{cut: ./film.cut.otio, clips: []}", "`cut` says which clips there are, and so does `clips`"),
        ("{cut: ./no.otio}", "there is no file"),
        ("{seconds: 2}", "it has neither `clips` nor a `cut`"),
        ("{cut: [1]}", "`cut` is the name of a file"),
        ("{cut: ./given/harbour.otio}", "does not say which shot each of its clips shows"),
    ],
)
def test_a_cut_that_is_named_wrongly(typed: Typed, with_: str, said: str) -> None:
    edit(recut)
    conformed(typed)
    Path("film.yaml").write_text(CUT.replace("{cut: ./film.cut.otio}", with_), encoding="utf-8")
    done, _, err = typed("check", "film.yaml")
    assert done == 1 and said in err


def without(name: str) -> str:
    text = CUT.replace(f"      - {{name: {name}, video: ./{name}.mp4}}\n", "")
    return text if name != "dawn" else text.replace(", dawn: \"${{ clip['dawn'].video }}\"", "")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("night", lambda: [16] * 10 + of("dawn", 6, 12) + of("dusk", 4, 16)[::2]),
        ("dawn", lambda: of("night", 0, 10) + [16] * 12 + of("dusk", 4, 16)[::2]),
        ("dusk", lambda: of("night", 0, 10) + of("dawn", 6, 12) + [16] * 8),
    ],
)
def test_the_place_of_a_shot_that_is_gone_stays_empty(
    typed: Typed, name: str, shown: Callable[[], list[int]]
) -> None:
    edit(recut)
    conformed(typed)
    Path("film.yaml").write_text(without(name), encoding="utf-8")
    done, _, err = typed("check", "film.yaml")
    assert done == 0 and "film.cut.otio:" in err
    assert f'the cut shows clip["{name}"] at' in err and "which this film does not have" in err
    assert api.run("film.yaml").status == "done"
    near(levels(), shown())


def test_the_place_of_a_shot_that_is_skipped_stays_empty(typed: Typed) -> None:
    edit(recut)
    conformed(typed)
    skipped = CUT.replace("each: shot,", "each: shot, when: \"${{ shot.name != 'dawn' }}\",")
    skipped = skipped.replace(", dawn: \"${{ clip['dawn'].video }}\"", "")
    Path("film.yaml").write_text(skipped, encoding="utf-8")
    assert api.run("film.yaml").status == "done"
    near(levels(), of("night", 0, 10) + [16] * 12 + of("dusk", 4, 16)[::2])


def test_a_conformed_cut_keeps_what_is_gone_until_it_is_back(typed: Typed) -> None:
    """Its file is not at hand, so that only its name is left; when it is back, it is shown."""
    edit(recut)
    conformed(typed)
    Path("film.yaml").write_text(without("dusk"), encoding="utf-8")
    Path("given/media/clip-dusk.mp4").unlink()
    done, out, err = typed("conform", str(EDITED), "film.yaml")
    assert done == 0 and 'shows clip["dusk"], which this film does not have' in err, (out, err)
    Path("film.yaml").write_text(CUT, encoding="utf-8")
    assert api.run("film.yaml").status == "done"
    near(levels(), of("night", 0, 10) + of("dawn", 6, 12) + levels(Path("dusk.mp4"))[4:20][::2])


def test_a_cut_of_another_film(typed: Typed) -> None:
    edit(recut)
    Path("other.yaml").write_text(FILM.replace("harbour", "other").replace("clip", "part"), encoding="utf-8")
    Path("given/media").rename("media")
    done, _, err = typed("conform", str(EDITED), "other.yaml")
    assert done == 0 and "clip" not in Path("other.cut.otio").read_text().split('"conformed"')[1][:60], err


def test_fades_and_transitions_of_the_cut_are_shown(typed: Typed) -> None:
    """It comes from black, dips to black in the middle, and goes to black."""

    def change(name: str, before: int, after: int) -> Timeline:
        offsets = {"in_offset": before, "out_offset": after}
        times = {n: {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": v} for n, v in offsets.items()}
        kind = "SMPTE_Dissolve" if name == "dissolve" else "Custom_Transition"
        return {"OTIO_SCHEMA": "Transition.1", "name": name, "transition_type": kind, **times}

    def faded(clips: list[Any]) -> list[Any]:
        first, second = trimmed(clips[2], 0, 12), trimmed(clips[1], 6, 12)
        dip = change("Dip to Black", 2, 2)
        return [change("dissolve", 0, 6), first, dip, second, change("dissolve", 6, 0)]

    edit(faded)
    done, _, err = conformed(typed)
    assert done == 0 and "transition" not in err, err
    assert api.run("film.yaml").status == "done"
    found = levels()
    assert len(found) == 24 and found[0] <= 40 < found[3] < found[8]
    assert min(found[10:14]) < 60 < found[8] and found[23] < 40 < found[16]
    near(found[6:10], of("night", 6, 4))


@pytest.mark.parametrize("form", ["fcp7", "edl"])
def test_cuts_in_other_forms(typed: Typed, form: str) -> None:
    """As it was handed over, with two clips in each other's place."""
    assert typed("export", "film.yaml", "-o", "given", "-f", form)[0] == 0
    path = Path("given", f"harbour.{'xml' if form == 'fcp7' else 'edl'}")
    done, out, err = typed("conform", str(path), "film.yaml")
    assert done == 0 and "3 clips of shots" in out, err
    assert "known only by" not in err, "the reel tells"
    Path("film.yaml").write_text(CUT, encoding="utf-8")
    assert api.run("film.yaml").status == "done"
    near(levels(), of("dawn") + of("dusk") + of("night"))


def test_a_shot_that_is_made_again_is_known_in_other_forms(typed: Typed) -> None:
    """The XML names the film, and the name of the file is what an EDL has."""
    for form, told in (("fcp7", ""), ("edl", "1 clip known only by the names of their files: clip-dawn.mp4")):
        typed("export", "film.yaml", "-o", "given", "-f", form)
        grey_shot("dawn", 60 if form == "fcp7" else 61)
        assert api.run("film.yaml").status == "done"
        path = Path("given", f"harbour.{'xml' if form == 'fcp7' else 'edl'}")
        done, out, err = typed("conform", str(path), "film.yaml")
        assert done == 0 and "3 clips of shots" in out and told in err, err
        cut = json.loads(Path("film.cut.otio").read_text())["tracks"]["children"][0]["children"]
        assert cut[0]["metadata"]["callsheet"]["conformed"]["address"] == 'clip["dawn"]'


def test_the_take_that_counts_is_measured() -> None:
    """The editor saw take 1, which is long enough; take 2 was picked since."""
    spec = fake_spec("fake/video")
    takes = [
        replace(fake_instance("clip", spec), address=address, take=Take(number, 2, number == 2))
        for number, address in ((1, "clip"), (2, "clip#2"))
    ]
    outputs = {
        f"clip{'#2' * (n - 1)}": {"video": Artifact("video", Path("x"), str(n) * 64, Facts(seconds=10.0 / n))}
        for n in (1, 2)
    }
    now = ProjectState(fake_graph(takes), LockFile(Path("film.yaml"), lambda: None), outputs)
    item = {"metadata": {"callsheet": {"film": "fake", "address": "clip", "digest": "1" * 64, "take": 1}}}
    shows = Matcher(now, frozenset(), "fake", Path())(
        Placed(1, "video", 0, 0, 24, Fraction(0), Fraction(1), item)
    )
    assert shows.mark == {"address": "clip", "output": "video"}
    assert shows.artifact is not None and shows.artifact.facts.seconds == 5.0


@pytest.mark.parametrize("program", ["avid", "premiere"])
def test_an_edl_brings_a_shot_back_that_the_film_dropped(typed: Typed, program: str) -> None:
    """Its time code is known by its name, or by its reel where Premiere's EDL has no names."""
    assert typed("export", "film.yaml", "-o", "given", "-f", "edl", "--for", program)[0] == 0
    dropped = "videos: [\"${{ clip['dawn'].video }}\", \"${{ clip['night'].video }}\"]"
    Path("film.yaml").write_text(FILM.replace('videos: "${{ clip.video }}"', dropped), encoding="utf-8")
    assert api.run("film.yaml").status == "done"
    done, out, err = typed("conform", "given/harbour.edl", "film.yaml")
    assert done == 0 and "3 clips of shots" in out and "held" not in err, err
    Path("film.yaml").write_text(CUT, encoding="utf-8")
    assert api.run("film.yaml").status == "done"
    near(levels(), of("dawn") + of("dusk") + of("night"))


def test_a_cut_that_is_written_can_be_read(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is too large in lines it is written without them, and refused where that is too large, too."""
    edit(recut)
    small = len(json.dumps(json.loads(EDITED.read_text(encoding="utf-8")), ensure_ascii=False))
    monkeypatch.setattr("callsheet.runtime.conform.conform.MOST_BYTES", small + 1000)
    assert conformed(typed)[0] == 0
    assert len(Path("film.cut.otio").read_text(encoding="utf-8").splitlines()) == 1
    before = Path("film.cut.otio").read_bytes()
    monkeypatch.setattr("callsheet.runtime.conform.conform.MOST_BYTES", small // 2)
    done, _, err = typed("conform", str(EDITED), "film.yaml")
    assert done == 1 and "is larger than 0 MB" in err
    assert Path("film.cut.otio").read_bytes() == before


def test_a_file_that_no_film_can_show_is_kept_and_said(typed: Typed) -> None:
    """A cut that `conform` wrote can always be read, or nobody could conform again."""
    Path("words.mp4").write_text("no video", encoding="utf-8")

    def with_words(clips: list[Any]) -> list[Any]:
        other = deepcopy(clips[1])
        medium = other["media_references"]["DEFAULT_MEDIA"]
        other["name"], other["metadata"], medium["metadata"] = "words", {}, {}
        medium["target_url"] = "../words.mp4"
        return [clips[0], other, clips[2]]

    edit(with_words)
    done, out, err = conformed(typed)
    assert done == 0 and "2 clips of shots" in out and "which callsheet does not read" in err
    assert typed("check", "film.yaml")[0] == 0 and conformed(typed)[0] == 0


def test_a_file_with_the_name_of_the_film_is_no_shot(typed: Typed) -> None:
    """It was taken for the node that shows the cut, which then referred to itself."""

    def renamed(clips: list[Any]) -> list[Any]:
        other = deepcopy(clips[1])
        medium = other["media_references"]["DEFAULT_MEDIA"]
        other["name"], other["metadata"], medium["metadata"] = "film", {}, {}
        medium["target_url"] = "/elsewhere/film.mp4"
        return [clips[0], other, clips[2]]

    edit(renamed)
    done, out, err = conformed(typed)
    assert done == 0 and "2 clips of shots" in out and "cannot show itself" in err
    assert typed("check", "film.yaml")[0] == 0


def test_the_pictures_of_the_film_before_its_sound_are_the_film_too(typed: Typed) -> None:
    """In a pipeline whose film is mixed after it was joined, the joined clips would show themselves."""
    written(Path("tone.wav"), tone(440, 0.2))
    mixed = '  mixed: {uses: media/mux, with: {video: "${{ film.video }}", voice: ./tone.wav}}\noutputs:'
    text = FILM.replace("outputs:", mixed, 1).replace(
        'film: "${{ film.video }}"', 'film: "${{ mixed.video }}"'
    )
    Path("film.yaml").write_text(text, encoding="utf-8")
    assert api.run("film.yaml").status == "done"

    def with_joined(clips: list[Any]) -> list[Any]:
        other = deepcopy(clips[1])
        medium = other["media_references"]["DEFAULT_MEDIA"]
        other["name"], other["metadata"], medium["metadata"] = "joined", {}, {}
        medium["target_url"] = "../out/harbour/parts/film.mp4"
        return [*clips, other]

    edit(with_joined)
    done, out, err = typed("conform", str(EDITED), "film.yaml")
    assert done == 0 and "3 clips of shots" in out and "cannot show itself" in err, (out, err)


def test_where_there_is_no_cut_yet(typed: Typed) -> None:
    Path("film.yaml").write_text(CUT, encoding="utf-8")
    done, _, err = typed("check", "film.yaml")
    assert done == 1 and "there is no cut ./film.cut.otio yet" in err and "callsheet conform EDITED" in err


@pytest.mark.parametrize(
    ("broken", "alone"),
    [
        (None, True),
        (None, False),
        ("\x00\xff", True),
        ('{"OTIO_SCHEMA": "Timeline.1"}', False),
        ("folder", True),
    ],
)
def test_a_cut_is_taken_over_where_the_last_one_is_missing_or_broken(
    broken: str | None, alone: bool, typed: Typed
) -> None:
    more = (
        "  still: {uses: media/frame, with: {video: '${{ film.video }}'}}\noutputs: {a: '${{ still.image }}',"
    )
    cut = Path("film.cut.otio")
    Path("film.yaml").write_text(CUT if alone else CUT.replace("outputs: {", more), encoding="utf-8")
    if broken == "folder":
        cut.mkdir()
    elif broken is not None:
        cut.write_text(broken, encoding="latin-1")
    edit(recut)
    done, _, err = typed("conform", str(EDITED), "film.yaml")
    if broken == "folder":
        assert done != 0 and "Traceback" not in err
        return
    assert done == 0, err
    assert api.run("film.yaml").status == "done"
    near(levels(), of("night", 0, 10) + of("dawn", 6, 12) + of("dusk", 4, 16)[::2])


def test_what_else_is_wrong_is_said_at_conform(typed: Typed) -> None:
    Path("film.yaml").write_text(
        CUT.replace("clip.video", "clap.video").replace("axes:", "axis:"), encoding="utf-8"
    )
    edit(recut)
    done, _, err = typed("conform", str(EDITED), "film.yaml")
    assert done == 1 and "there is no cut" not in err and "axes" in err


def test_a_clip_that_is_shown_for_no_frame(typed: Typed) -> None:
    edit(lambda clips: [clips[0], trimmed(clips[1], 0, 0), clips[2]])
    done, _, err = conformed(typed)
    assert done == 0 and "less than a frame" in err
    assert api.run("film.yaml").status == "done"
    near(levels(), of("dawn") + of("night"))


def test_an_edl_of_shots_that_have_the_same_bytes_now(typed: Typed) -> None:
    """They are one medium, which has the name of the first."""
    assert typed("export", "film.yaml", "-o", "given", "-f", "edl")[0] == 0
    grey_shot("dusk", LEVELS["dawn"])
    assert api.run("film.yaml").status == "done"
    done, _, err = typed("conform", "given/harbour.edl", "film.yaml")
    assert done == 0 and "held" not in err, err
    Path("film.yaml").write_text(CUT, encoding="utf-8")
    assert api.run("film.yaml").status == "done"
    near(levels(), of("dawn") + of("dawn") + of("night"))
