"""Recipes that write their own shots, bought from the emulator."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

CARD = "fal-ai/hunyuan-image/v3/text-to-image"
ACT = f"""
callsheet: 1
inputs: {{idea: {{type: string}}}}
axes:
  shot: {{over: "${{{{ script.shots }}}}", key: "${{{{ shot.id }}}}", max: 6}}
nodes:
  script:
    uses: text/chat
    cache: refresh
    with:
      prompt: Shots of ${{{{ inputs.idea }}}}.
      schema: {{shots: {{type: list, items: {{id: string, prompt: string}}, maximum: 6}}}}
  card: {{each: shot, uses: {CARD}, with: {{prompt: "${{{{ shot.prompt }}}} ${{{{ inputs.idea }}}}"}}}}
outputs:
  cards: ${{{{ card.images }}}}
"""
FILM = """
callsheet: 1
name: film
axes: {part: [dawn, dusk]}
nodes:
  act: {each: part, uses: ./act.yaml, with: {idea: "${{ part }}"}}
outputs:
  cards: ${{ act.cards }}
"""
FIRST, SECOND = 'act["0"]', 'act["1"]'


@pytest.fixture
def film(project: Any) -> Any:
    (project.folder / "act.yaml").write_text(ACT)
    return project.write(FILM)


def cards(project: Any) -> list[str]:
    return sorted(address for address in project.finished if "/card[" in address)


def test_a_film_that_was_killed_goes_on_with_the_same_shots_in_every_use(
    film: Any, writes: Callable[[int], None]
) -> None:
    writes(3)
    process = film.start("--concurrency", "1", "--output", "quiet", failpoint="call.after_accepted:6")
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    writes(5)
    film.heal()
    assert film.run().status == "done", film.failures
    made = cards(film)
    assert len(made) == 6
    assert {address.partition("/")[0] for address in made} == {FIRST, SECOND}
    assert sum("hunyuan" in post.endpoint for post in film.provider.posts) == 6


def test_the_plan_prices_what_may_come_in_every_use(film: Any) -> None:
    (film.folder / "act.yaml").write_text(ACT.replace("cache: refresh", "cache: auto"))
    told, wrong = film.command("plan", "film.yaml").communicate(timeout=120)
    assert not wrong
    assert "≤12" in told and "at most 12 not known yet" in told, told
    told, wrong = film.command("check", "film.yaml").communicate(timeout=120)
    assert "2 nodes, 2 instances, at most 12 more during the run" in told, told
    told, wrong = film.command("graph", "film.yaml").communicate(timeout=120)
    assert not wrong and "card" in told, told
    assert film.run().status == "done", film.failures
    posts = len(film.provider.posts)
    assert film.run().status == "done" and len(film.provider.posts) == posts
    told = film.command("plan", "film.yaml").communicate(timeout=120)[0]
    assert "nothing to make" in told, told


def test_a_part_of_one_use_pays_for_that_use_alone(film: Any) -> None:
    assert film.run(only=[f"{FIRST}/card"]).status == "done", film.failures
    assert {address.partition("/")[0] for address in film.finished} == {FIRST}
    assert cards(film)


def test_takes_and_other_ways_are_made_inside(film: Any, writes: Callable[[int], None]) -> None:
    writes(2)
    other = "fallback: [{uses: fal-ai/gpt-image-1/text-to-image}], takes: 2"
    (film.folder / "act.yaml").write_text(ACT.replace("card: {each: shot,", f"card: {{each: shot, {other},"))
    film.provider.fault("content_policy", endpoint=CARD, times=1)
    assert film.run().status == "done", film.failures
    assert len(cards(film)) == 8 and sum(address.endswith("#2") for address in cards(film)) == 4
    assert sum("gpt-image" in post.endpoint for post in film.provider.posts) == 1


def test_a_person_approves_the_script_of_each_use(film: Any) -> None:
    (film.folder / "act.yaml").write_text(ACT.replace("cache: refresh", "approve: true"))
    assert film.run().status == "waiting"
    assert not cards(film)
    told = film.command("approve", "film.yaml", f"{FIRST}/script").communicate(timeout=120)
    assert film.run().status == "waiting", told
    assert {address.partition("/")[0] for address in cards(film)} == {FIRST}
