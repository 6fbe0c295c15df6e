"""Two branches that touch different instances merge, with git as everyone has it."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.errors import InputError, PipelineError
from callsheet.runtime.lock import Block, Lock, Made, Recipe
from callsheet.runtime.lock.disputes import chosen, described, disputes_in
from callsheet.runtime.lock.lines import Pin, Result, text_of
from callsheet.runtime.lock.merge import merged, readable
from callsheet.runtime.lock.read import Content, canonical
from callsheet.runtime.lock.read import read as content_of
from callsheet.runtime.lock.sections import lock_in
from tests.lock_files import decided, read, text

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
Edit = Callable[[Lock], Lock]
ADDRESS = re.compile(r'clip\["[a-z]"\]')
"""An address in a line."""


def made(name: str, version: int = 1) -> Block:
    key, video = (
        hashlib.sha256(f"{name} {version} {what}".encode()).hexdigest() for what in ("key", "video")
    )
    return Block(Made(key, "fal-ai/veo3.1/fast/text-to-video", {"video": video}, 0.4))


BASE = Lock(instances={f'clip["{name}"]': made(name) for name in ("b", "d", "f", "h")})


def put(name: str, version: int = 2) -> Edit:
    return lambda lock: lock.with_block(f'clip["{name}"]', made(name, version))


def drop(name: str) -> Edit:
    return lambda lock: lock.with_block(f'clip["{name}"]', Block())


def pick(name: str) -> Edit:
    return lambda lock: decided(lock, f'clip["{name}"]', pick=2)


class Repository:
    """A folder under git with one lock file in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = folder / "film.lock.yaml"
        self.git("init", "-q", "-b", "main")
        self.commit(BASE)

    def git(self, *words: str) -> subprocess.CompletedProcess[str]:
        who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        return subprocess.run(["git", *who, *words], cwd=self.folder, capture_output=True, text=True)

    def commit(self, lock: Lock) -> None:
        self.lock.write_text(text(lock), encoding="utf-8")
        self.git("add", "-A")
        assert self.git("commit", "-q", "-m", "a change").returncode == 0

    def union(self) -> None:
        """Where both sides have lines, keep both."""
        (self.folder / ".git/info/attributes").write_text("*.lock.yaml merge=union\n")

    def merge(self, ours: Edit, theirs: Edit) -> bool:
        """Both edits on branches of their own, merged; whether git did it without asking."""
        self.git("checkout", "-q", "-b", "theirs")
        self.commit(theirs(BASE))
        self.git("checkout", "-q", "main")
        self.commit(ours(BASE))
        return self.git("merge", "-q", "--no-edit", "theirs").returncode == 0


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param(put("b"), put("h"), id="far apart"),
        pytest.param(put("b"), put("d"), id="two neighbours remade"),
        pytest.param(put("b"), drop("d"), id="one remade, its neighbour gone"),
        pytest.param(drop("d"), put("f"), id="one gone, its neighbour remade"),
        pytest.param(put("c"), put("e"), id="inserted on both sides of one"),
        pytest.param(put("c"), put("d"), id="inserted before one that is remade"),
        pytest.param(put("c"), put("b"), id="inserted after one that is remade"),
        pytest.param(put("a"), put("i"), id="before the first and after the last"),
        pytest.param(pick("b"), put("d"), id="picked, and its neighbour remade"),
        pytest.param(put("b"), put("b"), id="the same on both branches"),
    ],
)
def test_edits_of_different_instances_merge(repository: Repository, ours: Edit, theirs: Edit) -> None:
    assert repository.merge(ours, theirs)
    assert read(repository.lock) == ours(theirs(BASE))


INSERTED = [
    pytest.param(put("c"), put("ca"), id="both new between the same two"),
    pytest.param(put("x"), put("y"), id="both new at the end"),
    pytest.param(lambda lock: put("x")(put("y")(lock)), put("z"), id="two and one"),
]


@pytest.mark.parametrize(("ours", "theirs"), INSERTED)
def test_with_the_union_of_lines_new_neighbours_merge(
    repository: Repository, ours: Edit, theirs: Edit
) -> None:
    repository.union()
    assert repository.merge(ours, theirs)
    assert read(repository.lock) == ours(theirs(BASE))


def test_what_one_branch_dropped_beside_what_the_other_dropped_comes_back_whole(
    repository: Repository,
) -> None:
    repository.union()
    assert repository.merge(drop("d"), drop("f"))
    assert read(repository.lock) == BASE


def test_one_instance_remade_on_both_branches_is_met_with_its_place(repository: Repository) -> None:
    assert not repository.merge(put("d", 2), put("d", 3))
    with pytest.raises(PipelineError) as caught:
        content_of(repository.lock)
    first = caught.value.diagnostics[0]
    assert first.code == "lock-conflict"
    assert first.span.place.startswith(f"{repository.lock}:")
    both = lock_in(readable(repository.lock), "").block('clip["d"]')
    assert [one.key for one in both.results] == [made("d", n).made.key for n in (2, 3)]


def test_with_the_union_of_lines_both_results_are_there(repository: Repository) -> None:
    repository.union()
    assert repository.merge(put("d", 2), put("d", 3))
    block = read(repository.lock).block('clip["d"]')
    assert {one.key for one in block.results} == {made("d", n).made.key for n in (2, 3)}


