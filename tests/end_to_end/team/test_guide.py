"""The page about teams: what it says to type is typed here, in its order."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.team.test_recipes import BOARD, Looks

PAGE = Path(__file__).parents[3] / "docs" / "teams.md"
USE = "  board: {uses: 'USES', with: {hero: a dog}}\n  film:\n"


def typed_in(heading: str) -> Iterator[list[str]]:
    """The commands in the blocks of a section, without their comments."""
    section = PAGE.read_text("utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL):
        yield from (words for line in block.splitlines() if (words := shlex.split(line, comments=True)))


def type_all(clone: Any, heading: str) -> str:
    """Type all of a section. Returns what was printed."""
    said = ""
    for words in typed_in(heading):
        match words:
            case ["callsheet", *rest]:
                rest = [str(clone.team.store) if word == "/mnt/films" else word for word in rest]
                said += clone.type(*rest, *(["--yes"] if rest[0] == "run" else []))
            case ["git", *rest]:
                said += clone.git(*rest)
            case ["cd", folder]:
                clone.folder = clone.folder / folder
            case _:
                subprocess.run(words, cwd=clone.folder, check=True)
    return said


@pytest.fixture
def clone(team: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A clone of a film that uses a recipe of another repository."""
    monkeypatch.setenv("CALLSHEET_GIT_FILE", "1")
    looks = Looks(tmp_path / "looks")
    looks.git("tag", "v1")
    clone = team().clone("Ann")
    clone.film("  film:\n", USE.replace("USES", f"git+file://{looks.folder}@v1#film/board.yaml"))
    clone.looks = looks
    return clone


def test_the_page_about_teams_is_typed(clone: Any) -> None:
    assert typed_in("Recipes") and "cold" not in BOARD
    clone.type("check", "film.yaml", "--fetch")
    clone.made().push("main")
    clone.looks.look("cold")
    clone.looks.git("tag", "-f", "v1")
    before = clone.team.posts
    store = type_all(clone, "The shared store")
    assert clone.team.posts == before and "nothing to make" in store
    told = type_all(clone, "Recipes")
    assert "1 of 1 recipe outdated" in told and "node card: with.prompt: " in told
    assert clone.team.posts == before + 1
    type_all(clone, "An archive")
    assert clone.folder.name == "film" and list((clone.folder / "out").rglob("film.mp4"))
    assert clone.team.posts == before + 1
