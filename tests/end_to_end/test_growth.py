"""Films whose shot list a language model writes, bought from the emulator."""

import json
import signal
from collections.abc import Callable
from typing import Any

import pytest

import callsheet
from callsheet.runtime.events import RunGrew

CARD = "fal-ai/hunyuan-image/v3/text-to-image"
FILM = f"""
callsheet: 1
name: film
axes:
  shot: {{over: "${{{{ script.shots }}}}", key: "${{{{ shot.id }}}}", max: 6}}
nodes:
  script:
    uses: text/chat
    cache: CACHE
    with:
      prompt: Shots of a lighthouse.
      schema: {{shots: {{type: list, items: {{id: string, prompt: string}}, maximum: 6}}}}
  card: {{each: shot, uses: {CARD}, with: {{prompt: "${{{{ shot.prompt }}}}"}}}}
outputs:
  cards: ${{{{ card.images }}}}
"""


@pytest.fixture
def film(project: Any) -> Any:
    return project.write(FILM.replace("CACHE", "refresh"))


def cards(project: Any) -> list[str]:
    return sorted(address for address in {**project.finished, **project.failures} if address != "script")


def test_a_run_that_is_taken_up_again_has_the_same_shots(film: Any, writes: Callable[[int], None]) -> None:
    writes(3)
    film.provider.fault("content_policy", endpoint=CARD, times=1)
    assert film.run().status == "failed"
    first = cards(film)
    assert len(first) == 3 and len(film.failures) == 1

    writes(5)
    assert film.run().status == "done", film.failures
    assert cards(film) == first
    assert sum("hunyuan" in post.endpoint for post in film.provider.posts) == 4

    assert film.run().status == "done", film.failures
    assert len(cards(film)) == 5


def test_a_run_that_was_killed_goes_on_with_the_same_shots(film: Any, writes: Callable[[int], None]) -> None:
    writes(3)
    process = film.start("--concurrency", "1", "--output", "quiet", failpoint="call.after_accepted:3")
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    writes(5)
    film.heal()
    assert film.run().status == "done", film.failures
    assert len(cards(film)) == 3
    assert sum("hunyuan" in post.endpoint for post in film.provider.posts) == 3


def test_an_answer_that_is_kept_is_asked_for_once(film: Any) -> None:
    film.write(FILM.replace("CACHE", "auto"))
    assert film.run().status == "done", film.failures
    (grew,) = [event for event in film.events if isinstance(event, RunGrew)]
    assert grew.usd > 0
    posts = len(film.provider.posts)
    assert film.run().status == "done"
    assert len(film.provider.posts) == posts and film.usd == 0
    assert not [event for event in film.events if isinstance(event, RunGrew)]


def test_what_grows_is_under_the_budget_of_the_run(film: Any) -> None:
    film.write(FILM.replace("CACHE", "auto"))
    result = film.run(budget=0.25, unpriced=0.01)
    assert result.status == "failed"
    assert film.usd <= 0.25
    assert any("budget" in failure.next_step for failure in film.failures.values())


def test_the_plan_knows_what_it_can_and_prices_the_rest(film: Any) -> None:
    film.write(FILM.replace("CACHE", "auto"))
    told, wrong = film.command("plan", "film.yaml").communicate(timeout=120)
    assert not wrong
    assert "≤6" in told and "known when script is made" in told and "at most 6 not known yet" in told
    told = film.command("explain", "film.yaml", "script").communicate(timeout=120)[0]
    assert "affects card (at most 6)" in told
    film.run()
    told = film.command("plan", "film.yaml").communicate(timeout=120)[0]
    assert "nothing to make: 4 reused" in told
    grown = next(a for a in film.finished if a.startswith("card"))
    told = film.command("explain", "film.yaml", grown).communicate(timeout=120)[0]
    assert "  reuse" in told and "as last time" in told


def test_the_range_of_a_plan_ends_where_the_longest_list_would(film: Any) -> None:
    film.write(FILM.replace("CACHE", "auto"))
    plan = json.loads(film.command("plan", "film.yaml", "--json").communicate(timeout=120)[0])
    (card,) = plan["pending"]
    assert card["most"] == 6 and card["usd"]["high"] == pytest.approx(6 * 0.1048576, abs=1e-5)
    assert plan["usd"]["unpriced"] == 0 and plan["usd"]["high"] == pytest.approx(0.639395, abs=1e-5)
    shown = film.command("plan", "film.yaml").communicate(timeout=120)[0]
    assert "to $0.64" in shown and "without a known price" not in shown


def test_a_list_that_a_person_has_yet_to_approve_is_not_nothing_to_do(film: Any) -> None:
    film.write(FILM.replace("cache: CACHE", "approve: true"))
    assert film.run().status == "waiting"
    planned = film.command("plan", "film.yaml", "--json", "--exit-code")
    plan = json.loads(planned.communicate(timeout=120)[0])
    assert [step["action"] for step in plan["steps"]] == ["reuse"]
    assert planned.returncode == 2


LISTED = f"""
callsheet: 1
name: film
axes:
  shot: {{over: "${{{{ list.shots }}}}", key: "${{{{ shot.id }}}}", max: 6}}
nodes:
  list: {{uses: text/shots, with: {{text: "id,prompt\\na,waves\\nb,fog\\n", format: csv}}}}
  card:
    each: shot
    uses: {CARD}
    with: {{prompt: "${{{{ shot.prompt | default('') }}}}", image_size: landscape_16_9}}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {{image_url: "${{{{ card.images[0] }}}}", prompt: go}}
  board: {{uses: media/contact_sheet, with: {{images: "${{{{ card.images | map('first') }}}}"}}}}
outputs: {{board: "${{{{ board.image }}}}"}}
"""


class TestOnly:
    """`--only`: the rest of a film that grows neither counts nor is asked for."""

    @pytest.fixture
    def listed(self, project: Any) -> Any:
        return project.write(LISTED)

    @pytest.mark.parametrize(
        ("only", "unknown", "most"),
        [
            (["list"], [], 0.0),
            (["card"], ["card"], 0.36),
            (["clip"], ["card", "clip"], 1.56),
            (['card["a"]'], ["card"], 0.36),
            (["board"], ["board", "card"], 0.36),
            (["list", "board"], ["board", "card"], 0.36),
            ([], ["board", "card", "clip"], 1.56),
        ],
    )
    def test_the_plan_counts_what_it_means(
        self, listed: Any, only: list[str], unknown: list[str], most: float
    ) -> None:
        found = callsheet.plan(listed.file, only=only).to_json()
        assert sorted(bound["node"] for bound in found.get("pending", [])) == unknown
        assert found["usd"]["high"] == pytest.approx(most, abs=0.01)

    def test_a_list_that_costs_nothing_is_read_unasked_and_without_a_key(
        self, listed: Any, desk: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("FAL_KEY")
        assert "done: 1 made" in desk.type("run", "film.yaml", "--only", "list")
        assert callsheet.plan(listed.file).to_json()["usd"]["high"] == pytest.approx(0.52, abs=0.01)
        assert listed.posts == 0

    def test_what_is_meant_is_made_and_nothing_else(self, listed: Any) -> None:
        assert listed.run(only=["card"]).status == "done"
        assert sorted(listed.finished) == ['card["a"]', 'card["b"]', "list"]
        assert listed.posts == 2
