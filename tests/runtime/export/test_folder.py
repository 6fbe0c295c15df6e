"""The folder that an editor gets: dialects, page, README, subtitles and LUTs, and all of it as one ZIP."""

from __future__ import annotations

import base64
import re
import zipfile
from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

import callsheet as api
from callsheet.cli.main import main
from callsheet.nodes.media.tags.mp4_timecode import start_code
from callsheet.runtime.export import shots_page
from callsheet.runtime.export.cut import EditClip, Medium
from tests.grey_film import grey_shot

FILM = """
callsheet: 1
name: harbour
inputs: {still: {type: image, default: ./still.png}}
axes:
  shot: {over: ["dawn <b>", dusk], key: "${{ shot }}"}
nodes:
  clip:
    each: shot
    uses: media/image_to_video
    with:
      {image: "${{ inputs.still }}", seconds: "${{ 2 if shot == 'dusk' else 1.5 }}", width: 64, height: 36}
  part: {each: shot, uses: media/trim, with: {video: "${{ clip.video }}", start: 0.25}}
  cut: {uses: media/concat, with: {videos: "${{ part.video }}"}}
  graded: {uses: media/color, with: {video: "${{ cut.video }}", lut: ./warm.cube}}
  film:
    uses: media/subtitles
    with:
      video: ${{ graded.video }}
      lines: [{start: 0, end: 1, text: "Hello <i>there</i>"}]
      tracks: [{language: de, lines: [{start: 0, end: 1, text: Hallo}]}]
outputs: {film: "${{ film.video }}"}
"""
CUBE = "LUT_3D_SIZE 2\n" + "".join(f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))
PLACE = Path("out/harbour/handover")
Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    """A film that is made; types `callsheet export film.yaml` and more."""
    Image.new("RGB", (64, 36), (90, 10, 10)).save("still.png")
    Path("warm.cube").write_text(CUBE, encoding="utf-8")
    Path("film.yaml").write_text(FILM, encoding="utf-8")

    def type_it(*more: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["export", "film.yaml", *more])
        return (int(left.value.code or 0), *capsys.readouterr())

    return type_it


def made() -> None:
    assert api.run("film.yaml").status == "done"


def test_what_is_beside_the_media(typed: Typed) -> None:
    made()
    done, out, err = typed()
    assert done == 0, err
    found = sorted(
        p.relative_to(PLACE).as_posix() for p in PLACE.rglob("*") if p.is_file() and p.name[0] != "."
    )
    assert found == [
        "README.txt", "harbour.otio", "luts/warm.cube", "media/clip-dawn-b.mp4", "media/clip-dusk.mp4",
        "media/harbour.mp4", "shots.html", "subtitles/burnt-in.srt", "subtitles/de.srt",
    ]  # fmt: skip
    assert "00:00:00,000 --> 00:00:01,000\nHello" in (PLACE / "subtitles/burnt-in.srt").read_text("utf-8")
    assert (PLACE / "luts/warm.cube").read_text("utf-8") == CUBE
    assert str(PLACE / "shots.html") in out.splitlines()


def test_the_page_of_the_shots(typed: Typed) -> None:
    made()
    typed()
    page = (PLACE / "shots.html").read_text("utf-8")
    assert "<script" not in page and "dawn &lt;b&gt;" in page and "<b>]" not in page
    assert "default-src &#x27;none&#x27;; img-src data:; style-src &#x27;sha256-" in page
    assert page.count('src="data:image/jpeg;base64,/9j/') == 2
    assert "01:00:01:06" in page and re.search(r"reel [0-9A-F]{8}", page)
    assert not re.search(r'(src|href)="(?!data:)', page), "nothing is loaded"


