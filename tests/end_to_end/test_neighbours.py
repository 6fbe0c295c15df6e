"""Two films of one name, and a project inside a project: said by every verb, and nothing is overwritten."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import callsheet
from callsheet.cli.main import main
from callsheet.emulator import Emulator
from callsheet.errors import InputError

STILL = "fal-ai/hunyuan-image/v3/text-to-image"


def film(prompt: str, name: str = "name: film\n") -> str:
    nodes = f"nodes: {{still: {{uses: {STILL}, with: {{prompt: {prompt}, seed: 1}}}}}}"
    return f'callsheet: 1\n{name}{nodes}\noutputs: {{still: "${{{{ still.images[0] }}}}"}}\n'


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stop:
        main(words)
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out + err


@pytest.fixture
def two(seller: Emulator, in_folder: Path) -> Emulator:
    """One project with two films that are called the same, one by its file."""
    for folder, text in (("a", film("a fox")), ("b", film("a cat", name=""))):
        Path(folder).mkdir()
        Path(folder, "film.yaml").write_text(text)
    Path("callsheet.toml").touch()
    return seller


def contents() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}


def test_two_films_of_one_name_are_said(two: Emulator, capsys: Any) -> None:
    for verb in ("check", "plan"):
        code, text = said(capsys, verb, "a/film.yaml")
        assert code == 0 and "b/film.yaml has the same name" in text and "another `name:`" in text, verb
    code, text = said(capsys, "run", "a/film.yaml", "--yes")
    assert code == 0 and "b/film.yaml has the same name" in text
    (found,) = callsheet.check("a/film.yaml").diagnostics
    assert (found.code, found.severity, found.span.text) == ("film-name", "warning", "film")
    plan = json.loads(said(capsys, "plan", "b/film.yaml", "--json")[1])
    assert "a/film.yaml has the same name" in plan["notes"][0]


def test_the_second_never_overwrites_the_first(two: Emulator, capsys: Any) -> None:
    assert said(capsys, "run", "a/film.yaml", "--yes")[0] == 0
    before = contents()
    code, text = said(capsys, "run", "b/film.yaml", "--yes")
    assert code == 1 and "of this name, a/film.yaml; nothing was made" in text and "--out" in text
    with pytest.raises(InputError, match="another film of this name"):
        callsheet.run("b/film.yaml", confirm=True)
    assert contents() == before and len(two.posts) == 1
    shutil.copy("a/film.lock.yaml", "b/film.lock.yaml")
    Path("b/film.yaml").write_text(film("a fox", name=""))
    code, text = said(capsys, "takes", "b/film.yaml", "still")
    assert code == 1 and "another film of this name" in text and contents() == before
    Path("b/film.yaml").write_text(film("a cat", name=""))
    Path("b/film.lock.yaml").unlink()
    assert said(capsys, "run", "b/film.yaml", "--yes", "--out", "elsewhere")[0] == 0
    Path("b/film.yaml").write_text(film("a cat", "name: other # than a\n"))
    code, text = said(capsys, "run", "b/film.yaml", "--yes")
    assert code == 0 and "same name" not in text and Path("out/other/still.png").is_file()
    assert {path: content for path, content in contents().items() if path in before} == before
    assert len(two.posts) == 2


def test_previews_of_two_films_do_not_overwrite_each_other(two: Emulator, capsys: Any) -> None:
    assert said(capsys, "run", "a/film.yaml", "--preview")[0] == 0
    before = contents()
    code, text = said(capsys, "run", "b/film.yaml", "--preview")
    assert code == 1 and "another film of this name" in text and contents() == before


@pytest.mark.parametrize("change", ["moved", "renamed", "removed"])
def test_the_folder_of_a_film_that_is_no_more_is_taken(change: str, two: Emulator, capsys: Any) -> None:
    assert said(capsys, "run", "a/film.yaml", "--yes")[0] == 0
    if change == "moved":
        Path("c").mkdir()
        Path("b/film.yaml").unlink()
        Path("a/film.yaml").rename("c/film.yaml")
        assert said(capsys, "run", "c/film.yaml", "--yes")[0] == 0
        assert len(two.posts) == 1
        return
    if change == "renamed":
        Path("a/film.yaml").write_text(film("a fox", 'name: "first"\n'))
    else:
        Path("a/film.yaml").unlink()
    assert said(capsys, "run", "b/film.yaml", "--yes")[0] == 0
    assert len(two.posts) == 2


def test_what_is_no_film_of_the_project_is_not_said(two: Emulator, capsys: Any) -> None:
    Path("b/film.yaml").write_text("name: film\nsteps: []\n")
    for folder in ("recipes", "inner", ".hidden", "out/film"):
        Path(folder).mkdir(parents=True)
        Path(folder, "film.yaml").write_text(film("a dog"))
    Path("inner/callsheet.toml").touch()
    Path("film.lock.yaml").write_text("callsheet: 1\n")
    code, text = said(capsys, "check", "a/film.yaml")
    assert code == 0 and "same name" not in text


def test_without_a_file_of_the_project_the_same_folder_counts_and_what_was_made(
    seller: Emulator, in_folder: Path, capsys: Any
) -> None:
    Path(".git").mkdir()
    Path("sub").mkdir()
    for name in ("one.yaml", "two.yaml", "sub/film.yaml"):
        Path(name).write_text(film("a fox"))
    assert "two.yaml has the same name" in said(capsys, "check", "one.yaml")[1]
    assert "same name" not in said(capsys, "check", "sub/film.yaml")[1]
    assert said(capsys, "run", "sub/film.yaml", "--preview")[0] == 0
    assert said(capsys, "run", "sub/film.yaml", "--yes")[0] == 0
    for verb in ("check", "plan"):
        assert "sub/film.yaml has the same name" in said(capsys, verb, "one.yaml")[1]


def test_a_project_inside_a_project_is_said(seller: Emulator, in_folder: Path, capsys: Any) -> None:
    inner = Path("inner")
    inner.mkdir()
    (inner / "film.yaml").write_text(film("a fox"))
    Path("callsheet.toml").touch()
    assert "inside the project" not in said(capsys, "check", "inner/film.yaml")[1]
    (inner / "callsheet.toml").touch()
    for verb in ("check", "plan"):
        code, text = said(capsys, verb, "inner/film.yaml")
        assert code == 0 and "the project inner, which lies inside the project ." in text, verb
        assert "remove inner/callsheet.toml" in text
    code, text = said(capsys, "run", "inner/film.yaml", "--yes")
    assert code == 0 and "inside the project" in text and (inner / "out/film/still.png").is_file()
    assert not Path(".callsheet").exists()


def test_the_two_are_made_one_as_it_says(seller: Emulator, in_folder: Path, capsys: Any) -> None:
    inner = Path("inner")
    inner.mkdir()
    (inner / "film.yaml").write_text(film("a fox"))
    for folder in (Path(), inner):
        (folder / "callsheet.toml").touch()
    assert said(capsys, "run", "inner/film.yaml", "--yes")[0] == 0
    text = said(capsys, "check", "inner/film.yaml")[1]
    assert "callsheet adopt-state inner, then remove inner/callsheet.toml and inner/.callsheet" in text
    assert said(capsys, "adopt-state", "inner")[0] == 0
    (inner / "callsheet.toml").unlink()
    code, text = said(capsys, "plan", "inner/film.yaml")
    assert code == 0 and "nothing to make: 1 reused" in text and "inside the project" not in text
    assert said(capsys, "run", "inner/film.yaml", "--yes")[0] == 0 and len(seller.posts) == 1
