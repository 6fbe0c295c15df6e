"""`callsheet export`, as it is typed: the folder that an editor gets."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import callsheet as api
from callsheet.cli.main import main
from callsheet.nodes.media.tags.mp4_timecode import start_code
from callsheet.runtime.store import atomic as disk

FILM = """
callsheet: 1
name: harbour
inputs: {still: {type: image, default: ./still.png}, rate: 12}
axes:
  shot: {over: [dawn, dusk, night], key: "${{ shot }}"}
nodes:
  clip:
    each: shot
    uses: media/image_to_video
    with:
      {image: "${{ inputs.still }}", seconds: "${{ 2 if shot == 'dawn' else 1.5 }}", width: 64, height: 36}
  part: {each: shot, uses: media/trim, with: {video: "${{ clip.video }}", start: 0.25}}
  film: {uses: media/crossfade, with: {videos: "${{ part.video }}", seconds: 0.25}}
outputs: {film: "${{ film.video }}", first: "${{ clip.video }}"}
"""
Typed = Callable[..., tuple[int, str, str]]
PLACE = Path("out/harbour/handover")


@pytest.fixture
def typed(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Types `callsheet export film.yaml` and more; (exit code, standard output, standard error)."""
    Image.new("RGB", (64, 36), (90, 10, 10)).save("still.png")
    Path("film.yaml").write_text(FILM, encoding="utf-8")

    def type_it(*more: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["export", "film.yaml", *more])
        return (int(left.value.code or 0), *capsys.readouterr())

    return type_it


def made() -> None:
    assert api.run("film.yaml").status == "done"


def rows() -> list[dict[str, str]]:
    with (PLACE / "harbour.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_whole_folder(typed: Typed) -> None:
    made()
    done, out, err = typed("-f", "otio", "-f", "edl", "-f", "csv", "-f", "srt")
    assert done == 0, err
    assert out.splitlines()[:4] == [str(PLACE / f"harbour.{form}") for form in ("otio", "edl", "csv", "srt")]
    assert "every transition is handed over as a dissolve" in err
    found = rows()
    assert [(r["address"], r["in"], r["source_in"][6:], r["handle_before"]) for r in found] == [
        ('clip["dawn"]', "01:00:00:00", "10:06", "6"),
        ('clip["dusk"]', "01:00:01:12", "10:06", "6"),
        ('clip["night"]', "01:00:02:12", "10:06", "6"),
    ]
    assert found[0]["source_in"] != found[1]["source_in"], "each medium has a minute of its own"
    timeline = json.loads((PLACE / "harbour.otio").read_text(encoding="utf-8"))
    assert timeline["OTIO_SCHEMA"] == "Timeline.1"
    assert (PLACE / "media/harbour.mp4").is_file()


def test_again_nothing_is_written(typed: Typed) -> None:
    made()
    typed("-f", "otio")
    before = {path: path.stat().st_mtime_ns for path in PLACE.rglob("*") if path.suffix in (".mp4", ".otio")}
    done, out, _ = typed("-f", "otio")
    assert done == 0 and "link again" not in out
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_after_a_change_it_says_what_to_link_again(typed: Typed) -> None:
    made()
    typed("-f", "otio")
    Path("film.yaml").write_text(FILM.replace("2 if shot", "2.5 if shot"), encoding="utf-8")
    made()
    _, out, _ = typed("-f", "otio")
    assert "changed since the last time, so link again: " in out
    assert "clip-dawn.mp4" in out and "clip-night.mp4" not in out.split("link again")[1]


def test_another_folder_and_files_of_others(typed: Typed) -> None:
    made()
    Path("given/media").mkdir(parents=True)
    Path("given/media/clip-dawn.mp4").write_bytes(b"mine")
    done, _, err = typed("-o", "given")
    assert done == 0 and "is not from callsheet, so it stays" in err
    assert Path("given/media/clip-dawn.mp4").read_bytes() == b"mine"
    assert "media/clip-dawn-2.mp4" in Path("given/harbour.otio").read_text(encoding="utf-8")


def test_a_preview_has_a_folder_of_its_own(typed: Typed) -> None:
    assert api.run("film.yaml", preview=True).status == "done"
    done, out, _ = typed("--preview", "-f", "csv")
    assert done == 0 and out == f"{Path('out/harbour/preview/handover/harbour.csv')}\n"


def test_the_time_code_at_which_it_begins(typed: Typed) -> None:
    made()
    typed("-f", "csv", "--start", "10:00:00:00")
    assert rows()[0]["in"] == "10:00:00:00"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--start", "soon"), "soon is no time code"),
        (("--output", "nothing"), "there is no output nothing"),
        (("--output", "first"), "no output of this pipeline is a film that was joined"),
    ],
)
def test_what_cannot_be_written(typed: Typed, words: tuple[str, ...], said: str) -> None:
    made()
    done, out, err = typed(*words)
    assert (done, out) == (1, "") and said in err


def test_a_film_that_is_not_made(typed: Typed) -> None:
    done, _, err = typed()
    assert done == 1 and "film is not made yet" in err and "callsheet run film.yaml" in err


def test_a_file_of_the_users_is_a_shot_as_well(typed: Typed) -> None:
    made()
    Path("own.mp4").write_bytes(Path("out/harbour/film.mp4").read_bytes())
    text = FILM.replace('videos: "${{ part.video }}"', "videos: [./own.mp4, ./own.mp4]")
    Path("film.yaml").write_text(text, encoding="utf-8")
    made()
    done, _, err = typed("-f", "otio", "-f", "csv")
    assert done == 0, err
    assert {row["file"] for row in rows()} == {f"file-{disk.digest(Path('own.mp4'))[:8]}.mp4"}


def test_one_file_with_all_media(typed: Typed) -> None:
    made()
    done, out, err = typed("-f", "otioz")
    assert done == 0 and out == f"{PLACE / 'harbour.otioz'}\n", err
    assert not (PLACE / "media").exists()
    before = (PLACE / "harbour.otioz").read_bytes()
    with zipfile.ZipFile(PLACE / "harbour.otioz") as bundle:
        names = bundle.namelist()
        assert names[:2] == ["version.txt", "content.otio"] and "media/clip-dawn.mp4" in names
        assert bundle.testzip() is None and all(not info.is_dir() for info in bundle.infolist())
    (PLACE / "harbour.otioz").unlink()
    typed("-f", "otioz")
    assert (PLACE / "harbour.otioz").read_bytes() == before, "the same edit, the same bytes"


def test_the_bundle_opens_elsewhere(typed: Typed) -> None:
    otio = pytest.importorskip("opentimelineio")
    made()
    typed("-f", "otioz")
    Path("elsewhere").mkdir()
    place = str(PLACE / "harbour.otioz")
    timeline = otio.adapters.read_from_file(place, extract_to_directory="elsewhere")
    for clip in timeline.find_clips():
        code = start_code(Path("elsewhere", clip.media_reference.target_url))
        whole = clip.available_range().start_time
        assert code and code.reel == clip.metadata["callsheet"]["digest"][:8].upper()
        assert (code.frame, code.rate) == (whole.value, whole.rate)
