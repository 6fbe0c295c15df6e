"""What a team pays after merging: nothing that one of them has paid."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from callsheet.errors import PipelineError
from tests.end_to_end.team.conftest import FILM

LAMP, QUAY, STORM = 'keyframe["lamp"]', 'keyframe["quay"]', 'keyframe["storm"]'


@pytest.fixture(params=[False, True], ids=["union", "driver"])
def driver(request: pytest.FixtureRequest) -> bool:
    """Whether the clone that merges has the merge driver, or only `.gitattributes`."""
    return bool(request.param)


def change_a_prompt(clone: Any) -> None:
    clone.prompt("storm", "a storm at sea")


def insert_a_shot(clone: Any) -> None:
    before = list(clone.shots().items())
    clone.write(dict([*before[:3], ("bell", "a bell"), *before[3:]]))


def reorder_and_rename(clone: Any) -> None:
    shots = {("light" if shot == "lamp" else shot): text for shot, text in clone.shots().items()}
    clone.write(dict(reversed(shots.items())))
    clone.film("\n  clip:", "\n  move:")
    clone.film("clip.video", "move.video")


CHANGES = {"B": change_a_prompt, "C": insert_a_shot, "D": reorder_and_rename}


def right_list() -> dict[str, str]:
    """What a person makes of the three lists."""
    return {
        "fog": "a lighthouse at fog",
        "light": "a lighthouse at lamp",
        "bell": "a bell",
        "storm": "a storm at sea",
        "quay": "a lighthouse at quay",
    }


def branches(team: Any, names: str = "BCD") -> None:
    """A branch for each change, made by a person of its own and pushed."""
    for name in names:
        clone = team.clone(name).branch(name)
        CHANGES[name](clone)
        clone.made(name).push(name)


def settled(clone: Any) -> Any:
    """The clone after what has to be typed."""
    clone.type("lock", "film.yaml")
    return clone


@pytest.mark.parametrize(
    ("order", "driver"), [("".join(p), i % 2 == 0) for i, p in enumerate(itertools.permutations("BCD"))]
)
def test_every_order_of_three_branches_is_free(team: Callable[..., Any], order: str, driver: bool) -> None:
    film = team()
    branches(film)
    paid, clone = film.posts, film.clone("fresh", driver)
    for name in order:
        clone.git("merge", "-q", "--no-edit", f"origin/{name}", fails=True)
        clone.write(right_list())
        clone.commit()
    assert clone.to_buy() == []
    clone.type("lock", "film.yaml", "--check")
    settled(clone)
    assert clone.to_buy() == []
    clone.made()
    assert film.posts == paid
    assert "<<<<" not in clone.lock()
    clone.type("lock", "film.yaml", "--check")


def test_each_branch_changes_another_shot(team: Callable[..., Any], driver: bool) -> None:
    film = team()
    for shot in ("quay", "lamp"):
        clone = film.clone(shot).branch(shot)
        clone.prompt(shot, f"{shot} anew")
        clone.made(shot).push(shot)
    paid, clone = film.posts, film.clone("fresh", driver)
    for shot in ("quay", "lamp"):
        clone.git("merge", "-q", "--no-edit", f"origin/{shot}")
        clone.type("check", "film.yaml")
        assert clone.to_buy() == []
        clone.type("lock", "film.yaml", "--check")
    clone.made()
    assert film.posts == paid


@pytest.mark.parametrize("how", ["cherry-pick", "rebase", "revert", "revert after merge"])
def test_other_ways_of_git(team: Callable[..., Any], how: str, driver: bool) -> None:
    film = team()
    branches(film, "BD" if how == "rebase" else "BC")
    paid, clone = film.posts, film.clone("fresh", driver)
    if how == "cherry-pick":
        clone.branch("mine", "origin/C").git("cherry-pick", "origin/B")
    elif how == "rebase":
        clone.branch("mine", "origin/D").git("rebase", "origin/B", fails=True)
        shots = {**{s: f"a lighthouse at {s}" for s in reversed(("quay", "storm", "lamp"))}}
        clone.write(
            {"light" if s == "lamp" else s: "a storm at sea" if s == "storm" else t for s, t in shots.items()}
        )
        clone.git("add", "-A")
        clone.git("rebase", "--continue", fails=True)
    elif how == "revert":
        clone.branch("mine", "origin/B").git("revert", "--no-edit", "HEAD")
    else:
        clone.branch("mine", "origin/C").git("merge", "-q", "--no-edit", "origin/B")
        clone.made()
        clone.git("revert", "--no-edit", "origin/B")
    assert clone.to_buy() == []
    settled(clone)
    assert clone.to_buy() == []
    clone.made()
    assert film.posts == paid


def test_a_renamed_node_from_the_store_alone(team: Callable[..., Any]) -> None:
    """Two commands, no merge: `lock` deleted paid results from the lock."""
    film = team()
    paid, clone = film.posts, film.clone("fresh")
    clone.film("\n  clip:", "\n  zoom:")
    clone.film("clip.video", "zoom.video")
    assert clone.to_buy() == []
    said = clone.type("lock", "film.yaml")
    assert "dropped" not in said and 'zoom["quay"]' in clone.lock()
    assert clone.to_buy() == []
    clone.made()
    assert film.posts == paid


def test_a_change_without_its_lock_and_a_shot_put_back(team: Callable[..., Any]) -> None:
    """What the lock named before, in whatever branch, is found in git's history and the store."""
    film = team()
    branches(film, "B")
    cut = film.clone("E").branch("E")
    cut.write({shot: text for shot, text in cut.shots().items() if shot != "fog"})
    cut.made("cut").push("main")
    paid, clone = film.posts, film.clone("fresh")
    clone.git("checkout", "-q", "origin/B", "--", "shots.csv")
    assert clone.to_buy() == []
    clone.made()
    assert film.posts == paid


