"""The history of a film in git: every commit gives the film of that day again, from the store alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from callsheet.runtime.output.provenance.restore import provenance_of


def films(clone: Any) -> dict[str, str]:
    """Each file of the film with the digest of its content, without the note inside."""
    clone.type("run", "film.yaml", "--require-cached", "--output", "quiet")
    folder = clone.folder / "out" / "film"
    return {
        path.relative_to(folder).as_posix(): provenance_of(path).sha256
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".mp4", ".png")
    }


def test_each_commit_gives_its_film_from_the_store(team: Callable[..., Any]) -> None:
    t = team()
    clone, there = t.clone("Ann").branch("long"), {}
    edits = (
        lambda: clone.prompt("storm", "a storm at sea"),
        lambda: clone.write(dict(reversed(clone.shots().items()))),
        lambda: clone.write({"wharf" if s == "quay" else s: text for s, text in clone.shots().items()}),
        lambda: clone.type("pick", "film.yaml", 'keyframe["fog"]', "2"),
        lambda: clone.film("\n  clip:", "\n  move:") or clone.film("clip.video", "move.video"),
    )
    for edit in edits:
        edit()
        clone.made()
        there[clone.git("rev-parse", "HEAD").strip()] = films(clone)
    clone.push("long")
    paid, fresh = t.posts, t.clone().branch("mine", "origin/long")
    for commit, files in reversed(there.items()):
        fresh.git("checkout", "-q", commit)
        assert films(fresh) == files
        assert fresh.git("status", "--porcelain") == ""
    assert t.posts == paid
