"""`callsheet plan`, `run plan.json` and `explain`, as they are typed, against an emulated provider.

UPDATE_GOLDEN=1 writes the golden files anew; look at what changed before you commit it.
"""

import io
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import callsheet
from callsheet.emulator import Emulator
from callsheet.errors import InputError
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.plan.plan_mark import MARK
from callsheet.runtime.workspace import Workspace
from tests.lock_files import decided, write

GOLDEN = Path(__file__).parents[1] / "golden"
FILM = """\
callsheet: 1
name: harbour
inputs:
  shots: [{id: dawn, prompt: a quiet harbour at dawn}, {id: dusk, prompt: a quiet harbour at dusk}]
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}
nodes:
  card:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot.prompt }}", seed: 7}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {image_url: "${{ card.images[0] }}", prompt: move, duration: 5}
  extra:
    each: shot
    when: ${{ axis.shot.first }}
    uses: media/image_to_video
    with: {image: "${{ card.images[0] }}", seconds: 1}
  film:
    uses: media/concat
    with: {videos: "${{ clip.video }}"}
outputs:
  film: ${{ film.video }}
"""


@pytest.fixture
def provider(seller: Emulator) -> Emulator:
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    return seller


Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(provider: Emulator, callsheet: Typed) -> Typed:
    """Types a command beside the film; (exit code, standard output, standard error)."""
    return callsheet


def change(old: str, new: str) -> None:
    path = Path("film.yaml")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def make() -> None:
    assert callsheet.run("film.yaml", confirm=True).status == "done"


def is_golden(text: str, name: str) -> None:
    """`text` is what the golden file says; times and digests, which differ, are left out of both."""
    text = re.sub(r"about [\dhms. ]+ along", "about … along", text)
    text = re.sub(r"\b[0-9a-f]{12}\b", "…", text)
    path = GOLDEN / name
    if "UPDATE_GOLDEN" in os.environ:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_a_first_plan(typed: Typed, provider: Emulator) -> None:
    code, out, err = typed("plan", "film.yaml", "--exit-code")
    assert (code, err) == (2, "")
    is_golden(out, "plan.first.txt")
    assert not provider.posts and not Path("out").exists()


def test_what_one_line_reaches(typed: Typed, provider: Emulator) -> None:
    make()
    change("harbour at dawn}", "harbour at noon}")
    change(
        "prompt: a quiet harbour at dusk}]", "prompt: a quiet harbour at dusk}, {id: night, prompt: dark}]"
    )
    is_golden(typed("plan", "film.yaml")[1], "plan.changed.txt")
    is_golden(typed("plan", "film.yaml", "-v")[1], "plan.changed.verbose.txt")
    posts = len(provider.posts)
    make()
    assert len(provider.posts) - posts == 4


