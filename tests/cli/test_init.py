"""`callsheet init --from`: an example, copied from the installed package."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from callsheet import check
from callsheet.cli.main import main
from callsheet.runtime.examples import examples

ROOT = Path(__file__).parents[2]


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(["init", *words])
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


def test_the_examples_are_those_of_the_repository() -> None:
    films = {path.parent.name for path in (ROOT / "examples").glob("*/film.yaml")}
    assert set(examples()) == films | {"studio"}


@pytest.mark.parametrize("name", examples())
def test_each_example_is_copied_and_right(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    code, out, _ = said(capsys, "--from", name, str(folder))
    assert code == 0 and f"next: cd {folder} && callsheet run " in out
    films = sorted(folder.rglob("film.yaml"))
    assert films and (folder / "callsheet.schema.json").exists() and (folder / ".gitignore").exists()
    for film in films:
        assert film.read_bytes() == (ROOT / "examples" / name / film.relative_to(folder)).read_bytes()
        assert check(film).diagnostics == ()


def test_nothing_is_overwritten_and_a_misspelt_name_is_guessed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "shots.csv").write_text("mine")
    code, _, err = said(capsys, "--from", "lighthouse", str(tmp_path))
    assert code == 1 and "shots.csv exists already" in err
    assert [path.name for path in tmp_path.iterdir()] == ["shots.csv"]
    code, _, err = said(capsys, "--from", "lighthose", str(tmp_path / "new"))
    assert code == 1 and "did you mean `lighthouse`?" in err


def test_a_film_of_an_example_leads_to_the_whole(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = said(capsys, "--from", "harbour", str(tmp_path / "new"))
    assert code == 1 and "it is a part of `studio`: callsheet init --from studio" in err
    code, _, err = said(capsys, "--from", "web", str(tmp_path / "new"))
    assert code == 1 and "the examples are ad, bake_off" in err


def test_what_runs_left_in_an_example_is_not_copied(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = tmp_path / "examples" / "used"
    for name in ("film.yaml", "film.lock.yaml", "out/used/film.mp4", ".callsheet/ledger.db"):
        (used / name).parent.mkdir(parents=True, exist_ok=True)
        (used / name).write_text("callsheet: 1\n")
    monkeypatch.setattr("callsheet.runtime.examples.files", lambda _: tmp_path)
    assert said(capsys, "--from", "used", str(tmp_path / "new"))[0] == 0
    copied = {path.name for path in (tmp_path / "new").iterdir()}
    assert copied == {"film.yaml", "callsheet.schema.json", ".gitignore", ".gitattributes"}


def test_an_installed_wheel_has_the_examples(tmp_path: Path) -> None:
    wheel = pytest.importorskip("hatchling.builders.wheel")
    (built,) = wheel.WheelBuilder(str(ROOT)).build(directory=str(tmp_path / "dist"), versions=["standard"])
    with zipfile.ZipFile(built) as packed:
        packed.extractall(tmp_path / "site")
    assert not [path for path in (tmp_path / "site").iterdir() if not path.name.startswith("callsheet")]
    lines = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})",
        "import callsheet",
        f"print(callsheet.__file__); callsheet.init({str(tmp_path / 'mine')!r}, 'lighthouse')",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True
    )
    assert str(tmp_path / "site") in done.stdout
    assert (tmp_path / "mine" / "shots.csv").exists()
