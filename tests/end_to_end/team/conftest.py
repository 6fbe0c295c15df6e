"""A film that several people keep in git: clones of one repository, one store, one provider that counts."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callsheet.cli.main import callsheet as verbs
from callsheet.emulator import Emulator
from tests.end_to_end.conftest import DRAWN_BY, each_different

FILM = """
callsheet: 1
name: film
inputs:
  shots: {type: list, items: {shot: string, prompt: string}, default: shots.csv}
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.shot }}"}
nodes:
  keyframe:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    takes: 2
    with: {prompt: "${{ shot.prompt }}", seed: 7}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: waves, image_url: "${{ keyframe.images[0] }}", seed: 7}
  film:
    uses: media/concat
    with: {videos: "${{ clip.video }}"}
outputs:
  film: ${{ film.video }}
"""
SHOTS = ("quay", "storm", "lamp", "fog")
LOCK = "film.lock.yaml"


class Clone:
    """One person's clone. driver: whether `callsheet init --git` was typed in it."""

    def __init__(self, team: Team, name: str, driver: bool) -> None:
        self.team, self.name, self.driver = team, name, driver
        self.folder = team.folder / name
        subprocess.run(["git", "clone", "-q", str(team.origin), str(self.folder)], check=True)
        if driver:
            self.type("init", "--git")

    def git(self, *words: str, fails: bool = False) -> str:
        """What git says. fails: it may refuse."""
        who = {"GIT_AUTHOR_NAME": self.name, "GIT_COMMITTER_NAME": self.name}
        mail = {"GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_EMAIL": "a@b", "GIT_EDITOR": "true"}
        environ = {**os.environ, **who, **mail}
        done = subprocess.run(
            ["git", *words], cwd=self.folder, env=environ, capture_output=True, text=True, check=False
        )
        assert fails or done.returncode == 0, (words, done.stdout, done.stderr)
        self.code = done.returncode
        return done.stdout + done.stderr

    def ask(self, *words: str) -> Result:
        """What `callsheet` with these words says, whatever its exit code is."""
        before = Path.cwd()
        os.chdir(self.folder)
        environ = {"CALLSHEET_STORE": str(self.team.store), "GIT_AUTHOR_NAME": self.name}
        try:
            typed = partial(CliRunner().invoke, verbs, list(words), env=environ, standalone_mode=False)
            found = copy_context().run(typed)
        finally:
            os.chdir(before)
        return found

    def type(self, *words: str) -> str:
        """What `callsheet` with these words prints; it has to be content."""
        found = self.ask(*words)
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        assert not found.return_value, found.output
        return found.output

    def write(self, shots: dict[str, str]) -> None:
        """Write the list of shots."""
        rows = "".join(f"{shot},{prompt}\n" for shot, prompt in shots.items())
        (self.folder / "shots.csv").write_text(f"shot,prompt\n{rows}", encoding="utf-8")

    def shots(self) -> dict[str, str]:
        """The list of shots."""
        rows = (self.folder / "shots.csv").read_text("utf-8").splitlines()[1:]
        return dict(row.split(",", 1) for row in rows)

    def prompt(self, shot: str, prompt: str) -> None:
        """Change what one shot shows."""
        self.write({**self.shots(), shot: prompt})

    def film(self, old: str, new: str) -> None:
        """Change the pipeline."""
        path = self.folder / "film.yaml"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def made(self, message: str = "made") -> Clone:
        """Run, and commit."""
        self.type("run", "film.yaml", "--yes", "--output", "quiet")
        return self.commit(message)

    def commit(self, message: str = "a change") -> Clone:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self

    def push(self, branch: str) -> Clone:
        self.git("push", "-q", "-f", "origin", f"HEAD:{branch}")
        return self

    def branch(self, name: str, base: str = "origin/main") -> Clone:
        """A new branch, from what everybody has."""
        self.git("fetch", "-q")
        self.git("checkout", "-q", "-b", name, base)
        return self

    def lock(self) -> str:
        return (self.folder / LOCK).read_text("utf-8")

    def to_buy(self) -> list[str]:
        """What `plan` would buy or may buy."""
        plan = json.loads(self.type("plan", "film.yaml", "--json"))
        paid = [s for s in plan["steps"] if not s["uses"].startswith("media/")]
        return [s["address"] for s in paid if s["action"] not in ("reuse", "skipped")]


class Team:
    """A bare repository, a store, and the clones."""

    def __init__(self, folder: Path, provider: Emulator) -> None:
        self.folder, self.provider = folder, provider
        self.origin, self.store = folder / "origin.git", folder / "store"
        if not self.origin.exists():
            subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(self.origin)], check=True)
        self._names = itertools.count()

    def clone(self, name: str = "", driver: bool = False) -> Clone:
        """A new clone, without anything of its own."""
        return Clone(self, name or f"clone{next(self._names)}", driver)

    @property
    def posts(self) -> int:
        """How many requests for money the provider has got."""
        return len(self.provider.posts)


@pytest.fixture(scope="session")
def beginnings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keeps the repository and the store of each film that was made once."""
    return tmp_path_factory.mktemp("beginnings")


@pytest.fixture
def team(
    tmp_path: Path, beginnings: Path, provider: Emulator, hurry: None, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Team]:
    """A team whose film was made by one of them. The provider gives another picture for each request."""
    if shutil.which("git") is None:
        pytest.skip("there is no git here")
    monkeypatch.setattr(DRAWN_BY, each_different(next(_starts)))

    def begin(film: str = FILM, shots: tuple[str, ...] = SHOTS, name: str = "team") -> Team:
        made = beginnings / hashlib.sha256(repr((film, shots)).encode()).hexdigest()[:12]
        if not made.exists():
            made.mkdir()
            _begin(Team(made, provider), film, shots)
        folder = tmp_path / name
        for part in ("origin.git", "store"):
            shutil.copytree(made / part, folder / part)
        return Team(folder, provider)

    return begin


def _begin(team: Team, film: str, shots: tuple[str, ...]) -> None:
    first = team.clone("Ann")
    (first.folder / "film.yaml").write_text(film, encoding="utf-8")
    first.write({shot: f"a lighthouse at {shot}" for shot in shots})
    (first.folder / ".gitattributes").write_text("*.lock.yaml merge=union\n")
    (first.folder / ".gitignore").write_text(".callsheet/\nout/\n")
    first.ask("run", "film.yaml", "--yes", "--output", "quiet")
    first.commit("the film").push("main")


_starts = itertools.count(0, 1_000_000)
