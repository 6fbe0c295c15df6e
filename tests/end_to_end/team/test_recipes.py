"""A team whose films use recipes of another repository, which moves, loses branches, and goes away."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callsheet.errors import PipelineError

FILM = """
callsheet: 1
name: film
nodes:
  board: {uses: "USES", with: {hero: a dog}}
outputs:
  card: ${{ board.card }}
"""
BOARD = """
callsheet: 1
inputs: {hero: {type: string}}
nodes:
  card:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ inputs.hero }}, a LOOK look", seed: 7}
outputs: {card: "${{ card.images[0] }}"}
"""


class Looks:
    """The repository of the recipes, with a branch `feature`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.look("first")
        self.git("checkout", "-q", "-b", "feature")
        self.look("warm")

    def git(self, *words: str) -> str:
        command = ["git", "-c", "user.name=x", "-c", "user.email=x@x", *words]
        done = subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def look(self, look: str) -> str:
        """A commit with another look; its hash."""
        (self.folder / "film").mkdir(exist_ok=True)
        (self.folder / "film" / "board.yaml").write_text(BOARD.replace("LOOK", look))
        self.git("add", "-A")
        self.git("commit", "-q", "-m", look)
        return self.git("rev-parse", "HEAD")

    @property
    def pin(self) -> str:
        return f"git+file://{self.folder}@feature"


@pytest.fixture
def looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Looks:
    monkeypatch.setenv("CALLSHEET_GIT_FILE", "1")
    return Looks(tmp_path / "looks")


@pytest.fixture
def filmed(team: Callable[..., Any], looks: Looks) -> Any:
    """A team that has made a film with it."""
    made = team()
    clone = made.clone("Bea")
    (clone.folder / "film.yaml").write_text(FILM.replace("USES", f"{looks.pin}#film/board.yaml"))
    clone.type("check", "film.yaml", "--fetch")
    clone.made().push("main")
    return made


def delete_branch(looks: Looks) -> None:
    looks.git("checkout", "-q", "main")
    looks.git("branch", "-q", "-D", "feature")


def move(looks: Looks) -> None:
    looks.look("cold")


def rewrite(looks: Looks) -> None:
    """Nothing leads to the pinned commit any more."""
    looks.git("checkout", "-q", "--orphan", "other")
    looks.look("cold")
    looks.git("branch", "-q", "-M", "feature")
    looks.git("reflog", "expire", "--expire=now", "--all")
    looks.git("gc", "-q", "--prune=now")


def go_away(looks: Looks) -> None:
    shutil.rmtree(looks.folder)


@pytest.mark.parametrize("change", [move, delete_branch, rewrite, go_away], ids=lambda one: one.__name__)
def test_a_pinned_recipe_is_had_by_everybody_new(
    filmed: Any, looks: Looks, change: Callable[[Looks], None]
) -> None:
    change(looks)
    paid, clone = filmed.posts, filmed.clone()
    said = clone.type("run", "film.yaml", "--require-cached", "--output", "plain")
    assert ("recipe-moved" in said) == (change in (move, delete_branch))
    assert clone.to_buy() == []
    assert filmed.posts == paid and clone.git("status", "--porcelain") == ""


def test_without_the_store_a_recipe_that_is_gone_is_said(filmed: Any, looks: Looks) -> None:
    go_away(looks)
    found = filmed.clone().ask("run", "film.yaml", "--store", "", "--yes")
    assert isinstance(found.exception, PipelineError)
    assert [diagnostic.code for diagnostic in found.exception.errors] == ["recipe-missing"]


def test_a_pull_request_that_upgrades_a_recipe_is_compared(filmed: Any, looks: Looks) -> None:
    looks.look("cold")
    branch = filmed.clone("P").branch("P")
    told = branch.type("lock", "film.yaml", "--upgrade", "recipes")
    assert "node card: with.prompt: " in told and "this film: 1 changed · +$0.10" in told
    branch.commit().push("P")
    clone = filmed.clone().branch("mine", "origin/P")
    changes = json.loads(clone.type("diff", "origin/main..HEAD", "film.yaml", "--fetch", "--json"))
    assert [change["address"] for change in changes["instances"]] == ["board/card"]


@pytest.mark.parametrize(("side", "driver"), [("--ours", True), ("--theirs", False)])
def test_two_upgrades_are_a_dispute(filmed: Any, looks: Looks, side: str, driver: bool) -> None:
    commits = {}
    for name, look in (("P", "cold"), ("Q", "grey")):
        commits[name] = looks.look(look)
        clone = filmed.clone(name).branch(name)
        clone.type("lock", "film.yaml", "--upgrade", "recipes")
        clone.made(name).push(name)
    paid, clone = filmed.posts, filmed.clone("fresh", driver)
    clone.branch("mine", "origin/P").git("merge", "-q", "--no-edit", "origin/Q", fails=True)
    found = clone.ask("plan", "film.yaml")
    error, recipe = found.exception.errors
    assert error.code == "lock-dispute" and "the lock file that pins it has errors" in recipe.message
    assert f"ours: commit {commits['P'][:12]} by P" in error.message
    assert f"theirs: commit {commits['Q'][:12]} by Q" in error.message
    clone.type("lock", "film.yaml", side, f"recipes/{looks.pin}")
    assert f"commit: {commits['P' if side == '--ours' else 'Q']}" in clone.lock()
    assert clone.to_buy() == []
    clone.made()
    assert filmed.posts == paid


def test_line_ends_of_windows_do_not_change_what_is_pinned(
    filmed: Any, looks: Looks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "gitconfig"
    config.write_text("[core]\n\tautocrlf = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    paid, clone = filmed.posts, filmed.clone()
    assert clone.to_buy() == [] or clone.type("run", "film.yaml", "--require-cached", "--output", "quiet")
    assert filmed.posts == paid


def test_a_recipe_whose_name_differs_in_case_is_named(filmed: Any, looks: Looks) -> None:
    clone = filmed.clone()
    clone.film("#film/board.yaml", "#film/Board.yaml")
    found = clone.ask("plan", "film.yaml", "--fetch")
    (error,) = found.exception.errors
    assert error.code == "recipe-missing" and "did you mean `film/board.yaml`" in error.help