def test_what_is_dropped_is_said_with_its_cost(team: Callable[..., Any]) -> None:
    film = team()
    clone = film.clone("fresh")
    clone.write({shot: text for shot, text in clone.shots().items() if shot != "fog"})
    said = clone.type("lock", "film.yaml")
    assert 'dropped from the lock: a result of clip["fog"], which had cost $0.20' in said
    clone.git("checkout", "-q", ".")
    clone.write({shot: text for shot, text in clone.shots().items() if shot != "fog"})
    told = clone.type("run", "film.yaml", "--yes", "--output", "plain")
    assert 'dropped from the lock: a result of clip["fog"], which had cost $0.20' in told


def take(film: Any, name: str, *words: str) -> None:
    """A branch with one decision, made and pushed."""
    clone = film.clone(name).branch(name)
    clone.type(words[0], "film.yaml", *words[1:])
    clone.made(name).push(name)


@pytest.mark.parametrize("order", ["PQ", "QP"])
def test_decisions_of_both_sides_are_joined(team: Callable[..., Any], order: str, driver: bool) -> None:
    film = team()
    take(film, "P", "retake", QUAY)
    take(film, "Q", "pick", QUAY, "2")
    paid, clone = film.posts, film.clone("fresh", driver)
    clone.branch("mine", f"origin/{order[0]}").git("merge", "-q", "--no-edit", f"origin/{order[1]}")
    assert clone.to_buy() == []
    said = clone.type("lock", "film.yaml")
    assert f"takes: '{QUAY}', number: 3, by: P" in clone.lock()
    assert f"pick: '{QUAY}', number: 2" in clone.lock() and "dropped" not in said
    clone.made()
    assert film.posts == paid


@pytest.mark.parametrize("what", ["node", "shot"])
@pytest.mark.parametrize(("order", "driver"), [("PR", True), ("RP", True), ("PR", False), ("RP", False)])
def test_decisions_follow_what_the_other_side_renamed(
    team: Callable[..., Any], what: str, order: str, driver: bool
) -> None:
    film = team()
    clone = film.clone("P").branch("P")
    clone.type("retake", "film.yaml", QUAY)
    clone.made()
    clone.type("pick", "film.yaml", QUAY, "3")
    clone.made("P").push("P")
    clone = film.clone("R").branch("R")
    if what == "node":
        clone.film("\n  keyframe:", "\n  still:")
        clone.film("keyframe.images", "still.images")
    else:
        clone.write({"wharf" if shot == "quay" else shot: text for shot, text in clone.shots().items()})
    clone.made("R").push("R")
    now = 'still["quay"]' if what == "node" else 'keyframe["wharf"]'
    paid, clone = film.posts, film.clone("fresh", driver)
    clone.branch("mine", f"origin/{order[0]}").git("merge", "-q", "--no-edit", f"origin/{order[1]}")
    said = "" if driver else clone.type("lock", "film.yaml")
    if what == "shot" and not driver:
        assert f"dropped from the lock: the decision about {QUAY}: take 3 picked" in said
    else:
        assert clone.to_buy() == [] and "the decision about" not in said
        clone.made()
        assert f"takes: '{now}', number: 3, by: P" in clone.lock()
        assert f"pick: '{now}', number: 3" in clone.lock() and QUAY not in clone.lock()
    assert film.posts == paid


def both_pick(film: Any) -> None:
    for name, number in (("X", "2"), ("Y", "1")):
        clone = film.clone(name).branch(name)
        clone.type("pick", "film.yaml", QUAY, number, "--note", f"as {name} likes it")
        clone.made(name).push(name)


