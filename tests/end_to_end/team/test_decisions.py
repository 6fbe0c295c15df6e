"""What people decide about results: it is bound to them, and told in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from callsheet.errors import InputError, PipelineError
from callsheet.runtime.lock import lock_path
from tests.end_to_end.story import KEYFRAMES, seeded
from tests.lock_files import read

FILM = (
    seeded(KEYFRAMES)
    + """\
    fallback: [{uses: fal-ai/kolors, with: {prompt: "a lighthouse at ${{ shot }}"}}]
  sheet:
    uses: media/contact_sheet
    missing: skip
    with: {images: "${{ keyframe.images | map('first') }}"}
outputs:
  sheet: ${{ sheet.image }}
"""
)
OTHER = "fal-ai/hunyuan-image/v2.1/text-to-image"
DAWN, DUSK = 'keyframe["dawn"]', 'keyframe["dusk"]'


@pytest.fixture
def film(project: Any) -> Any:
    """A film that was made."""
    assert project.write(FILM).run().status == "done"
    return project


def test_a_rejected_result_is_kept_and_the_film_goes_on_without_it(film: Any, desk: Any) -> None:
    before = read(lock_path(film.file)).block(DAWN).made
    assert f"rejected: {DAWN}" in desk.type("reject", "film.yaml", DAWN, "--why", "a sixth finger")
    planned = desk.type("plan", "film.yaml")
    assert "1 declined" in planned and "a sixth finger" in planned
    assert "a sixth finger" in desk.type("takes", "film.yaml", "keyframe")
    result = film.run()
    assert (result.status, film.posts) == ("failed", 2)
    assert [f.kind for f in film.failures.values()] == ["declined"]
    assert not film.finished["sheet"].reused
    assert read(lock_path(film.file)).block(DAWN).made == before
    assert film.run().status == "failed" and film.posts == 2


def test_what_depends_on_it_is_blocked_and_nothing_is_bought(film: Any, desk: Any) -> None:
    film.write(FILM.replace("    missing: skip\n", "    retry: 3\n"))
    desk.type("reject", "film.yaml", DAWN, "--why", "a sixth finger")
    assert film.run().status == "failed"
    assert film.posts == 2 and film.failures.keys() == {DAWN}


def test_it_is_not_bought_again_where_nothing_is_here(film: Any, desk: Any) -> None:
    desk.type("reject", "film.yaml", DAWN, "--why", "a sixth finger")
    film.forget()
    planned = desk.type("plan", "film.yaml")
    assert "1 declined" in planned and DUSK in planned and f"+ {DAWN}" not in planned


def test_it_is_taken_back_and_asked_for_again(film: Any, desk: Any) -> None:
    with pytest.raises(InputError, match="say why"):
        desk.type("reject", "film.yaml", DAWN)
    desk.type("reject", "film.yaml", DAWN, "--why", "a sixth finger")
    assert desk.type("reject", "film.yaml", DAWN, "--why", "two") == "that is rejected already\n"
    assert desk.type("reject", "film.yaml", DAWN, "--undo").startswith(f"no longer rejected: {DAWN}")
    assert desk.type("reject", "film.yaml", DAWN, "--undo") == "nothing to undo\n"
    assert film.run().status == "done" and film.posts == 2
    desk.type("reject", "film.yaml", DAWN, "--why", "a sixth finger")
    desk.type("retake", "film.yaml", DAWN)
    desk.type("pick", "film.yaml", DAWN, "2")
    film.run()
    assert film.posts == 3
    assert film.finished.keys() >= {f"{DAWN}#2", DUSK, "sheet"}


def test_an_approval_and_a_rejection_of_one_result_are_a_dispute(film: Any, desk: Any) -> None:
    film.write(FILM.replace("    each: shot\n", "    each: shot\n    approve: true\n"))
    desk.type("approve", "film.yaml", DAWN, "--note", "as in the script")
    path = lock_path(film.file)
    approved = path.read_text()
    assert "note: 'as in the script'" in approved and "at: '2026-11-30T" in approved
    line = next(line for line in approved.splitlines() if "approve: " in line)
    desk.type("reject", "film.yaml", DAWN, "--why", "a sixth finger")
    assert "approve: " not in path.read_text()
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(PipelineError) as caught:
        film.run()
    (error,) = caught.value.errors
    assert error.code == "lock-dispute" and "rejected" in error.message and "approved" in error.message
    desk.type("lock", "film.yaml", "--theirs", "all")
    assert "reject: " not in path.read_text()
    assert film.run().status == "waiting" and film.posts == 2


def test_a_run_with_other_inputs_has_a_section_of_its_own(project: Any, desk: Any) -> None:
    text = FILM.replace("axes:", "inputs: {lang: {type: string, default: en}}\naxes:")
    project.write(text.replace("at ${{ shot }}", "at ${{ shot }} in ${{ inputs.lang }}"))
    desk.type("run", "film.yaml", "--yes", "--set", "lang=de")
    german = lock_path(project.file).read_text()
    assert "inputs: [lang]" in german and "lang: de" not in german
    desk.type("run", "film.yaml", "--yes")
    desk.type("run", "film.yaml", "--yes", "--set", "lang=en")
    both = lock_path(project.file).read_text()
    assert all(line in both for line in german.splitlines())
    assert project.posts == 4
    assert "nothing to make" in desk.type("plan", "film.yaml", "--set", "lang=de")
    assert "agree" in desk.type("lock", "film.yaml", "--check", "--set", "lang=de")
    assert "not checked, because it is for other inputs: inputs-" in desk.type("lock", "film.yaml", "--check")
    with pytest.raises(InputError, match="has no section final"):
        desk.type("lock", "film.yaml", "--prune", "final")
    assert "(lang): 3 results; of what it named, $0.21 are named no more" in desk.type(
        "lock", "film.yaml", "--prune", "all"
    )
    assert "in: " not in lock_path(project.file).read_text()
    assert project.posts == 4


def test_the_lock_wins_over_a_result_of_ones_own(
    team: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both bought the same request; the lock that both have now names one of the two pictures."""
    monkeypatch.setenv("CALLSHEET_STORE_TRUST", "own")
    film = team()
    lamp = 'keyframe["lamp"]'
    clones = [film.clone(name).branch(name) for name in "XY"]
    for clone in clones:
        clone.type("retake", "film.yaml", lamp)
        clone.made().push(clone.name)
    paid, (x, y) = film.posts, clones
    x.git("fetch", "-q")
    x.git("checkout", "-q", "origin/Y")
    planned = x.type("plan", "film.yaml")
    assert f"! {lamp}#3: as the lock names it; another result of this request was made here" in planned
    x.type("run", "film.yaml", "--yes", "--output", "quiet")
    assert x.lock() == y.lock() and film.posts == paid
    x.git("checkout", "-q", "X")
    assert x.to_buy() == []
    x.type("run", "film.yaml", "--yes", "--output", "quiet")
    assert film.posts == paid and x.git("status", "--porcelain") == ""


