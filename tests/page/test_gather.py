"""The document of a page: what it says of a film that is planned, previewed, bought, changed, in trouble."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import callsheet
from callsheet.emulator import Emulator
from callsheet.errors import InputError
from callsheet.page.document.instance import InstanceView
from callsheet.page.document.whole import VERSION, Document
from callsheet.runtime.check import load
from callsheet.runtime.costs import costs, total
from callsheet.runtime.workspace import Workspace

CLIP = 'clip["dawn"]'


def at(document: Document, address: str) -> InstanceView:
    return next(one for one in document.instances if one.address == address)


def test_a_bought_film_is_told_whole(bought, found):
    document = found(bought).document
    clip, card = at(document, CLIP), at(document, 'card["dawn"]')
    assert (clip.action, clip.shot, clip.files.keys()) == ("reuse", "dawn", {"video"})
    assert document.instances[clip.needs[0]] is card
    assert (
        clip.bought is not None and clip.bought.run == "coast-1" and clip.bought.usd and clip.bought.request
    )
    assert [(p.name, p.value, len(p.sources)) for p in clip.parameters] == [
        ("prompt", "waves", 0),
        ("image_url", "", 1),
        ("seed", "7", 0),
    ]
    assert (card.takes, card.picked, at(document, 'card["dawn"]#2').picked) == (2, True, False)
    film = document.film
    assert [document.instances[s.instance or 0].address for s in film.shots] == [CLIP, 'clip["dusk"]']
    assert film.shots[1].frame == film.shots[0].frames
    assert document.media[film.medium].kind == "video" and film.next == ""


def test_its_money_is_what_costs_says(bought, found):
    document = found(bought).document
    with Workspace.of(bought) as workspace:
        expected = total(costs(workspace, "film"))
    assert sum(row.usd for row in document.money) == pytest.approx(expected.usd)
    assert sum(row.calls for row in document.money) == expected.calls
    assert sum(row.billed or 0 for row in document.money) == pytest.approx(expected.billed)
    assert document.spent == pytest.approx(expected.usd)
    assert {row.shot for row in document.money} == {"dawn", "dusk"}


def test_its_run_is_a_chart(bought, found):
    document = found(bought).document
    (run,) = document.runs
    assert (run.name, run.status, document.shown) == ("coast-1", "done", "coast-1")
    bars = {document.instances[bar.instance].address: bar for bar in run.bars}
    assert bars.keys() == {one.address for one in document.instances}
    clip = bars[CLIP]
    assert 0 <= clip.ready <= clip.started <= clip.sent <= clip.fetched <= clip.ended <= run.seconds + 1
    assert clip.outcome == "made" and clip.usd and bars["film"].sent is None
    assert run.paid[-1][1] == pytest.approx(run.usd)


def test_a_second_run_reuses_and_is_chosen_by_name(bought, found):
    bought.write_text(bought.read_text().replace("waves", "high waves"))
    callsheet.run(bought, confirm=True)
    document = found(bought).document
    newest = next(run for run in document.runs if run.name == "coast-2")
    outcomes = {document.instances[bar.instance].address: bar.outcome for bar in newest.bars}
    assert outcomes['card["dawn"]'] == "reused" and outcomes[CLIP] == "made"
    assert found(bought, run="coast-1").document.shown == "coast-1"
    with pytest.raises(InputError, match="no run coast-9"):
        found(bought, run="coast-9")


def test_a_change_tells_what_is_made_again_and_why(bought, found):
    bought.write_text(bought.read_text().replace("waves", "high waves"))
    document = found(bought).document
    clip = at(document, CLIP)
    assert clip.action == "make" and "waves" in clip.reason and clip.usd
    assert (
        document.remaining.count == 3
        and document.remaining.high > 0
        and "callsheet run" in document.film.next
    )


def test_a_preview_fills_in_for_what_is_not_made(film, found, small_previews):
    assert found(film).document.film.shots == ()
    callsheet.run(film, preview=True)
    document = found(film).document
    clip = at(document, CLIP)
    assert clip.action == "make" and document.media[clip.files["video"][0]].preview
    assert len(document.film.shots) == 2 and document.runs == ()


WRITTEN = """\
callsheet: 1
name: written
nodes:
  script:
    uses: text/chat
    with:
      model: openai/gpt-5-nano
      prompt: Three shots of the sea.
      schema: {shots: {type: list, maximum: 3, items: {words: string}}}
  clip:
    each: shot
    uses: fal-ai/kling-video/v2.5-turbo/pro/text-to-video
    with: {prompt: "${{ shot.words }}"}
  film: {uses: media/concat, with: {videos: "${{ clip.video }}"}}
