"""The lock file beside a pipeline that is run for money."""

from __future__ import annotations

import os
from typing import Any

import pytest

import callsheet
from callsheet.errors import PipelineError
from callsheet.runtime.lock import Lock, lock_path
from callsheet.runtime.store import atomic as disk
from tests.end_to_end.story import KEYFRAMES, seeded
from tests.lock_files import DAWN, DUSK, SEEN, decided, read, write

FILM = (
    seeded(KEYFRAMES)
    + """\
  sheet:
    uses: media/contact_sheet
    with: {images: "${{ keyframe.images | map('first') }}"}
outputs:
  sheet: ${{ sheet.image }}
"""
)


def lock_of(project: Any) -> Lock:
    return read(lock_path(project.file))


def test_a_run_says_in_the_lock_what_everything_is_made_of(project: Any) -> None:
    project.write(FILM).run()
    lock = lock_of(project)
    assert [*lock.instances] == [DAWN, DUSK, "sheet"]
    made = lock.block(DAWN).made
    assert made.uses == "fal-ai/hunyuan-image/v3/text-to-image"
    assert made.usd == round(project.finished[DAWN].usd, 6) > 0
    kept = {disk.digest(path) for path in (project.state / "blobs").glob("??/*")}
    assert made.outputs["images[0]"] in kept
    assert kept.issuperset(lock.block("sheet").made.outputs.values())
    assert [*lock.endpoints] == ["fal-ai/hunyuan-image/v3/text-to-image"]


def test_a_run_that_changes_nothing_leaves_the_lock_alone(project: Any) -> None:
    project.write(FILM).run()
    path = lock_path(project.file)
    before = path.read_bytes()
    os.utime(path, ns=(1, 1))
    assert project.run().status == "done"
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, 1)


def test_a_lock_that_was_deleted_comes_back_with_what_was_paid(project: Any) -> None:
    project.write(FILM).run()
    path = lock_path(project.file)
    before = path.read_bytes()
    path.unlink()
    project.run()
    assert project.posts == 2
    assert path.read_bytes() == before


def test_a_preview_writes_no_lock(project: Any) -> None:
    project.write(FILM)
    callsheet.run(project.file, preview=True, out=project.out, state=project.state)
    assert not lock_path(project.file).exists()


def test_what_is_gone_is_dropped_and_decisions_stay(project: Any) -> None:
    project.write(FILM).run()
    lock = decided(decided(lock_of(project), DAWN, approved=SEEN), DUSK, approved=SEEN)
    write(lock, lock_path(project.file))
    project.write(FILM.replace("'dawn', 'dusk'", "'dawn', 'noon'")).run()
    lock = lock_of(project)
    assert [*lock.instances] == [DAWN, 'keyframe["noon"]', "sheet"]
    assert lock.block(DAWN).approved == {SEEN}


def test_only_touches_only_its_own(project: Any) -> None:
    project.write(FILM).run()
    before = lock_of(project)
    project.write(FILM.replace("a lighthouse", "a ship")).run(only=[DAWN])
    after = lock_of(project)
    assert after.block(DAWN).made.key != before.block(DAWN).made.key
    assert after == before.with_block(DAWN, after.block(DAWN))


def test_what_failed_keeps_its_last_block(project: Any) -> None:
    project.write(FILM).run()
    before = lock_of(project)
    project.provider.fault("model_error", times=1)
    assert project.write(FILM.replace("a lighthouse", "a ship")).run().status == "failed"
    after, (failed,) = lock_of(project), project.failures
    made = DAWN if failed == DUSK else DUSK
    assert after.block(made) != before.block(made)
    assert after == before.with_block(made, after.block(made))


def test_a_decision_during_the_run_is_not_lost(project: Any) -> None:
    project.write(FILM).run()
    path = lock_path(project.file)
    project.write(FILM.replace("a lighthouse", "a ship"))

    def picked(event: Any) -> None:
        project.events.append(event)
        if event.event == "node_finished":
            write(decided(read(path), DAWN, approved=SEEN), path)

    callsheet.run(project.file, out=project.out, state=project.state, emit=picked, confirm=True)
    assert lock_of(project).block(DAWN).approved == {SEEN}


def test_a_broken_lock_stops_the_run_before_anything_is_bought(project: Any) -> None:
    project.write(FILM)
    lock_path(project.file).write_text("lock: 1\n<<<<<<< HEAD\n")
    with pytest.raises(PipelineError) as caught:
        project.run()
    assert caught.value.diagnostics[0].code == "lock-conflict"
    assert project.posts == 0
