"""A random play: people edit, retake, pick, approve and rename on branches, and merge them in every way."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from callsheet.runtime.lock.lines import Decided, Result, Schema
from callsheet.runtime.lock.read import read

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
    with: {prompt: "${{ shot.prompt }}", seed: 7}
  board:
    uses: media/contact_sheet
    approve: true
    with: {images: "${{ keyframe.images | map('first') }}"}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: waves, image_url: "${{ keyframe.images[0] }}", seed: 7}
outputs:
  clips: ${{ clip.video }}
  board: ${{ board.image }}
"""
SHOTS = ("quay", "storm", "lamp")
NAMES = ("keyframe", "still", "frame")


class Play:
    """One play. paid: every key that anybody paid for. said: what was printed since the last merge."""

    def __init__(self, team: Any, seed: int) -> None:
        self.team, self.seed, self.random = team, seed, Random(seed)
        self.clones = [team.clone(f"P{i}", driver=i % 2 == 0) for i in range(3 + seed % 3)]
        for i, clone in enumerate(self.clones):
            clone.branch(f"b{i}").push(f"b{i}")
        self.paid = set(self.keys(self.clones[0]))
        self.said = ""
        self.merges = 0

    def keys(self, clone: Any) -> list[str]:
        """The keys of what was bought, that a lock names."""
        lines = read(clone.folder / "film.lock.yaml").lines
        paid = {line.uses for line in lines if isinstance(line, Schema)}
        return [x.made.key for x in lines if isinstance(x, Result) and x.made.uses in paid]

    def decisions(self, clone: Any, revision: str = "") -> set[tuple[str, str, int, str]]:
        """What people decided, by the lock of a revision, or as it is."""
        path = clone.folder / "film.lock.yaml"
        if revision:
            path = clone.folder / ".git" / "seen.lock.yaml"
            path.write_text(clone.git("show", f"{revision}:film.lock.yaml"), encoding="utf-8")
        found = (line for line in read(path).lines if isinstance(line, Decided))
        return {(d.decision.kind, d.address, d.decision.number, d.decision.digest) for d in found}

    def make(self, clone: Any) -> None:
        """Plan and run: only what nobody has paid for is bought."""
        plan = json.loads(clone.type("plan", "film.yaml", "--json"))
        again = [s["address"] for s in plan["steps"] if s["action"] == "make" and s["key"] in self.paid]
        assert not [address for address in again if not address.startswith("board")], again
        before = self.team.posts
        found = clone.ask("run", "film.yaml", "--yes", "--output", "plain")
        assert found.return_value in (0, 4), found.output
        self.said += found.output
        bought = set(self.keys(clone)) - self.paid
        assert self.team.posts - before == len(bought)
        self.paid |= bought
        clone.commit()

    def edit(self, clone: Any) -> None:
        """One change, made and committed."""
        shots, pick = clone.shots(), self.random.choice
        shot = pick(list(shots))
        keyframe = f'{self.node(clone)}["{shot}"]'
        match self.random.randrange(7):
            case 0:
                clone.prompt(shot, f"{shot} {self.random.randrange(3)}")
            case 1:
                items = list(shots.items())
                items.insert(self.random.randrange(len(items)), (f"s{self.random.randrange(99)}", "a bell"))
                clone.write(dict(items))
            case 2 if len(shots) > 2:
                clone.write({name: text for name, text in shots.items() if name != shot})
            case 3:
                clone.write({(f"{s}x" if s == shot else s): text for s, text in shots.items()})
            case 4:
                new = pick([name for name in NAMES if name != self.node(clone)])
                path = clone.folder / "film.yaml"
                path.write_text(path.read_text().replace(self.node(clone), new))
            case 5:
                clone.type("retake", "film.yaml", keyframe)
                self.make(clone)
                clone.type("pick", "film.yaml", keyframe, "2")
            case _:
                clone.type("approve", "film.yaml", "--all")
        self.make(clone)

    def node(self, clone: Any) -> str:
        text = (clone.folder / "film.yaml").read_text()
        return next(name for name in NAMES if f"\n  {name}:" in text)

    def integrate(self, clone: Any, other: str) -> None:
        """Bring what `other` has into a clone, settle, and make."""
        self.said, self.merges = "", self.merges + 1
        how = self.random.choice(["merge", "merge", "rebase", "cherry-pick", "revert"])
        base = clone.git("merge-base", "HEAD", other).strip()
        sides = [self.decisions(clone), self.decisions(clone, other)]
        began = self.decisions(clone, base)
        words = {
            "merge": ("merge", "--no-edit", other),
            "rebase": ("rebase", other),
            "cherry-pick": ("cherry-pick", "--allow-empty", "--keep-redundant-commits", "-m1", other),
            "revert": ("revert", "--no-edit", "HEAD"),
        }[how]
        if how == "cherry-pick" and len(clone.git("log", "-1", "--format=%P", other).split()) < 2:
            words = tuple(word for word in words if word != "-m1")
        if how == "revert" and len(clone.git("log", "-1", "--format=%P", "HEAD").split()) > 1:
            words = ("revert", "--no-edit", "-m1", "HEAD")
        self.said += clone.git(*words, fails=True)
        clean = clone.code == 0
        for _ in range(20):
            if not self.resolve(clone, how):
                break
        if not (clean and clone.driver):
            self.settle(clone)
        self.make(clone)
        if how in ("merge", "rebase"):
            self.require_decisions(clone, sides, began)

    def resolve(self, clone: Any, how: str) -> bool:
        """Settle the conflicts of one step, by one of the two sides. Returns whether git was not done yet."""
        open_ones = clone.git("diff", "--name-only", "--diff-filter=U").split()
        side = self.random.choice(["--ours", "--theirs"])
        for name in ("film.yaml", "shots.csv"):
            if name in open_ones:
                clone.git("checkout", side, "--", name)
        if not (clone.folder / ".git").joinpath("rebase-merge").exists() and not any(
            (clone.folder / ".git" / f"{name}_HEAD").exists() for name in ("MERGE", "CHERRY_PICK", "REVERT")
        ):
            return False
        self.settle(clone)
        clone.git("add", "-A")
        said = clone.git(how, "--continue", fails=True)
        if "nothing to commit" in said or "now empty" in said:
            clone.git(how, "--skip", fails=True)
        self.said += said
        return True

    def settle(self, clone: Any) -> None:
        """What a person types after a merge."""
        found = clone.ask("lock", "film.yaml", self.random.choice(["--ours", "--theirs"]), "all")
        self.said += found.output
        assert found.exception is None, (found.exception, found.output)

    def require_decisions(self, clone: Any, sides: list[Any], began: set[Any]) -> None:
        """Every decision of both sides is there, or it was said that it is not."""
        after = self.decisions(clone)
        taken_back = began - sides[0] | began - sides[1]
        for kind, address, number, digest in (sides[0] | sides[1]) - after - taken_back:
            larger = any(k == kind == "takes" and a == address and n >= number for k, a, n, _ in after)
            moved = any((k, n, d) == (kind, number, digest) and a != address for k, a, n, d in after)
            assert larger or moved or address in self.said, (self.seed, self.merges, kind, address, self.said)


def test_nothing_is_paid_twice_and_no_decision_is_lost(team: Callable[..., Any], long: bool) -> None:
    for seed in range(25 if long else 1):
        play = Play(team(FILM, SHOTS, name=f"play{seed}"), seed)
        for _ in range(8 if long else 3):
            for clone in play.clones:
                clone.git("fetch", "-q")
                play.edit(clone)
                clone.push(f"b{play.clones.index(clone)}")
            clone, other = play.random.sample(range(len(play.clones)), 2)
            play.clones[clone].git("fetch", "-q")
            play.integrate(play.clones[clone], f"origin/b{other}")
            play.clones[clone].push(f"b{clone}")


@pytest.fixture(autouse=True)
def unsigned(monkeypatch: pytest.MonkeyPatch) -> None:
    """git asks nobody for a message."""
    monkeypatch.setenv("GIT_EDITOR", "true")