@pytest.mark.parametrize("side", ["--ours", "--theirs"])
def test_where_two_decisions_differ_a_person_chooses(
    team: Callable[..., Any], side: str, driver: bool
) -> None:
    film = team()
    both_pick(film)
    paid, clone = film.posts, film.clone("fresh", driver)
    said = clone.branch("mine", "origin/X").git("merge", "-q", "--no-edit", "origin/Y", fails=True)
    assert (clone.code != 0) == driver
    if driver:
        assert f"two decisions about {QUAY}: ours: take 2 picked" in said
    for words in (("plan",), ("check",), ("lock", "--check"), ("lock",)):
        found = clone.ask(words[0], "film.yaml", *words[1:])
        if words == ("check",):
            assert found.return_value == 1 or found.exception is not None
            continue
        assert isinstance(found.exception, PipelineError)
        (error,) = found.exception.errors
        assert error.code == "lock-dispute" and error.span.place.startswith("film.lock.yaml:")
        assert "ours: take 2 picked" in error.message and "by X, 2026-11-30 (as X likes it)" in error.message
        assert "theirs: take 1 picked" in error.message and "by Y, 2026-11-30" in error.message
    chosen = clone.type("lock", "film.yaml", side, QUAY)
    number = 2 if side == "--ours" else 1
    assert f"{QUAY}: take {number} picked" in chosen and "dropped: take" in chosen
    assert clone.lock().count(f"pick: '{QUAY}'") == 1
    assert clone.to_buy() == []
    clone.made()
    assert film.posts == paid


def test_a_rebase_keeps_what_the_person_decided(team: Callable[..., Any], driver: bool) -> None:
    film = team()
    both_pick(film)
    paid, clone = film.posts, film.clone("Y2", driver)
    clone.branch("mine", "origin/Y").commit("what init --git wrote").git("rebase", "origin/X", fails=True)
    if not driver:
        assert "take 1 picked" in clone.type("lock", "film.yaml")
    assert clone.code == 0 and f"pick: '{QUAY}', number: 1" in clone.lock()
    assert clone.lock().count(f"pick: '{QUAY}'") == 1
    assert clone.to_buy() == []
    clone.made()
    assert film.posts == paid


