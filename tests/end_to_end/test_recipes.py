"""Recipes, bought from the emulator."""

from collections.abc import Callable
from typing import Any

CARD = "fal-ai/hunyuan-image/v3/text-to-image"
BOARD = f"""
callsheet: 1
inputs: {{shots: {{type: list, items: {{id: string, prompt: string}}}}}}
axes: {{shot: {{over: "${{{{ inputs.shots }}}}", key: "${{{{ shot.id }}}}"}}}}
nodes:
  card: {{each: shot, uses: {CARD}, with: {{prompt: "${{{{ shot.prompt }}}}"}}}}
outputs: {{cards: "${{{{ card.images | map('first') }}}}"}}
"""
SHOTS = "[{id: dawn, prompt: a pier}, {id: dusk, prompt: a lamp}]"
TWICE = f"""
callsheet: 1
name: film
nodes:
  one: {{uses: ./board.yaml, with: {{shots: {SHOTS}}}}}
  two: {{uses: ./board.yaml, with: {{shots: {SHOTS}}}}}
outputs: {{cards: "${{{{ two.cards }}}}"}}
"""
WRITTEN = """
callsheet: 1
name: film
nodes:
  script:
    uses: text/chat
    with:
      prompt: Shots of a lighthouse.
      schema: {shots: {type: list, items: {id: string, prompt: string}, maximum: 6}}
  board: {uses: ./board.yaml, with: {shots: "${{ script.shots }}"}}
outputs: {cards: "${{ board.cards }}"}
"""


def cards(project: Any) -> int:
    return sum("hunyuan" in post.endpoint for post in project.provider.posts)


def film(project: Any, text: str) -> Any:
    found = project.write(text)
    (project.folder / "board.yaml").write_text(BOARD)
    return found


def test_what_two_uses_ask_alike_is_bought_once(project: Any) -> None:
    made = film(project, TWICE)
    assert made.run().status == "done", made.failures
    assert set(made.finished) == {
        f'{use}/card["{shot}"]' for use in ("one", "two") for shot in ("dawn", "dusk")
    }
    assert cards(made) == 2
    assert made.run().status == "done" and cards(made) == 2


def test_a_written_shot_list_is_made_by_a_recipe_once(project: Any, writes: Callable[[int], None]) -> None:
    writes(3)
    made = film(project, WRITTEN)
    assert made.run().status == "done", made.failures
    assert cards(made) == 3 and len([a for a in made.finished if a.startswith("board/card")]) == 3
    assert made.run().status == "done" and cards(made) == 3


def test_a_run_that_failed_goes_on_with_the_same_list(project: Any, writes: Callable[[int], None]) -> None:
    writes(3)
    made = film(project, WRITTEN)
    made.provider.fault("content_policy", endpoint=CARD, times=1)
    assert made.run().status == "failed" and len(made.failures) == 1
    writes(5)
    assert made.run().status == "done", made.failures
    assert cards(made) == 4


def test_a_recipe_that_grows_is_under_the_budget(project: Any, writes: Callable[[int], None]) -> None:
    writes(3)
    made = film(project, WRITTEN)
    assert made.run(budget=0.15, unpriced=0.01).status == "failed"
    assert cards(made) == 1
