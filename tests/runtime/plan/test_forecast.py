"""What plan says of each instance, held against what the next run really does."""

import contextlib
import io
import json
from pathlib import Path

import pytest
from PIL import Image

import callsheet
from callsheet.cli import main as cli
from callsheet.emulator import Emulator
from callsheet.runtime.explain import explain
from callsheet.runtime.workspace import Workspace

FILM = """
callsheet: 1
name: film
inputs:
  shots: [{id: a, prompt: a quiet harbour at dusk with nobody there}, {id: b, prompt: two}]
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


def planned(*arguments: str) -> tuple[dict[str, tuple[str, str]], dict[str, object], int]:
    """address → (action, reason), the money, and the exit code."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit) as stop:
        cli.main(["plan", "film.yaml", "--json", *arguments])
    data = json.loads(out.getvalue())
    return (
        {s["address"]: (s["action"], s["reason"]) for s in data["steps"]},
        data["usd"],
        int(stop.value.code or 0),
    )


def change(old: str, new: str) -> None:
    path = Path("film.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def actions(found: dict[str, tuple[str, str]]) -> set[str]:
    return {action for action, _ in found.values()}


def test_before_anything_was_made(provider: Emulator) -> None:
    found, usd, code = planned("--exit-code")
    assert found['card["a"]'] == ("make", "new") and found['clip["a"]'] == ("make", "new")
    assert usd["low"] == pytest.approx(0.10 * 2 * 1024 * 1024 / 1e6 + 0.40, abs=0.001)
    assert code == 2 and not provider.posts


def test_after_a_run_everything_is_reused(provider: Emulator) -> None:
    assert callsheet.run("film.yaml", confirm=True).status == "done"
    found, usd, code = planned("--exit-code")
    assert actions(found) == {"reuse"} and usd["high"] == 0.0 and code == 0


def test_a_changed_prompt_reaches_what_it_reaches(provider: Emulator) -> None:
    callsheet.run("film.yaml", confirm=True)
    change("a quiet harbour at dusk with nobody there", "a quiet harbour at dawn with nobody there")
    found, usd, _ = planned()
    assert found['card["a"]'] == (
        "make",
        'prompt: "…harbour at dusk with nobody there" → "…harbour at dawn with nobody there"',
    )
    assert found['clip["a"]'] == ("may change", 'input card["a"] will change')
    assert found['card["b"]'][0] == found['clip["b"]'][0] == "reuse"
    assert found["film"][0] == "may change"
    posts = len(provider.posts)
    callsheet.run("film.yaml", confirm=True)
    assert len(provider.posts) - posts == 2
    assert usd["high"] == pytest.approx(usd["low"] + 0.20)


def test_names_order_and_layout_cost_nothing(provider: Emulator) -> None:
    callsheet.run("film.yaml", confirm=True)
    change("  card:\n", "  # the stills\n  still:\n")
    change("card.images[0]", "still.images[0]")
    change("name: film", "name: other")
    change(
        "[{id: a, prompt: a quiet harbour at dusk with nobody there}, {id: b, prompt: two}]",
        "[{id: b, prompt: two}, {id: new, prompt: three},\n"
        "    {id: z, prompt: a quiet harbour at dusk with nobody there}]",
    )
    found, _, _ = planned()
    assert {a: action for a, (action, _) in found.items() if action != "reuse"} == {
        'still["new"]': "make",
        'clip["new"]': "make",
        "film": "make",
    }
    posts = len(provider.posts)
    assert callsheet.run("film.yaml", confirm=True).status == "done"
    assert len(provider.posts) - posts == 2


def test_a_call_in_doubt_is_told(provider: Emulator) -> None:
    provider.fault("lost_reply", nth=1)
    assert callsheet.run("film.yaml", confirm=True).status == "failed"
    found, _, _ = planned()
    assert [action for action, _ in found.values()].count("unknown") == 1


def test_a_new_picture_of_ones_own_is_another_request(provider: Emulator, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (64, 64), "red").save("photo.png")
    change('"${{ card.images[0] }}"', "./photo.png")
    callsheet.run("film.yaml", confirm=True)
    Image.new("RGB", (64, 64), "blue").save("photo.png")
    found, _, _ = planned()
    assert found['clip["a"]'] == ("make", "image_url: another image")
    assert found['card["a"]'][0] == "reuse"


STORY = """
callsheet: 1
name: NAME
inputs: {what: a boat}
nodes:
  still: {uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: "${{ inputs.what }}", seed: 1}}
  clip:
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: "${{ inputs.what }} moves", image_url: "${{ still.images[0] }}"}
  film: {uses: media/speed, with: {video: "${{ clip.video }}", factor: 2}}
outputs: {film: "${{ film.video }}"}
"""


def story(name: str = "film") -> None:
    Path("film.yaml").write_text(STORY.replace("NAME", name), encoding="utf-8")


class TestOwnChanges:
    """A node whose own prompt changed is made for certain, though its input will change too."""

    def test_are_the_reason_and_in_the_lower_bound(self, provider: Emulator) -> None:
        story()
        callsheet.run("film.yaml", confirm=True)
        change("a boat", "a red boat")
        found, usd, _ = planned()
        assert found["still"] == ("make", 'prompt: "a boat" → "a red boat"')
        assert found["clip"] == ("make", 'prompt: "a boat moves" → "a red boat moves"')
        assert found["film"] == ("may change", "input clip will change")
        assert usd["low"] == usd["high"] == pytest.approx(0.30, abs=0.01)

    def test_are_explained(self, provider: Emulator) -> None:
        story()
        callsheet.run("film.yaml", confirm=True)
        change("a boat", "a red boat")
        with Workspace() as workspace:
            told = explain(callsheet.load("film.yaml"), "clip", workspace)
        assert (told.forecast.action, told.forecast.reason) == (
            "make",
            'prompt: "a boat moves" → "a red boat moves"',
        )
        parts = {part.name: part for part in told.parts}
        assert (parts["prompt"].value, parts["prompt"].was) == ('"a red boat moves"', '"a boat moves"')
        assert parts["image_url"].value == "known once its source is made"

    def test_of_an_operation(self, provider: Emulator) -> None:
        story()
        callsheet.run("film.yaml", confirm=True)
        change("a boat", "a red boat")
        change("factor: 2", "factor: 4")
        assert planned()[0]["film"] == ("make", "factor: 2 → 4")

    def test_that_go_back_to_what_was_bought_before_are_not_certain(self, provider: Emulator) -> None:
        story()
        callsheet.run("film.yaml", confirm=True)
        change("a boat", "a red boat")
        callsheet.run("film.yaml", confirm=True)
        change("a red boat", "a boat")
        change('prompt: "${{ inputs.what }}"', "prompt: another")
        assert planned()[0]["clip"] == ("may change", "input still will change")

    def test_of_a_seed_that_is_new(self, provider: Emulator) -> None:
        story()
        callsheet.run("film.yaml", confirm=True)
        change("a boat", "a boat ")
        change('moves", image', 'moves", seed: 4, image')
        found, _, _ = planned()
        assert found["clip"][0] == "make"


def test_two_films_in_one_folder_have_reasons_of_their_own(provider: Emulator) -> None:
    story("one")
    callsheet.run("film.yaml", confirm=True)
    story("two")
    change("a boat", "a red boat")
    change("factor: 2", "factor: 4")
    found, _, _ = planned()
    assert found["still"] == ("make", "new") and found["clip"][0] == "make"
    assert "boat" not in found["clip"][1]
    callsheet.run("film.yaml", confirm=True)
    story("one")
    change("factor: 2", "factor: 3")
    assert planned()[0]["film"] == ("make", "factor: 2 → 3")


SWAPS = {
    "a video model": "fal-ai/pika/v2.2/image-to-video, with: {image_url: ./i.png, prompt: x}",
    "a language model": "text/chat, with: {prompt: x}",
    "an operation": "media/image_to_video, with: {image: ./i.png, seconds: 1}",
    "a text operation": "text/split, with: {text: a b}",
}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("an operation", "a video model"),
        ("a video model", "an operation"),
        ("a video model", "a language model"),
        ("a language model", "a video model"),
        ("an operation", "a text operation"),
    ],
)
def test_a_node_may_turn_from_anything_into_anything(provider: Emulator, before: str, now: str) -> None:
    """`run --preview` ended in KeyError: 'operation' after a local operation became a model."""
    from PIL import Image

    Image.new("RGB", (64, 36), "navy").save("i.png")
    for uses in (before, now):
        text = f"callsheet: 1\nname: b\nnodes:\n  clip: {{uses: {SWAPS[uses]}}}\n"
        Path("film.yaml").write_text(text)
        found, _, _ = planned()
        if uses == now:
            assert found["clip"][0] == "make"
        with Workspace() as workspace:
            explain(callsheet.load("film.yaml"), "clip", workspace)
        assert callsheet.run("film.yaml", preview=True).status == "done"
        assert callsheet.run("film.yaml", confirm=True).status == "done"


def test_a_text_with_facts_of_a_file_that_is_not_made_yet(provider: Emulator, tmp_path: Path) -> None:
    Image.new("RGB", (64, 36)).save(tmp_path / "hero.png")
    Path("film.yaml").write_text(
        """
callsheet: 1
name: film
nodes:
  pan: {uses: media/image_to_video, with: {image: ./hero.png, seconds: 1}}
  card:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ pan.video.content_type }} of ${{ pan.video.seconds }} s", seed: 7}
outputs: {card: "${{ card.images[0] }}"}
""",
        encoding="utf-8",
    )
    assert planned()[0]["card"] == ("make", "known once pan is made")
    callsheet.run("film.yaml", confirm=True)
    assert actions(planned()[0]) == {"reuse"}