def test_the_history_of_a_film_in_words(team: Callable[..., Any]) -> None:
    film = team()
    clone = film.clone("Ben")
    clone.type("pick", "film.yaml", 'keyframe["lamp"]', "2", "--note", "calmer")
    clone.made("the calm lamp")
    clone.write({("light" if shot == "lamp" else shot): text for shot, text in clone.shots().items()})
    clone.made("a better name")
    said = clone.type("log", "film.yaml")
    assert "Ben: the calm lamp  $0.20" in said
    assert '    keyframe["lamp"]: take 2 picked' in said and "by Ben, 2026-11-30 (calmer)" in said
    assert '    made again: clip["lamp"] with fal-ai/pika/v2.2/image-to-video, $0.20' in said
    assert '    clip["lamp"] is clip["light"] now' in said
    assert "Ann: the film" in said and "    film.yaml changed" in said


def test_git_shows_a_short_line_an_instance(team: Callable[..., Any]) -> None:
    film = team()
    clone = film.clone("Ben", driver=True)
    clone.prompt("storm", "a storm at sea")
    clone.type("run", "film.yaml", "--yes", "--output", "quiet")
    shown = [line for line in clone.git("diff", "film.lock.yaml").splitlines() if line[:2] in ("+c", "+k")]
    assert len(shown) == 3
    assert shown[0].startswith('+clip["storm"]: fal-ai/pika/v2.2/image-to-video, $0.20, ')
    assert all(len(line) < 120 for line in shown)


def test_a_pick_is_of_one_picture(team: Callable[..., Any]) -> None:
    """After another prompt the take that counts is another picture: the plan says so until somebody looks."""
    clone = team().clone("Ben")
    clone.type("pick", "film.yaml", 'keyframe["lamp"]', "2")
    clone.made()
    stale = '! keyframe["lamp"]#2: picked when it was another result'
    assert stale not in clone.type("plan", "film.yaml")
    clone.prompt("lamp", "a brass lamp")
    clone.made()
    assert stale in clone.type("plan", "film.yaml")
    clone.type("pick", "film.yaml", 'keyframe["lamp"]', "2")
    assert stale not in clone.type("plan", "film.yaml")


def test_a_pick_follows_a_renamed_shot_before_the_lock_knows_it(team: Callable[..., Any]) -> None:
    film = team()
    clone = film.clone("Ben")
    clone.type("pick", "film.yaml", 'keyframe["lamp"]', "2", "--note", "calmer")
    clone.made()
    paid = film.posts
    clone.write({("light" if shot == "lamp" else shot): text for shot, text in clone.shots().items()})
    assert clone.to_buy() == []
    clone.type("lock", "film.yaml")
    assert "pick: 'keyframe[\"light\"]', number: 2" in clone.lock() and "note: calmer" in clone.lock()
    clone.made()
    assert film.posts == paid


def test_an_alternative_that_names_it_is_planned_and_asked_for(film: Any, desk: Any) -> None:
    film.write(FILM.replace("fal-ai/kolors,", f"{OTHER}, on: declined,"))
    assert "nothing to make" in desk.type("plan", "film.yaml")
    desk.type("reject", "film.yaml", DAWN, "--why", "a sixth finger")
    planned = desk.type("plan", "film.yaml")
    assert f"+ {DAWN}" in planned and "the first was rejected by" in planned and "$" in planned
    before = read(lock_path(film.file)).block(DAWN).made
    assert film.run().status == "done" and film.posts == 3
    after = read(lock_path(film.file)).block(DAWN)
    assert after.made.uses == OTHER and after.others == (before,)
    assert "nothing to make" in desk.type("plan", "film.yaml")
    assert film.run().status == "done" and film.posts == 3
    desk.type("reject", "film.yaml", DAWN, "--undo")
    assert film.run().status == "done" and film.posts == 3
    assert read(lock_path(film.file)).block(DAWN).made == before


def test_an_alternative_for_declined_results_is_none_for_failures(project: Any) -> None:
    project.write(FILM.replace("fal-ai/kolors,", f"{OTHER}, on: declined,"))
    project.provider.fault("model_error", times=1)
    assert project.run().status == "failed"
    assert {post.endpoint for post in project.provider.posts} == {"fal-ai/hunyuan-image/v3/text-to-image"}