def test_a_narrow_terminal_gets_reasons_below_and_nothing_wider_than_itself(typed: Typed) -> None:
    from callsheet.cli.views.plan import plan_text
    from callsheet.dsl.diagnostics.render import width_of
    from callsheet.runtime.dry_run import dry_run
    from callsheet.runtime.plan_outcome import outcome_of

    make()
    change("harbour at dawn}", "harbour at noon}")
    change("id: dusk", "id: 夜の港")
    outcome = outcome_of(dry_run(callsheet.load("film.yaml"), Workspace()), Workspace())
    lines = plan_text(outcome, columns=80).splitlines()
    assert '      prompt: "a quiet harbour at dawn" → "a quiet harbour at noon"' in lines
    assert max(map(width_of, lines[:-1])) <= 80
    coloured = plan_text(outcome, columns=80, colour=True)
    plain = re.sub("\x1b\\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in plain.splitlines()] == lines


def test_nothing_to_do(typed: Typed) -> None:
    make()
    code, out, _ = typed("plan", "film.yaml", "--exit-code")
    assert (code, out) == (0, "harbour\n\nnothing to make: 6 reused, 1 skipped\n")


def test_python_gets_the_same_plan_as_the_command_line(typed: Typed) -> None:
    for before in (lambda: None, make, lambda: change("harbour at dawn}", "harbour at noon}")):
        before()
        seen, printed = callsheet.plan("film.yaml"), json.loads(typed("plan", "film.yaml", "--json")[1])
        assert [step.address for step in seen.steps] == [step["address"] for step in printed["steps"]]
        assert [found.action for found in seen.forecasts] == [step["action"] for step in printed["steps"]]
        assert round(seen.usd, 6) == printed["usd"]["high"]
        assert round(seen.cost.low, 6) == printed["usd"]["low"]
    assert "reuse" in {found.action for found in seen.forecasts}
    assert callsheet.plan("film.yaml", only=["card"]).usd < seen.usd
    shutil.rmtree("out")
    assert callsheet.plan("film.yaml", state="elsewhere").usd > seen.usd


FALLBACK = """\
prompt: move, duration: 5}
    retry: 2
    fallback:
      - uses: fal-ai/minimax/hailuo-02/standard/image-to-video
        with: {image_url: "${{ card.images[0] }}", prompt: move, duration: "6"}
      - uses: media/image_to_video
        with: {image: "${{ card.images[0] }}", seconds: 5}
"""


def test_the_worst_case_is_told(typed: Typed) -> None:
    change("prompt: move, duration: 5}\n", FALLBACK)
    is_golden(typed("plan", "film.yaml")[1], "plan.worst.txt")
    usd = json.loads(typed("plan", "film.yaml", "--json")[1])["usd"]
    assert usd["worst"] == pytest.approx(usd["high"] - 0.40 + 2 * 2 * (0.20 + 0.27))


def test_a_worst_case_that_nobody_knows_is_told(typed: Typed) -> None:
    change("prompt: move, duration: 5}\n", FALLBACK)
    change("fal-ai/minimax/hailuo-02/standard/image-to-video", "fal-ai/hunyuan-video-img2vid-lora")
    change(', duration: "6"', "")
    said = typed("plan", "film.yaml")[1]
    assert "more at worst: 2 may fall back to a model without a known price" in said
    assert json.loads(typed("plan", "film.yaml", "--json")[1])["usd"]["worst"] is None


def test_two_equal_requests_are_one_call_and_one_price(typed: Typed, provider: Emulator) -> None:
    change("id: dusk, prompt: a quiet harbour at dusk", "id: dusk, prompt: a quiet harbour at dawn")
    plan = json.loads(typed("plan", "film.yaml", "--json")[1])
    cards = [s for s in plan["steps"] if s["node"] == "card"]
    assert [s["reason"] for s in cards] == ["new", 'the same request as card["dawn"]']
    assert [s["usd"] for s in cards] == [pytest.approx(0.1049, abs=0.001), 0]
    make()
    assert sum(post.body["prompt"].startswith("a quiet") for post in provider.posts) == 1


def test_one_node_with_what_it_needs(typed: Typed) -> None:
    out = typed("plan", "film.yaml", "--only", 'clip["dusk"]', "--json")[1]
    assert [s["address"] for s in json.loads(out)["steps"]] == ['card["dusk"]', 'clip["dusk"]']


def test_the_json_says_all_of_it(typed: Typed) -> None:
    make()
    change("harbour at dawn}", "harbour at noon}")
    plan = json.loads(typed("plan", "film.yaml", "--json")[1])
    assert plan["counts"] == {"make": 1, "may change": 3, "reuse": 2, "skipped": 1}
    assert plan["skipped"] == ['extra["dusk"]']
    found = {s["address"]: (s["action"], s["reason"]) for s in plan["steps"]}
    assert found['clip["dawn"]'] == ("may change", 'input card["dawn"] will change')
    assert plan["usd"]["low"] < plan["usd"]["high"] == pytest.approx(plan["usd"]["low"] + 0.20)
    assert plan["time"]["path"] == ['card["dawn"]', 'clip["dawn"]', "film"]
    assert plan["time"]["measured"] == 3
    assert {len(s["key"] or "") for s in plan["steps"]} == {0, 64}


def test_a_call_in_doubt_blocks_what_needs_it(typed: Typed, provider: Emulator) -> None:
    provider.fault("lost_reply", nth=1)
    callsheet.run("film.yaml", confirm=True)
    plan = json.loads(typed("plan", "film.yaml", "--json")[1])
    found = {s["address"]: (s["action"], s["reason"]) for s in plan["steps"]}
    (lost,) = [a for a, (action, _) in found.items() if action == "unknown"]
    assert found["film"] == ("blocked", f"the outcome of {lost} is unknown")
    assert plan["usd"]["blocked"] > 0


def test_what_is_paid_for_and_not_here_is_fetched(typed: Typed, provider: Emulator) -> None:
    make()
    for name in ("cache.db", "cache.db-wal", "cache.db-shm"):
        Path(".callsheet", name).unlink(missing_ok=True)
    for blob in Path(".callsheet/blobs").rglob("*.png"):
        blob.unlink()
    shutil.rmtree("out")
    plan = json.loads(typed("plan", "film.yaml", "--json")[1])
    found = {s["address"]: (s["action"], s["reason"]) for s in plan["steps"]}
    assert found['card["dawn"]'] == ("re-attach", "its files are gone from the store")
    assert found['clip["dawn"]'] == ("may change", 'input card["dawn"] is still to come')
    assert plan["usd"]["low"] == 0
    posts = len(provider.posts)
    make()
    assert len(provider.posts) == posts


def test_who_can_do_without_it_is_not_blocked_by_a_call_in_doubt(typed: Typed, provider: Emulator) -> None:
    change("    uses: media/concat\n", "    uses: media/concat\n    missing: placeholder\n")
    provider.fault("lost_reply", nth=3)
    callsheet.run("film.yaml", confirm=True)
    plan = json.loads(typed("plan", "film.yaml", "--json")[1])
    found = {s["address"]: s["action"] for s in plan["steps"]}
    assert sorted(found.values()).count("unknown") == 1
    assert found["film"] != "blocked"


def test_a_plan_is_executed_exactly_and_once(typed: Typed, provider: Emulator) -> None:
    code, _, err = typed("plan", "film.yaml", "-o", "plan.json")
    assert (code, err) == (0, "saved as plan.json: callsheet run plan.json executes exactly this, once\n")
    code, out, err = typed("run", "plan.json", "--output", "quiet")
    assert (code, out, err) == (0, "", "")
    assert Path("out/harbour/film.mp4").is_file()
    assert len(provider.posts) == 4
    code, _, err = typed("run", "plan.json", "--output", "quiet")
    assert code == 1 and "plan.json is out of date" in err
    assert len(provider.posts) == 4


def test_a_plan_that_did_nothing_is_good_for_once_too(typed: Typed) -> None:
    make()
    typed("plan", "film.yaml", "-o", "plan.json")
    assert typed("run", "plan.json", "--output", "quiet")[0] == 0
    code, _, err = typed("run", "plan.json", "--output", "quiet")
    assert code == 1
    assert err.splitlines()[0] == "error: plan.json was executed already; a plan is good for once"


def _touch_the_film() -> None:
    change("prompt: move", "prompt: do not move")


def _touch_the_photo() -> None:
    Path("photo.png").write_bytes(Path("other.png").read_bytes())


def _approve() -> None:
    from callsheet.runtime.lock import Lock, lock_path

    write(decided(Lock(), 'card["dawn"]', approved="a" * 64), lock_path(Path("film.yaml")))


def _run_meanwhile() -> None:
    callsheet.run("film.yaml", only=['card["dawn"]'], confirm=True)


def _other_catalogue() -> None:
    path = Path("plan.json")
    path.write_text(re.sub(r'("fal-ai/pika/[^"]+": ")[0-9a-f]{64}', r"\g<1>" + "0" * 64, path.read_text()))


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (_touch_the_film, "film.yaml changed"),
        (_touch_the_photo, "photo.png changed"),
        (_approve, 'another decision about card["dawn"] is in the lock'),
        (_run_meanwhile, 'card["dawn"] was “make” in the plan and is “reuse” now'),
        (_other_catalogue, "fal-ai/pika/v2.2/image-to-video is another in the catalogue"),
    ],
)
def test_a_plan_whose_ground_moved_makes_nothing(
    typed: Typed, provider: Emulator, happens: Callable[[], None], said: str
) -> None:
    from PIL import Image

    for name, colour in (("photo.png", "red"), ("other.png", "blue")):
        Image.new("RGB", (64, 64), colour).save(name)
    change('image_url: "${{ card.images[0] }}", prompt: move', "image_url: ./photo.png, prompt: move")
    typed("plan", "film.yaml", "-o", "plan.json")
    happens()
    posts = len(provider.posts)
    code, _, err = typed("run", "plan.json", "--output", "quiet")
    assert code == 1
    assert err.startswith("error: plan.json is out of date, so nothing was made: ")
    assert said in err
    assert "help: look again: callsheet plan film.yaml -o plan.json" in err
    assert len(provider.posts) == posts


