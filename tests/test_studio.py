"""The project in examples/studio: what the pages about projects and teams tell to type is typed in it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callsheet.cli.main import main
from callsheet.emulator import Emulator

ROOT = Path(__file__).parents[1]
STUDIO = ROOT / "examples/studio"
GIT = ("git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org")
FILMS = ("harbour", "market", "teaser")
CAST = 3
Typed = Callable[..., str]


def typed_in(page: str, number: int) -> list[list[str]]:
    """The commands of the `number`th shell block of a page."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    block = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[number]
    return [shlex.split(line, comments=True) for line in block.splitlines()]


@pytest.fixture
def studio(seller: Emulator, in_folder: Path) -> Emulator:
    """A copy of it in the current folder, in git, with a provider."""
    shutil.copytree(STUDIO, in_folder, dirs_exist_ok=True)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "The studio"]):
        subprocess.run([*GIT, *words], check=True)
    return seller


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Typed:
    def typed(*words: str, code: int = 0) -> str:
        """What `callsheet` with these words says."""
        spread = [
            str(path) for word in words for path in (sorted(Path().glob(word)) if "*" in word else [word])
        ]
        with pytest.raises(SystemExit) as stop:
            main(spread)
        out, err = capsys.readouterr()
        assert stop.value.code == code, out + err
        return out + err

    return typed


def test_what_the_page_tells_to_look_at(studio: Emulator, typed: Typed) -> None:
    said = [typed(*words[1:]) for words in typed_in("project.md", 0)]
    assert "3 pipelines: 3 ok" in said[0] and "warning" not in said[0]
    assert "3 films: 24 to make" in said[1] and "6 more are made for another of them" in said[1]
    assert "2 recipes, 4 examples" in said[2]
    assert list(Path("out/teaser/preview").glob("film*.mp4"))
    assert not studio.posts


def test_what_the_page_tells_of_profiles(studio: Emulator, typed: Typed) -> None:
    said = [typed(*words[1:]) for words in typed_in("project.md", 1)]
    assert "flux/schnell" in said[0]
    assert "agree (profile draft)" in said[3] and "agree (profile final)" in said[3]
    for profile in ("draft", "final"):
        assert (Path("out/harbour/profiles") / profile / "film.mp4").exists()
    assert {post.body.get("resolution") for post in studio.posts} == {None, "720p", "1080p"}
    Path("films/harbour/shots.csv").write_text("id,who,prompt\ndawn,mara,sleeps\n")
    said = typed("lock", "--check", "films/harbour", code=1)
    assert "(profile draft): " in said and "--profile final, then commit" in said


def test_what_the_page_tells_of_several_films(studio: Emulator, typed: Typed) -> None:
    for name in ("harbour", "market"):
        typed("run", f"films/{name}", "--yes")
    said = [typed(*words[1:]) for words in typed_in("project.md", 2)]
    assert "2 pipelines: 2 ok" in said[0] and "3 films: 3 to make, 27 reused" in said[1]
    assert "2 films: 2 as in the lock file, 0 not" in said[2] and said[3]


def test_the_portraits_are_bought_by_the_first_film(studio: Emulator, typed: Typed) -> None:
    for name in FILMS:
        typed("run", f"films/{name}", "--yes")
    portraits = [post for post in studio.posts if "portrait of" in str(post.body["prompt"])]
    assert len(portraits) == CAST
    assert len({json.dumps(post.body, sort_keys=True) for post in studio.posts}) == len(studio.posts)
    assert "nothing to make" in typed("plan")


def test_what_the_page_about_teams_tells_to_set_up(
    studio: Emulator, typed: Typed, tmp_path_factory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path_factory.mktemp("shared") / "films"
    (example,) = re.findall(
        r"^```toml\n(.*?)^```", (ROOT / "docs/teams.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    settings = Path("callsheet.toml")
    named = example.replace("/mnt/films", shared.as_posix())
    assert shared.as_posix() in named
    settings.write_text(named + settings.read_text("utf-8"), "utf-8")
    monkeypatch.setenv("CALLSHEET_STORE", str(shared))
    typed("run", "films/harbour", "--yes")
    for words in (["add", "-A"], ["commit", "-q", "-m", "The store, and a film"]):
        subprocess.run([*GIT, *words], check=True)
    posts, home = len(studio.posts), Path.cwd()
    clones = tmp_path_factory.mktemp("clones")
    monkeypatch.chdir(clones)
    clone, enter, init, run = typed_in("teams.md", 0)
    assert clone[:2] == ["git", "clone"] and enter[0] == "cd"
    subprocess.run([*clone[:2], "-q", str(home), enter[1]], check=True)
    monkeypatch.chdir(enter[1])
    typed(*init[1:])
    typed(*run[1:])
    assert len(studio.posts) == posts and Path("out/harbour/film.mp4").exists()


@pytest.mark.parametrize("name", FILMS)
def test_has_a_whole_price_and_current_models(name: str, studio: Emulator, typed: Typed) -> None:
    for profile in ((), ("--profile", "draft"), ("--profile", "final")):
        plan = json.loads(typed("plan", f"films/{name}", "--json", *profile))
        assert plan["usd"]["unpriced"] == 0 and 0 < plan["usd"]["high"] < 10


def test_the_price_in_the_list_of_examples(studio: Emulator, typed: Typed) -> None:
    listed = (ROOT / "examples/README.md").read_text(encoding="utf-8")
    (price,) = re.findall(r"All three cost (\$[\d.]+);", listed)
    assert typed("plan").rstrip().splitlines()[-1].startswith(f"3 films: 24 to make: {price} ")
    assert all(f"](studio/films/{name}/film.yaml)" in listed for name in FILMS)
