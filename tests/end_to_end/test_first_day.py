"""What a new user stumbled over in folders and in out/: each with its right outcome."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from callsheet.cli.main import main
from callsheet.emulator import Emulator

STILL = "fal-ai/hunyuan-image/v3/text-to-image"
AD = f"""
callsheet: 1
name: ad
axes:
  shape: {{over: [wide, tall, square], key: "${{{{ shape }}}}"}}
  lang: {{over: [en, de], key: "${{{{ lang }}}}"}}
nodes:
  still:
    each: [shape, lang]
    uses: {STILL}
    with: {{prompt: "${{{{ shape }}}} ${{{{ lang }}}}", seed: 1}}
  film:
    each: [shape, lang]
    uses: media/image_to_video
    with: {{image: "${{{{ still.images[0] }}}}", seconds: 1}}
outputs: {{films: "${{{{ film.video }}}}"}}
"""
SCRIPT = """
callsheet: 1
name: words
nodes:
  script:
    uses: text/split
    with: {text: "one|two", by: separator, separator: "|"}
  answer: {uses: text/chat, with: {prompt: hi}}
outputs: {script: "${{ script.parts }}", answer: "${{ answer.text }}"}
"""
FILM = f"""
callsheet: 1
name: lower
nodes: {{clip: {{uses: {STILL}, with: {{prompt: a fox, seed: 1}}}}}}
outputs: {{clip: "${{{{ clip.images[0] }}}}"}}
"""


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stop:
        main(words)
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out + err


def files() -> list[str]:
    return sorted(str(path.relative_to("out")) for path in Path("out").rglob("[!.]*.*"))


def test_the_same_film_from_one_folder_higher(
    seller: Emulator, in_folder: Path, capsys: Any, monkeypatch: Any
) -> None:
    Path("p").mkdir()
    Path("p/film.yaml").write_text(FILM)
    monkeypatch.chdir("p")
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    monkeypatch.chdir(in_folder)
    assert "nothing to make: 1 reused" in said(capsys, "plan", "p/film.yaml")[1]
    assert said(capsys, "run", "p/film.yaml", "--yes")[0] == 0
    assert len(seller.posts) == 1 and [path.name for path in in_folder.iterdir()] == ["p"]


def test_a_preview_does_not_take_the_place_of_the_paid_film(
    seller: Emulator, in_folder: Path, capsys: Any
) -> None:
    Path("film.yaml").write_text(FILM)
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    before = Path("out/lower/clip.png").read_bytes()
    code, text = said(capsys, "run", "film.yaml", "--preview")
    assert code == 0 and "clip: out/lower/preview/clip.png" in text
    assert (
        Path("out/lower/clip.png").read_bytes() == before != Path("out/lower/preview/clip.png").read_bytes()
    )
    assert "a stand-in" in said(capsys, "origin", "out/lower/preview/clip.png")[1]
    assert "a stand-in" not in said(capsys, "origin", "out/lower/clip.png")[1]


def test_out_has_each_film_once_and_its_parts_apart(seller: Emulator, in_folder: Path, capsys: Any) -> None:
    Path("film.yaml").write_text(AD)
    assert said(capsys, "run", "film.yaml", "--yes")[0] == 0
    shapes, langs = ("wide", "tall", "square"), ("en", "de")
    assert files() == sorted(
        [f"ad/films-{shape}-{lang}.mp4" for shape in shapes for lang in langs]
        + [
            f"ad/parts/still-0{i}-{shape}-0{j}-{lang}.png"
            for i, shape in enumerate(shapes, 1)
            for j, lang in enumerate(langs, 1)
        ]
    )


def test_an_output_that_is_called_like_its_node_is_one_file(
    seller: Emulator, in_folder: Path, capsys: Any
) -> None:
    Path("film.yaml").write_text(SCRIPT)
    code, text = said(capsys, "run", "film.yaml", "--yes", "--unpriced", "--budget", "1")
    assert code == 0, text
    assert files() == ["words/answer.txt", "words/script.json"]


def test_a_folder_in_place_of_the_file(seller: Emulator, in_folder: Path, capsys: Any) -> None:
    Path("p").mkdir()
    assert said(capsys, "plan", "p" * 5_000)[0] == 1
    code, text = said(capsys, "plan", "p")
    assert code == 1 and "cannot read p: Is a directory" in text
    Path("p/film.yaml").write_text(FILM)
    assert "1 to make" in said(capsys, "plan", "p")[1]
    assert said(capsys, "run", "p", "--yes")[0] == 0 and Path("p/out/lower/clip.png").is_file()
    Path("p/other.yaml").write_text(FILM.replace("lower", "other"))
    code, text = said(capsys, "run", "p")
    assert code == 1 and "the folder p has 2 pipelines (p/film.yaml, p/other.yaml)" in text
    assert len(seller.posts) == 1