def test_a_plan_leaves_no_room_for_other_inputs(typed: Typed) -> None:
    typed("plan", "film.yaml", "-o", "plan.json")
    code, _, err = typed("run", "plan.json", "--set", "shots=[]")
    assert code == 1 and "plan.json is a saved plan" in err


def test_a_plan_of_another_version_makes_nothing(typed: Typed, provider: Emulator) -> None:
    typed("plan", "film.yaml", "-o", "plan.json")
    saved = json.loads(Path("plan.json").read_text())
    Path("plan.json").write_text(json.dumps({**saved, MARK: saved[MARK] + 1}))
    code, _, err = typed("run", "plan.json")
    assert code == 1 and err.startswith("error: plan.json is a plan of another version of callsheet")
    assert not provider.posts


def test_a_plan_beyond_measure_is_not_read(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    typed("plan", "film.yaml", "-o", "plan.json")
    monkeypatch.setattr("callsheet.runtime.plan.plan_file.LARGEST", Path("plan.json").stat().st_size - 1)
    code, _, err = typed("run", "plan.json")
    assert code == 1 and err.startswith("error: plan.json is no plan of callsheet")


PLACES = (
    *[("record", name) for name in ("sets", "only", "inputs")],
    *[("ground", name) for name in ("files", "models", "decided", "steps")],
)


def test_a_broken_plan_makes_nothing_and_is_no_bug(typed: Typed, provider: Emulator) -> None:
    typed("plan", "film.yaml", "-o", "plan.json")
    whole = json.loads(Path("plan.json").read_text())
    broken = [{**whole, name: junk} for name in ("record", "ground") for junk in JUNK]
    for part, name in PLACES:
        unchanged = {"record": (None, [], {}), "ground": ({},) if name == "decided" else ()}[part]
        broken += [{**whole, part: {**whole[part], name: junk}} for junk in JUNK if junk not in unchanged]
    for plan in broken:
        Path("plan.json").write_text(json.dumps(plan))
        code, _, err = typed("run", "plan.json", "--output", "quiet")
        assert code == 1 and "error" in err and "bug" not in err, (err, plan)
    Path("plan.json").write_text(json.dumps(whole)[:-20])
    assert typed("run", "plan.json")[2].startswith("error: plan.json is no plan of callsheet")
    assert not provider.posts


JUNK = (None, 3, "x", [], [[]], {"a": 1}, [1, 2], {})


def test_the_inputs_of_a_plan_are_those_it_was_made_with(typed: Typed, provider: Emulator) -> None:
    typed("plan", "film.yaml", "--set", "shots=[{id: one, prompt: a boat}]", "-o", "plan.json")
    assert typed("run", "plan.json", "--output", "quiet")[0] == 0
    assert {post.body["prompt"] for post in provider.posts} == {"a boat", "move"}


def test_require_cached_spends_nothing(typed: Typed, provider: Emulator) -> None:
    code, _, err = typed("run", "film.yaml", "--require-cached")
    assert code == 1 and not provider.posts
    assert err.splitlines()[0].startswith(
        'error: 4 of 6 instances would have to be bought: card["dawn"], card["dusk"]'
    )
    make()
    posts = len(provider.posts)
    assert typed("run", "film.yaml", "--require-cached", "--output", "quiet")[0] == 0
    assert len(provider.posts) == posts


def test_require_cached_needs_no_key(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAL_KEY")
    assert "would have to be bought" in typed("run", "film.yaml", "--require-cached")[2]


class Person(io.StringIO):
    """Somebody who sits at the terminal and types this."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "code", "sent"), [("n\n", 130, 0), ("", 130, 0), ("y\n", 0, 4)])
def test_a_person_sees_the_plan_and_is_asked(
    typed: Typed, provider: Emulator, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, sent: int
) -> None:
    monkeypatch.setattr("sys.stdin", Person(answer))
    left, out, _ = typed("run", "film.yaml", "--output", "quiet")
    assert left == code
    assert "+ clip           ×2  pika/v2.2/image-to-video        $0.40  new" in out
    assert "Run film.yaml for $0.61?" in out
    assert len(provider.posts) == sent


class TestWithoutATerminal:
    """`run` without a terminal bought 12 calls for $1.83 and asked nobody."""

    def test_nothing_is_bought(self, typed: Typed, provider: Emulator) -> None:
        code, _, err = typed("run", "film.yaml", "--output", "quiet")
        assert code == 1 and not provider.posts
        assert err == (
            "error: film.yaml would spend $0.61, and nobody agreed to that\n"
            "  help: nothing was sent; callsheet plan shows it; say --yes, or set a limit: --budget USD\n"
        )

    @pytest.mark.parametrize("answer", [("--yes",), ("-y",), ("--budget", "0.62")])
    def test_a_word_on_the_command_line_is_an_answer(
        self, typed: Typed, provider: Emulator, answer: tuple[str, ...]
    ) -> None:
        assert typed("run", "film.yaml", "--output", "quiet", *answer)[0] == 0
        assert len(provider.posts) == 4

    def test_a_budget_in_the_file_is_none(self, typed: Typed, provider: Emulator) -> None:
        change("name: harbour", "name: harbour\nbudget: 5")
        code, _, err = typed("run", "film.yaml", "--output", "quiet")
        assert code == 1 and "nobody agreed" in err and not provider.posts

    def test_yes_does_not_lift_a_budget(self, typed: Typed, provider: Emulator) -> None:
        change("name: harbour", "name: harbour\nbudget: 0.5")
        code, _, err = typed("run", "film.yaml", "--yes", "--output", "quiet")
        assert code == 1 and not provider.posts
        assert "at least $0.61, and the budget is $0.50 (`budget:` in film.yaml)" in err

    def test_a_script_in_python_has_to_say_so(self, typed: Typed, provider: Emulator) -> None:
        with pytest.raises(InputError, match="nobody agreed") as raised:
            callsheet.run("film.yaml")
        assert "confirm=True" in raised.value.next_step
        seen: list[Plan] = []

        def no(plan: Plan) -> bool:
            seen.append(plan)
            return False

        with pytest.raises(InputError, match="nobody agreed"):
            callsheet.run("film.yaml", confirm=no)
        assert [round(plan.usd, 2) for plan in seen] == [0.61] and not provider.posts
        assert callsheet.run("film.yaml", confirm=lambda plan: plan.usd < 1).status == "done"


class TestBudget:
    def test_the_plan_shows_it(self, typed: Typed) -> None:
        assert "the budget is $2.00 (--budget)" in typed("plan", "film.yaml", "--budget", "2")[1]
        change("name: harbour", "name: harbour\nbudget: 0.5")
        said = "over budget: what is to be made costs at least $0.61, and the budget is $0.50 (`budget:` in"
        assert said in typed("plan", "film.yaml")[1]
        found = json.loads(typed("plan", "film.yaml", "--json")[1])["budget"]
        assert found == {"usd": 0.5, "counted": 0, "unpriced": None, "source": "`budget:` in film.yaml"}

    def test_what_may_be_too_much_at_worst_is_said(self, typed: Typed, provider: Emulator) -> None:
        change("uses: fal-ai/pika/v2.2/image-to-video", "uses: fal-ai/pika/v2.2/image-to-video\n    retry: 2")
        said = "it may need up to $1.01, and the budget is $0.80 (--budget): what does not fit is not made"
        assert said in typed("plan", "film.yaml", "--budget", "0.8")[1]
        code, _, err = typed("run", "film.yaml", "--budget", "0.8", "--output", "quiet")
        assert (code, err) == (0, f"note: {said}\n")

    @pytest.mark.parametrize("usd", ["nan", "inf", "1e400", "1e10", "1e308", "much"])
    @pytest.mark.parametrize("option", ["--budget=", "--budget=-", "--unpriced="])
    @pytest.mark.parametrize("verb", ["run", "plan"])
    def test_odd_numbers_are_no_money(self, typed: Typed, verb: str, option: str, usd: str) -> None:
        code, _, err = typed(verb, "film.yaml", f"{option}{usd}")
        assert code == 1
        assert (
            err.startswith(f"error: {option.partition('=')[0]} ")
            and " is no amount of money\n  help: write USD " in err
        )

    def test_a_bare_unpriced_is_read_and_says_what_is_missing(self, typed: Typed, provider: Emulator) -> None:
        change("fal-ai/hunyuan-image/v3/text-to-image", "fal-ai/kolors")
        code, _, err = typed("run", "film.yaml", "--budget", "5", "--unpriced")
        assert code == 1 and "2 calls without a known price" in err and "--unpriced 0.50" in err
        assert not provider.posts
        assert typed("run", "film.yaml", "--unpriced", "--yes", "--output", "quiet")[0] == 0


def test_nobody_is_asked_about_what_costs_nothing(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    make()
    change("seconds: 1", "seconds: 2")
    monkeypatch.setattr("sys.stdin", Person())
    assert typed("run", "film.yaml", "--output", "quiet")[0] == 0


def test_nobody_is_asked_about_a_plan_that_was_looked_at(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("plan", "film.yaml", "-o", "plan.json")
    monkeypatch.setattr("sys.stdin", Person())
    assert typed("run", "plan.json", "--output", "quiet")[0] == 0


def test_explain_shows_what_changed_and_what_it_reaches(typed: Typed) -> None:
    make()
    change("harbour at dawn}", "harbour at noon}")
    is_golden(typed("explain", "film.yaml", 'card["dawn"]')[1], "explain.changed.txt")
    is_golden(typed("explain", "film.yaml", 'clip["dawn"]')[1], "explain.later.txt")
    is_golden(typed("explain", "film.yaml", 'clip["dusk"]')[1], "explain.reused.txt")


def test_what_is_made_here_has_reasons_too(typed: Typed) -> None:
    make()
    change("seconds: 1", "seconds: 2")
    plan = json.loads(typed("plan", "film.yaml", "--json")[1])
    found = {s["address"]: (s["action"], s["reason"]) for s in plan["steps"]}
    assert found['extra["dawn"]'] == ("make", "seconds: 1 → 2")
    assert found["film"] == ("reuse", "")
    is_golden(typed("explain", "film.yaml", 'extra["dawn"]')[1], "explain.local.txt")
    change('videos: "${{ clip.video }}"', 'videos: ["${{ clip.video[1] }}"]')
    plan = json.loads(typed("plan", "film.yaml", "--json")[1])
    assert {s["address"]: s["reason"] for s in plan["steps"]}["film"] == 'input clip["dusk"] changed'


def test_of_a_list_the_element_that_changed_is_named(typed: Typed) -> None:
    make()
    change("harbour at dusk}", "harbour at noon}")
    assert typed("run", "film.yaml", "--yes", "--output", "quiet", "--only", 'clip["dusk"]')[0] == 0
    plan = json.loads(typed("plan", "film.yaml", "--json")[1])
    assert {s["address"]: s["reason"] for s in plan["steps"]}["film"] == 'input clip["dusk"] changed'


def test_explain_as_json(typed: Typed) -> None:
    make()
    change("seed: 7", "seed: 8")
    found = json.loads(typed("explain", "film.yaml", 'card["dusk"]', "--json")[1])
    assert found["action"] == "make" and found["reason"] == "seed: 7 → 8"
    assert found["components"]["call"] == "fal-ai/hunyuan-image/v3/text-to-image"
    assert found["key"] != found["key_before"]
    assert [p for p in found["parameters"] if "was" in p] == [{"name": "seed", "value": "8", "was": "7"}]
    assert [r["address"] for r in found["reaches"]] == ['clip["dusk"]', "film"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("card", "card has 2 instances"),
        ('card["dwn"]', "did you mean"),
        ('extra["dusk"]', "its when is false"),
    ],
)
def test_explain_of_what_is_not_there(typed: Typed, address: str, said: str) -> None:
    code, _, err = typed("explain", "film.yaml", address)
    assert code == 1 and said in err