def test_pictures_are_those_of_the_shots_beginning_whatever_the_rate_of_its_file(in_folder: Path) -> None:
    grey_shot("slow", 90, rate=12)
    medium = Medium("a" * 64, Path("slow.mp4"), "slow.mp4", Fraction(12), 24)
    grey = {}
    for start in (0, 12, 13, 46):
        drawn = shots_page.drawn(EditClip(1, "slow", medium, 0, 12, start), Fraction(24))
        jpeg = base64.b64decode(drawn.partition("base64,")[2].partition('"')[0])
        grey[start] = Image.open(BytesIO(jpeg)).convert("L").getpixel((32, 18))
    risen = {start: found - grey[0] for start, found in grey.items()}  # type: ignore[operator]
    step = 2 * 255 / 219
    assert risen == {start: pytest.approx(start // 2 * step, abs=1.1) for start in grey}


def test_the_readme_says_what_each_format_does_not_hold(typed: Typed) -> None:
    made()
    typed("-f", "edl", "-f", "mlt", "--for", "avid")
    text = (PLACE / "README.txt").read_text("utf-8")
    assert max(map(len, text.splitlines())) <= 88
    text = " ".join(text.split())
    assert "Media Composer: Link the folder media first." in text and "Kdenlive:" not in text
    assert "- edl: no sound, no tracks above the first" in text
    assert "Media Composer does not read -f mlt" in text


@pytest.mark.parametrize(
    ("program", "files"),
    [
        ("premiere", ["harbour.xml"]),
        ("resolve", ["harbour.otio"]),
        ("finalcut", ["harbour.fcpxml"]),
        ("avid", ["harbour.edl", "harbour.markers.txt"]),
        ("kdenlive", ["harbour.mlt"]),
    ],
)
def test_a_program_gets_what_it_reads_best(typed: Typed, program: str, files: list[str]) -> None:
    made()
    done, _, err = typed("--for", program)
    assert done == 0, err
    assert sorted(path.name for path in PLACE.glob("harbour.*")) == files


def test_dialects(typed: Typed) -> None:
    made()
    typed("--for", "resolve", "-f", "fcpxml", "-f", "edl")
    text = (PLACE / "harbour.fcpxml").read_text("utf-8")
    assert f'src="{(PLACE / "media/clip-dusk.mp4").absolute().as_uri()}"' in text
    assert " |C:ResolveColorBlue |M:" in (PLACE / "harbour.markers.edl").read_text("utf-8")
    assert "FROM CLIP NAME" in (PLACE / "harbour.edl").read_text("utf-8")
    _, _, err = typed("--for", "finalcut", "-f", "fcpxml", "-f", "edl")
    assert 'src="./media/clip-dusk.mp4"' in (PLACE / "harbour.fcpxml").read_text("utf-8")
    assert "Final Cut Pro does not read -f edl: it reads -f fcpxml" in err
    typed("--for", "avid")
    lines = (PLACE / "harbour.markers.txt").read_text("utf-8").splitlines()
    assert lines[1].split("\t")[:4] == ["callsheet", "01:00:01:06", "V1", "blue"]


def test_handles_that_are_too_short_are_named(typed: Typed) -> None:
    made()
    assert "handles" not in typed()[2]
    _, _, err = typed("--handles", "8")
    assert "handles of fewer than 8 frames: shot 1 (6 before, 0 after), 2 (6 before, 0 after)" in err


def test_one_zip_that_opens_on_another_machine(typed: Typed) -> None:
    made()
    done, out, err = typed("-f", "zip")
    assert done == 0 and str(PLACE / "harbour.zip") in out.splitlines(), err
    with zipfile.ZipFile(PLACE / "harbour.zip") as bundle:
        names = bundle.namelist()
        bundle.extractall("elsewhere")
    for ending in ("otio", "xml", "fcpxml", "edl", "mlt", "csv", "srt"):
        assert f"harbour/harbour.{ending}" in names
    here = str(Path.cwd())
    for name in names:
        if not name.endswith((".mp4", ".zip")):
            assert here not in Path("elsewhere", name).read_text("utf-8"), name
    code = start_code(Path("elsewhere/harbour/media/clip-dusk.mp4"))
    assert code and code.reel and code.frame
    before = (PLACE / "harbour.zip").stat().st_mtime_ns
    typed("-f", "zip")
    assert (PLACE / "harbour.zip").stat().st_mtime_ns == before, "nothing changed, nothing is written"


def test_after_a_change_only_what_changed_is_written(typed: Typed) -> None:
    made()
    typed()
    before = {
        path: path.stat().st_mtime_ns for path in PLACE.rglob("*") if path.suffix in (".mp4", ".srt", ".cube")
    }
    Path("film.yaml").write_text(FILM.replace("2 if shot", "2.5 if shot"), encoding="utf-8")
    made()
    _, out, _ = typed()
    changed = sorted(path.name for path in before if path.stat().st_mtime_ns != before[path])
    assert changed == ["clip-dusk.mp4", "harbour.mp4"]
    assert out.splitlines()[-1] == "changed since the last time, so link again: harbour.mp4, clip-dusk.mp4"


def test_a_film_that_was_only_previewed(typed: Typed) -> None:
    assert api.run("film.yaml", preview=True).status == "done"
    done, _, err = typed()
    assert done == 1 and "or hand its preview over: callsheet export film.yaml --preview" in err
    assert typed("--preview")[0] == 0


def test_a_preview_that_is_not_made(typed: Typed) -> None:
    done, _, err = typed("--preview")
    assert done == 1 and "help: callsheet run film.yaml --preview\n" in err