def copy(name: str) -> Edit:
    """The same as another instance, which both sides may have under another name."""
    return lambda lock: lock.with_block(f'clip["{name}"]', made("b"))


edits = st.lists(
    st.one_of(
        st.builds(put, st.sampled_from("abcdefghi"), st.integers(2, 4)),
        st.builds(copy, st.sampled_from("abcde")),
        st.builds(drop, st.sampled_from("bdfh")),
        st.builds(pick, st.sampled_from("bdfh")),
    ),
    max_size=5,
)


def edited(changes: list[Edit]) -> Lock:
    lock = BASE
    for change in changes:
        lock = change(lock)
    return lock


@settings(max_examples=60, deadline=None)
@given(edits, edits, st.sampled_from(["--union", "--diff3", "--ours", "-q"]))
def test_no_merge_of_lines_makes_a_line_that_nobody_wrote(
    ours: list[Edit], theirs: list[Edit], how: str
) -> None:
    """Every line is that of one side; of a merge without losers, each side's new lines are there."""
    sides = {"ours": text(edited(ours)), "base": text(BASE), "theirs": text(edited(theirs))}
    written = {line for side in sides.values() for line in said(canonical(side))}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for side, content in sides.items():
            (folder / side).write_text(content, encoding="utf-8")
        merge = ["git", "merge-file", "-q", "-p", how, "ours", "base", "theirs"]
        file = folder / "film.lock.yaml"
        file.write_bytes(subprocess.run(merge, cwd=folder, capture_output=True).stdout)
        found = said(readable(file))
    assert found <= written
    if how != "--ours":
        new = {line for side in ("ours", "theirs") for line in said(canonical(sides[side]))}
        assert found >= new - said(canonical(sides["base"]))


def said(content: Content | None) -> set[str]:
    """The lines of a lock, without who wrote it."""
    assert content is not None
    return {line for line in map(text_of, content.lines) if not line.startswith("- {callsheet")}


@settings(deadline=None)
@given(edits, edits)
def test_the_driver_keeps_what_each_side_added_and_drops_what_one_removed(
    ours: list[Edit], theirs: list[Edit]
) -> None:
    mine, base, others = (canonical(text(lock)) for lock in (edited(ours), BASE, edited(theirs)))
    assert mine and base and others
    lines = merged(base, mine, others)
    found, old, left, right = map(said, (Content(2, lines), base, mine, others))
    wanted = (left & right) | (left - old) | (right - old)
    keys = {(line.address, line.made.key) for line in lines if isinstance(line, Result)}
    for line in wanted - found:
        (moved,) = [other for other in found - wanted if ADDRESS.sub("", other) == ADDRESS.sub("", line)]
        (was,), (now,) = ADDRESS.findall(line), ADDRESS.findall(moved)
        (key,) = {one.made.key for one in base.lines if isinstance(one, Result) and one.address == was}
        assert (now, key) in keys and not any(address == was for address, _ in keys)
    assert len(found) == len(wanted)


OLD = """\
# Written by callsheet, to be committed. After a merge: callsheet lock FILE
lock: 1

instances:
  clip["a"]:
    {pick: 2}
"""


def test_a_merge_of_two_versions_is_read(tmp_path: Path) -> None:
    """One branch was written by an older callsheet."""
    path = tmp_path / "film.lock.yaml"
    new = text(put("b")(BASE))
    path.write_text(OLD + new)
    found = lock_in(readable(path), "")
    assert found.block('clip["a"]').pick == 2
    assert found.block('clip["b"]') == made("b", 2)
    path.write_text(f"<<<<<<< HEAD\n{OLD}=======\n{new}>>>>>>> theirs\n")
    assert lock_in(readable(path), "") == found


def test_two_entries_of_version_1_are_both_kept(tmp_path: Path) -> None:
    path = tmp_path / "film.lock.yaml"
    path.write_text(f"{OLD}    {{takes: 3}}\n")
    with pytest.raises(PipelineError, match="1 error"):
        content_of(path)
    block = lock_in(readable(path), "").block('clip["a"]')
    assert (block.pick, block.takes) == (2, 3)


def test_two_pins_of_one_recipe_are_a_dispute_and_one_side_is_chosen(tmp_path: Path) -> None:
    uses = "git+https://x.org/looks@v1"
    base, ours, theirs = (
        Content(2, (Pin(uses, Recipe(digit * 40, digit * 64, by=who)),))
        for digit, who in (("0", "Ann"), ("a", "Ann"), ("b", "Ben"))
    )
    assert merged(base, ours, base) == ours.lines
    both = Content(2, merged(base, ours, theirs))
    (dispute,) = disputes_in(both)
    assert dispute.name == f"recipes/{uses}"
    assert described(dispute.theirs) == "commit bbbbbbbbbbbb by Ben"
    kept, said = chosen(both, (), (dispute.name,))
    assert kept.lines == theirs.lines
    assert said == [f"{dispute.name}: commit bbbbbbbbbbbb by Ben; dropped: commit aaaaaaaaaaaa by Ann"]
    with pytest.raises(InputError, match="nobody disputes clip"):
        chosen(both, ("clip",), ())