axes:
  shot: {over: "${{ script.shots }}", max: 3}
outputs:
  film: ${{ film.video }}
"""


def test_shots_that_a_model_will_write_come_from_the_preview(film, found, small_previews):
    film.write_text(WRITTEN)
    assert [one.node for one in found(film).document.instances] == ["script"]
    callsheet.run(film, preview=True)
    document = found(film).document
    invented = [one for one in document.instances if one.node == "clip"]
    assert invented and all(one.action == "unknown" and one.usd and one.files for one in invented)
    assert len(document.film.shots) == len(invented) and document.remaining.pending > 0


def test_failures_come_with_the_next_step(film, found, monkeypatch):
    with Emulator(tiny=True, faults=["content_policy,endpoint=fal-ai/pika*"]) as emulator:
        monkeypatch.setenv("CALLSHEET_FAL_URL", emulator.url)
        monkeypatch.setenv("FAL_KEY", "test")
        callsheet.run(film, confirm=True)
        document = found(film).document
    with Workspace.of(film) as workspace:
        assert document.spent == pytest.approx(total(costs(workspace, "film")).usd)
    assert document.runs[0].usd == pytest.approx(document.spent)
    failed = [one for one in document.failures if one.instance is not None and one.kind != "blocked"]
    assert {document.instances[one.instance].address for one in failed} == {CLIP, 'clip["dusk"]'}
    assert all(one.message and not one.settled and one.run == "coast-1" for one in failed)
    bars = {document.instances[bar.instance].address: bar.outcome for bar in document.runs[0].bars}
    assert bars[CLIP] == "failed" and bars["film"] == "blocked"


def test_what_waits_for_a_person_is_told_once(seller, film, found):
    film.write_text(film.read_text().replace("takes: 2", "approve: true"))
    callsheet.run(film, confirm=True)
    waiting = [one for one in found(film).document.failures if one.run == ""]
    assert [one.kind for one in waiting] == ["approve", "approve"]
    assert all(one.next.startswith("callsheet approve film.yaml") for one in waiting)


def test_two_runs_side_by_side(bought, found):
    bought.write_text(bought.read_text().replace("waves", "high waves"))
    callsheet.run(bought, confirm=True)
    document = found(bought, run="coast-2", against="coast-1").document
    comparison = document.comparison
    assert comparison is not None and (comparison.old, comparison.new) == ("coast-1", "coast-2")
    change = next(one for one in comparison.changes if one.address == CLIP)
    assert change.words[0] == ("prompt", "waves", "high waves")
    assert change.old and change.new and set(change.old + change.new) <= document.media.keys()
    assert comparison.usd[0] > comparison.usd[1] > 0


def git(*words: str) -> None:
    subprocess.run(("git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words), check=True)


def test_a_revision_side_by_side(bought, found):
    git("init", "-q")
    git("add", "film.yaml", "film.lock.yaml", "callsheet.toml")
    git("commit", "-qm", "first")
    bought.write_text(bought.read_text().replace("waves", "high waves"))
    callsheet.run(bought, confirm=True)
    comparison = found(bought, against="HEAD").document.comparison
    assert comparison is not None and comparison.kind == "revisions"
    change = next(one for one in comparison.changes if one.address == CLIP)
    assert change.what == "changed" and change.words[0][1:] == ("waves", "high waves")
    assert change.old and change.new and change.old != change.new


def test_a_lost_store_leaves_a_page_that_says_so(bought, found):
    shutil.rmtree(".callsheet/blobs")
    shutil.rmtree("out")
    document = found(bought).document
    assert "reuse" not in {one.action for one in document.instances} and document.media == {}


def test_it_is_json_with_a_version(bought, found):
    data = json.loads(json.dumps(found(bought).document.to_json(), allow_nan=False))
    assert data["version"] == VERSION and len(data["instances"]) == 7
    assert len(data["lanes"]["places"]) == 7


def test_no_path_of_this_machine_is_in_it(bought, found, monkeypatch):
    root = Path.cwd()
    text = json.dumps(found(bought).document.to_json())
    assert str(root) not in text
    monkeypatch.chdir("/")
    with Workspace.of(root / "film.yaml") as workspace:
        from callsheet.page.gather import gather

        away = gather(load(root / "film.yaml"), workspace).document
    assert json.dumps(away.to_json()).count(str(root)) == 0


def test_every_example_has_a_page(found):
    films = sorted((Path(__file__).parents[2] / "examples").glob("*/film.yaml"))
    assert len(films) > 20
    for path in films:
        document = found(path).document
        assert len(document.lanes.places) == len(document.instances) > 0, path
        for row, column in document.lanes.places:
            assert row < len(document.lanes.rows) and column < len(document.lanes.columns), path
