"""Ledger and cache are lost: nothing is bought again that the lock file or out/ names, and that is here."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from callsheet.errors import InputError
from callsheet.runtime.lock import lock_path
from callsheet.runtime.output.manifest import Manifest
from callsheet.runtime.store import atomic as disk
from tests.lock_files import read

BASES = ("ledger.db", "cache.db")
CHAT = """
callsheet: 1
name: chat
nodes:
  words:
    uses: text/chat
    with: {prompt: "a name for a lighthouse"}
  picture:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ words.text }}", seed: 3}
  again:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "the same light", seed: "${{ picture.seed }}"}
outputs:
  picture: ${{ picture.images[0] }}
  again: ${{ again.images[0] }}
"""


def lose(project: Any, what: str) -> None:
    """What somebody deleted: the databases, the whole state, and then the lock or out/ as well."""
    if "state" in what:
        shutil.rmtree(project.state)
    else:
        for base in BASES:
            for path in project.state.glob(f"{base}*"):
                path.unlink()
        shutil.rmtree(project.state / "receipts", ignore_errors=True)
    if "lock" in what:
        lock_path(project.file).unlink()
    if "out" in what:
        shutil.rmtree(project.out)


LOST = ("databases", "databases, lock", "databases, out", "state", "state, lock")


@pytest.mark.parametrize("what", LOST)
def test_only_what_changed_is_bought(what: str, project: Any, desk: Any) -> None:
    assert project.chain(3).run().status == "done"
    lock = lock_path(project.file)
    before = lock.read_bytes()
    lose(project, what)

    plan = desk.type("plan", "film.yaml")
    assert "nothing to make: 6 reused" in plan
    how = "found by the lock file in" if "lock" not in what else "found in"
    where = "out/" if what in ("state", "state, lock") else ""
    assert f"6 reused, not in the ledger; {how} {where}" in plan
    assert "there is no ledger: only the provider's list of requests tells" in plan

    assert project.run().status == "done" and project.posts == 6
    if "out" not in what and "lock" not in what:
        assert lock.read_bytes() == before
    lose(project, what)

    project.write(project.file.read_text().replace('"keyframe ${{ shot }}"', KEYFRAME))
    assert "2 to make" in (plan := desk.type("plan", "film.yaml")) or "1 to make" in plan
    assert project.run().status == "done"
    assert project.posts == 6 + 2
    assert project.run().status == "done" and project.posts == 8


KEYFRAME = "\"${{ 'another' if shot == 1 else 'keyframe ' ~ shot }}\""


def test_a_file_that_is_damaged_or_another_one_does_not_count(project: Any) -> None:
    project.shots("image", 2).run()
    lose(project, "state")
    digest = read(lock_path(project.file)).block('made["0"]').made.outputs["images[0]"]
    for name, entry in Manifest(project.out / "shots").files.items():
        if entry.sha256 == digest:
            content = bytearray((project.out / "shots" / name).read_bytes())
            content[-20] ^= 1
            (project.out / "shots" / name).write_bytes(content)
    with pytest.raises(InputError, match=r"paid for already, as .* says, but not here"):
        project.run()
    assert project.posts == 2
    project.run(pay_again=True)
    assert (project.posts, len(project.finished)) == (3, 2)


def test_texts_and_seeds_are_found_in_out(project: Any, desk: Any) -> None:
    project.write(CHAT).run()
    assert project.posts == 3
    lose(project, "state")
    assert "nothing to make: 3 reused" in desk.type("plan", "film.yaml")
    assert project.run().status == "done" and project.posts == 3


def test_a_text_that_only_the_ledger_had_is_bought_again_only_when_somebody_says_so(
    project: Any, desk: Any
) -> None:
    project.write(CHAT).run()
    lose(project, "databases, out")
    plan = desk.type("plan", "film.yaml", "-v")
    assert "the lock file names its result, but that is not on this machine" in plan
    with pytest.raises(InputError, match=r"paid for already, as .* says, but not here"):
        project.run()
    assert project.posts == 3
    assert project.run(pay_again=True).status == "done"
    assert project.posts > 3


def test_a_plan_writes_nothing_and_a_run_keeps_what_it_finds(project: Any, desk: Any) -> None:
    project.shots("image", 2).run()
    lose(project, "state")
    desk.type("plan", "film.yaml")
    assert not project.state.exists()
    project.run()
    pinned = {d for b in read(lock_path(project.file)).instances.values() for d in b.made.outputs.values()}
    stored = {disk.digest(path) for path in (project.state / "blobs").glob("??/*")}
    assert stored and stored <= pinned
    shutil.rmtree(project.out)
    assert project.run().status == "done" and project.posts == 2


def test_one_that_a_file_of_the_store_lost_is_taken_from_out(project: Any, desk: Any) -> None:
    """The ledger has it, the store lost the file, and its host too: out/ still has it."""
    project.shots("image", 1).run()
    for path in (project.state / "blobs").glob("??/*"):
        path.unlink()
    project.provider.fault("media:http_404")
    assert "1 reused" in desk.type("plan", "film.yaml")
    assert project.run().status == "done" and project.posts == 1