def test_two_retakes_of_one_shot_are_two_pictures(
    team: Callable[..., Any], driver: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both bought the same request, without knowing of each other."""
    monkeypatch.setenv("CALLSHEET_STORE_TRUST", "own")  # neither takes what the other bought
    film = team()
    digests = {}
    clones = {name: film.clone(name).branch(name) for name in "XY"}
    for name, clone in clones.items():
        clone.type("retake", "film.yaml", LAMP)
        clone.type("run", "film.yaml", "--yes", "--output", "quiet")
        clone.type("pick", "film.yaml", LAMP, "3")
        clone.made(name)
        digests[name] = next(line for line in clone.lock().splitlines() if f"pick: '{LAMP}'" in line)
    for name, clone in clones.items():
        clone.push(name)
    assert digests["X"].split("digest: ")[1][:64] != digests["Y"].split("digest: ")[1][:64]
    paid, clone = film.posts, film.clone("fresh", driver)
    clone.branch("mine", "origin/X").git("merge", "-q", "--no-edit", "origin/Y", fails=True)
    clone.type("lock", "film.yaml", "--theirs", LAMP)
    assert digests["Y"] in clone.lock() and digests["X"] not in clone.lock()
    clone.commit()
    assert clone.to_buy() == []
    clone.made()
    assert film.posts == paid
    assert len([line for line in clone.lock().splitlines() if f"made: '{LAMP}#3'" in line]) == 2
    shown = clone.type("takes", "film.yaml", LAMP)
    assert "#4" in shown
    clone.type("pick", "film.yaml", LAMP, "4")
    assert digests["X"].split("digest: ")[1][:64] in clone.lock()
    assert clone.to_buy() == []
    clone.made()
    assert film.posts == paid


def test_conflict_marks_in_a_list_are_one_error(team: Callable[..., Any]) -> None:
    film = team()
    for name in "BC":
        clone = film.clone(name).branch(name)
        clone.prompt("storm", f"as {name} sees it")
        clone.commit().push(name)
    clone = film.clone("fresh")
    clone.branch("mine", "origin/B").git("merge", "-q", "origin/C", fails=True)
    found = clone.ask("plan", "film.yaml")
    assert isinstance(found.exception, PipelineError)
    (error,) = found.exception.errors
    assert error.code == "merge-conflict" and error.span.place == "shots.csv:3:1"
    clone.git("checkout", "-q", "--ours", "shots.csv")
    path = clone.folder / "film.yaml"
    text = path.read_text()
    path.write_text(text.replace("name: film", "<<<<<<< HEAD\nname: film\n=======\nname: cut\n>>>>>>> x"))
    (error,) = clone.ask("plan", "film.yaml").exception.errors
    assert error.code == "merge-conflict" and error.span.place == "film.yaml:3:1"


def test_a_driver_that_cannot_be_started_loses_nothing(team: Callable[..., Any]) -> None:
    """git then leaves only our version in place; `callsheet lock` takes the others from git's index."""
    film = team()
    take(film, "P", "retake", QUAY)
    take(film, "Q", "pick", QUAY, "2")
    paid, clone = film.posts, film.clone("fresh", driver=True)
    clone.git("config", "merge.callsheet.driver", "no-such-program %O %A %B")
    clone.branch("mine", "origin/P").git("merge", "--no-edit", "origin/Q", fails=True)
    assert clone.code != 0 and f"pick: '{QUAY}'" not in clone.lock()
    clone.type("lock", "film.yaml")
    assert f"takes: '{QUAY}', number: 3" in clone.lock() and f"pick: '{QUAY}', number: 2" in clone.lock()
    assert clone.to_buy() == []
    clone.made()
    assert film.posts == paid


CAMERA = FILM.replace(
    "prompt: string}, default", 'prompt: string, camera: {type: string, default: "slow dolly in"}}, default'
).replace("prompt: waves", 'prompt: "${{ shot.camera }}"')


def test_a_default_and_a_shot_that_uses_it_buy_one_clip_rightly(team: Callable[..., Any]) -> None:
    """E changes the default of a column, F adds a shot that has it: nobody has made that shot that way."""
    film = team(CAMERA)
    e, f = (film.clone(name).branch(name) for name in "EF")
    e.film("slow dolly in", "static shot")
    e.made().push("E")
    insert_a_shot(f)
    f.made().push("F")
    paid, clone = film.posts, film.clone("fresh")
    clone.branch("mine", "origin/E").git("merge", "-q", "--no-edit", "origin/F")
    assert clone.to_buy() == ['clip["bell"]']
    clone.made()
    assert film.posts == paid + 1


def test_both_insert_a_shot_of_one_name(team: Callable[..., Any]) -> None:
    film = team()
    for name, place in (("E", 0), ("F", 4)):
        clone = film.clone(name).branch(name)
        items = list(clone.shots().items())
        items.insert(place, ("pier", f"a pier as {name} sees it"))
        clone.write(dict(items))
        clone.commit().push(name)
    clone = film.clone("fresh")
    clone.branch("mine", "origin/E").git("merge", "-q", "--no-edit", "origin/F")
    (error,) = clone.ask("plan", "film.yaml").exception.errors
    assert 'have the same key "pier"' in error.message


def test_line_ends_of_windows_are_no_change(team: Callable[..., Any]) -> None:
    film = team()
    paid, clone = film.posts, film.clone("fresh")
    clone.git("config", "core.autocrlf", "true")
    for name in ("film.yaml", "shots.csv", "film.lock.yaml"):
        (clone.folder / name).unlink()
    clone.git("checkout", "-q", ".")
    assert b"\r\n" in (clone.folder / "film.lock.yaml").read_bytes()
    assert clone.to_buy() == []
    clone.type("lock", "film.yaml", "--check")
    clone.type("run", "film.yaml", "--yes", "--output", "quiet")
    assert film.posts == paid and clone.git("status", "--porcelain") == ""


@pytest.mark.parametrize("side", ["--ours", "--theirs"])
def test_one_shot_made_on_both_sides_is_read_by_what_the_file_asks_for(
    team: Callable[..., Any], side: str, driver: bool
) -> None:
    film = team()
    for name in "XY":
        clone = film.clone(name).branch(name)
        clone.prompt("storm", f"a storm as {name} sees it")
        clone.made(name).push(name)
    paid, clone = film.posts, film.clone("fresh", driver)
    clone.branch("mine", "origin/X").git("merge", "--no-edit", "origin/Y", fails=True)
    clone.git("checkout", "-q", side, "--", "shots.csv")
    clone.commit()
    assert clone.to_buy() == []
    clone.type("lock", "film.yaml", "--check")
    warned = clone.type("check", "film.yaml")
    assert 'a merge left several results of clip["storm"]' in warned and "lock-left" in warned
    said = clone.type("lock", "film.yaml")
    assert 'dropped from the lock: a result of clip["storm"], which had cost $0.20' in said
    assert "a merge left" not in clone.type("check", "film.yaml")
    assert clone.to_buy() == []
    clone.made()
    assert film.posts == paid
