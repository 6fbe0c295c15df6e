"""What the functions of the API do is what the verbs do: the same answers, and the same errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import callsheet as api
from callsheet.emulator import Emulator

FILM = """\
callsheet: 1
name: film
inputs: {mood: {type: string, default: calm}}
axes: {shot: {over: [dawn, dusk], key: "${{ shot }}"}}
nodes:
  card:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot }}, ${{ inputs.mood }}"}
    approve: true
  frame: {each: shot, uses: media/crop_image, with: {image: "${{ card.images[0] }}", right: 32}}
outputs: {frames: "${{ frame.image }}"}
"""
CARD = 'card["dawn"]'


@pytest.fixture
def film(in_folder: Path) -> Path:
    (in_folder / "callsheet.toml").touch()
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    return Path("film.yaml")


def test_the_decisions_of_a_film(film: Path, seller: Emulator) -> None:
    assert api.run(film, confirm=True).status == "waiting"
    assert [take.number for take in api.takes(film, CARD).takes] == [1]
    assert api.retake(film, CARD).takes == 2
    assert api.run(film, budget=1.0, only=["card"]).status in ("done", "waiting")
    assert len(seller.accepted) == 3
    assert api.pick(film, CARD, 2, note="warmer").number == 2
    assert len(api.approve(film, everything=True).approvals) == 2
    assert api.run(film, confirm=True).status == "done"
    assert api.reject(film, CARD, why="a sixth finger").rejections[0].rejected
    with pytest.raises(api.InputError, match="say why"):
        api.reject(film, CARD)
    with pytest.raises(api.InputError, match="name what you approve"):
        api.approve(film)


def test_the_money_of_a_project(film: Path, seller: Emulator) -> None:
    with pytest.raises(api.InputError, match="bought anything"):
        api.runs()
    api.run(film, confirm=True)
    (only,) = api.runs().runs
    assert api.show(only.name).summary == only and len(api.show().attempts) == 2
    assert api.costs().total.usd == pytest.approx(only.usd) and api.costs("shot").costs[0].name
    assert api.cancel().requests == ()
    assert api.reconcile().unknown == ()
    assert api.fetch().ok
    assert len(list(api.events(only.name))) >= 4
    assert '"number": 3' in next(iter(api.events(start=3)))
    with pytest.raises(api.InputError, match="exclude each other"):
        api.reconcile(CARD, lost=True, pay_again=True)


def test_state_and_lock_lie_anywhere(film: Path, seller: Emulator, tmp_path: Path) -> None:
    """Two runs of one file, each with its own ledger, results and lock file."""
    for mood in ("calm", "wild"):
        place = tmp_path / "service" / mood
        place.mkdir(parents=True)
        where = {"state": place / "state", "lock": place / "film.lock.yaml"}
        done = api.run(film, out=place / "out", sets={"mood": mood}, confirm=True, **where)  # type: ignore[arg-type]
        assert done.status == "waiting"
        assert api.plan(film, sets={"mood": mood}, **where).counts["blocked"] == 2  # type: ignore[arg-type]
        assert api.approve(film, everything=True, sets={"mood": mood}, **where).approvals  # type: ignore[arg-type]
        assert len(api.runs(state=place / "state").runs) == 1
    assert len(seller.accepted) == 4
    assert not Path("film.lock.yaml").exists() and not Path(".callsheet").exists()


def test_a_lock_file_is_kept_and_compared(film: Path, seller: Emulator) -> None:
    api.run(film, confirm=True)
    assert api.lock_check(film).ok
    Path("film.lock.yaml").unlink()
    assert not api.lock_check(film).ok
    assert api.lock(film).changed and api.lock_check(film).ok
    assert CARD in api.lock_text("film.lock.yaml")
    assert not api.lock_settle(film).merged and not api.lock(film, settle=False).changed
    assert api.run(film, from_lock=True).status == "waiting" and len(seller.accepted) == 2


def test_a_saved_plan_is_executed_once_and_not_unasked(film: Path, seller: Emulator) -> None:
    api.plan(film, save="plan.json")
    with pytest.raises(api.InputError, match="nobody agreed"):
        api.run("plan.json")
    with pytest.raises(api.InputError, match="cannot be changed"):
        api.run("plan.json", confirm=True, sets={"mood": "wild"})
    assert api.run("plan.json", confirm=True).status == "waiting"
    with pytest.raises(api.InputError, match="out of date"):
        api.run("plan.json", confirm=True)
    assert len(seller.accepted) == 2
    with pytest.raises(api.InputError, match="would have to be bought"):
        api.run(film, sets={"mood": "wild"}, require_cached=True)


def test_a_run_goes_on(film: Path, seller: Emulator) -> None:
    stop = api.Stop()

    def stop_at_once(event: api.Event) -> None:
        if isinstance(event, api.NodeStarted):
            stop.request()

    assert api.run(film, confirm=True, emit=stop_at_once, stop=stop).status == "interrupted"
    assert api.resume(confirm=True).status == "waiting"
    assert len(seller.accepted) == 2


def test_what_differs_and_why(film: Path) -> None:
    Path("other.yaml").write_text(FILM.replace("calm", "wild"), encoding="utf-8")
    changes = api.diff("film.yaml", "other.yaml")
    assert changes.any and changes.to_json()["version"] == 1
    assert api.explain(film, CARD).forecast.action == "make"
    assert [box.name for box in api.graph(film).boxes] == ["card", "frame"]


def test_files_of_a_project(film: Path) -> None:
    assert api.run(film, preview=True).status == "done"
    kept = api.cache()
    assert kept.previews and not kept.results
    assert api.cache_verify().ok
    assert len(api.cache_gc(yes=True).going) == len(kept.previews) and not api.cache().previews
    done = api.substitute(film, "fal-ai/hunyuan-image/v3/text-to-image", "fal-ai/flux/dev", force=True)
    assert done.nodes == ("card",) and Path("film.yaml").read_text() == FILM
    assert api.films() == () and api.schema()["type"] == "object"


def test_what_made_a_file(film: Path) -> None:
    result = api.run(film, preview=True)
    found = api.origin(next(iter(result.outputs["frames"])))  # type: ignore[call-overload]
    assert found.provenance is not None and found.to_json()["version"] == 1
    assert api.restore(found, "again.yaml").path == Path("again.yaml")


def test_models_and_their_prices() -> None:
    assert api.models("hunyuan image").models
    assert api.model("fal-ai/veo3.1/fast").to_json()["endpoint"] == "fal-ai/veo3.1/fast"
    (fit,) = api.prices("fal-ai/veo3.1/fast", seconds=8).fits
    assert fit.price.high and fit.price.high > 0
    assert api.models_for("image-to-video", seconds=8, max_usd=1).fits
    with pytest.raises(api.InputError, match="compare which"):
        api.prices()


def test_recipes(in_folder: Path) -> None:
    names = [page.uses for page in api.recipes().recipes]
    assert "recipe/storyboard" in names
    assert api.recipe("storyboard").recipes[0].uses == "recipe/storyboard"


def test_a_new_project(in_folder: Path) -> None:
    made = api.init("film")
    assert api.check(made.pipeline).ok
    assert api.check("film").ok  # the only pipeline of the folder
    with pytest.raises(api.InputError, match="exists already"):
        api.init("film")


def test_notes_on_a_film(film: Path) -> None:
    note = api.note_add(film, "too dark", on=CARD, author="Ada")
    assert [one.note.text for one in api.notes(film).notes] == ["too dark"]
    api.note_reply(film, note.id, "brighter now")
    assert not api.note_close(film, note.id).is_open and api.note_reopen(film, note.id).is_open


def test_pages_of_a_film(film: Path) -> None:
    """The report, the page for a client, and the live page."""
    api.run(film, preview=True)
    assert api.report(film, "report.html").size > 1_000 and Path("report.html").is_file()
    assert api.review_export(film, "page.html").media >= 1
    with pytest.raises(api.InputError, match="in the project"):
        api.review_export(film, "page.html", state="elsewhere")
    stop, found = api.Stop(), []

    def tell(address: str) -> None:
        found.append(address)
        stop.request()

    api.serve_review(film, tell, stop=stop)
    assert found[0].startswith("http://127.0.0.1:")


def test_a_note_becomes_work(film: Path, seller: Emulator) -> None:
    api.run(film, confirm=True)
    note = api.note_add(film, "too dark", on=CARD)
    assert api.retake(film, note=note.id).takes == 2
    with pytest.raises(api.InputError, match="name what is made again"):
        api.retake(film)


@pytest.mark.parametrize("look", [{"slate": "off"}, {"voice": "espeak"}, {"size": 360}])
def test_how_a_preview_looks_is_told_to_a_preview_alone(
    film: Path, seller: Emulator, look: dict[str, Any]
) -> None:
    with pytest.raises(api.InputError, match="are about previews"):
        api.run(film, confirm=True, **look)
    assert not seller.accepted and not Path("out").exists()


@pytest.mark.parametrize("look", [{"slate": "side"}, {"voice": "loud"}])
def test_a_look_that_does_not_exist_is_refused(film: Path, look: dict[str, Any]) -> None:
    with pytest.raises(api.InputError, match=r"there is no --(slate side|voice loud)") as caught:
        api.run(film, preview=True, **look)
    assert caught.value.next_step in ("choose one of band, over, off", "choose one of tone, espeak")
    assert not Path("out").exists()
