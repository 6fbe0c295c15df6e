"""Takes in real runs: what is paid for, what a pick remakes, and what people type."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from callsheet.errors import InputError, PipelineError
from callsheet.runtime.lock import lock_path
from tests.lock_files import read

FILM = """
callsheet: 1
name: film
axes:
  shot: [dawn, dusk]
nodes:
  keyframe:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    takes: COUNT
    with: {prompt: "a lighthouse at ${{ shot }}"SEED}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: waves, image_url: "${{ keyframe.images[0] }}"}
  film:
    uses: media/concat
    with: {videos: "${{ clip.video }}"}
outputs:
  film: ${{ film.video }}
"""
DAWN, DUSK = 'keyframe["0"]', 'keyframe["1"]'


@pytest.fixture(autouse=True)
def two_takes(project: Any) -> None:
    write(project)


def write(project: Any, count: int = 2, seed: str = ", seed: 7") -> None:
    project.write(FILM.replace("COUNT", str(count)).replace("SEED", seed))


def test_every_take_is_bought_once_and_shown(desk: Any) -> None:
    assert len(desk.made()) == 7
    seeds = sorted(post.body["seed"] for post in desk.project.provider.posts if "hunyuan" in post.endpoint)
    assert seeds == [7, 7, 8, 8]
    shown = {path.name for path in (desk.project.out / "film/parts").glob("keyframe-00*")}
    assert shown == {"keyframe-00.png", "keyframe-00-take1.png", "keyframe-00-take2.png"}
    assert desk.made() == set()
    assert desk.project.posts == 6


def test_without_a_seed_takes_are_different_purchases(desk: Any) -> None:
    write(desk.project, 3, seed="")
    assert len(desk.made()) == 9
    assert desk.made() == set()
    write(desk.project, 4, seed="")
    assert desk.made() == {f"{DAWN}#4", f"{DUSK}#4"}


def test_raising_takes_makes_the_new_ones_only(desk: Any) -> None:
    desk.made()
    write(desk.project, 4)
    assert desk.made() == {f"{DAWN}#3", f"{DAWN}#4", f"{DUSK}#3", f"{DUSK}#4"}


def test_a_pick_remakes_what_follows_and_the_way_back_is_free(desk: Any) -> None:
    desk.made()
    assert desk.type("pick", "film.yaml", DAWN, "2") == (
        f"take 2 of {DAWN} counts\nnext: callsheet run film.yaml\n"
    )
    assert read(lock_path(desk.project.file)).block(DAWN).pick == 2
    assert desk.made() == {'clip["0"]', "film"}
    out = desk.project.out / "film/parts"
    assert (out / "keyframe-00.png").read_bytes() == (out / "keyframe-00-take2.png").read_bytes()
    desk.type("pick", "film.yaml", DAWN, "1")
    posts = desk.project.posts
    desk.made()
    assert desk.project.posts == posts


def test_what_follows_starts_from_the_take_that_counts_alone(desk: Any) -> None:
    """A take that fails and does not count holds nothing up."""
    desk.project.provider.fault("http_422,endpoint=fal-ai/hunyuan*,nth=4")
    result = desk.project.run(concurrency=1)
    assert result.status == "failed"
    assert "#2" in next(iter(desk.project.failures))
    assert result.outputs


def test_one_more_take(desk: Any) -> None:
    desk.made()
    assert f"{DAWN} has 3 takes" in desk.type("retake", "film.yaml", DAWN)
    assert f"{DAWN} has 4 takes" in desk.type("retake", "film.yaml", DAWN)
    assert desk.made() == {f"{DAWN}#3", f"{DAWN}#4"}


def test_a_thousand_takes_are_enough(desk: Any) -> None:
    write(desk.project, 999)
    assert f"{DAWN} has 1000 takes" in desk.type("retake", "film.yaml", DAWN)
    with pytest.raises(InputError, match="has 1000 takes already"):
        desk.type("retake", "film.yaml", DAWN)


def test_takes_side_by_side(desk: Any) -> None:
    desk.made()
    desk.type("pick", "film.yaml", DAWN, "2")
    said = desk.type("takes", "film.yaml", DAWN)
    assert said == (
        f"{DAWN}#1  seed 7\n{DAWN}#2  seed 8  picked\nsheet: out/film/takes/keyframe-0.png\n"
        f"next: callsheet pick film.yaml '{DAWN}' N\n"
    )
    with Image.open("out/film/takes/keyframe-0.png") as sheet:
        assert sheet.width == 1920
    assert f"{DAWN}#3  seed 9  not made yet" in (
        desk.type("retake", "film.yaml", DAWN) and desk.type("takes", "film.yaml", DAWN)
    )
    assert "sheet: out/film/takes/clip.png" in desk.type("takes", "film.yaml", "clip")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pick", "film.yaml", DAWN, "3"), "has no take 3, it has 2"),
        (("pick", "film.yaml", "keyframe", "1"), "keyframe is several instances"),
        (("pick", "film.yaml", "keyfram", "1"), "there is no node or instance keyfram"),
        (("retake", "film.yaml", "film"), "would be the same: media/concat always"),
        (("takes", "film.yaml", DAWN), "no take of .* is made yet with the pipeline as it is"),
    ],
)
def test_what_cannot_be_is_said(words: tuple[str, ...], said: str, desk: Any) -> None:
    with pytest.raises(InputError, match=said):
        desk.type(*words)
    assert not lock_path(desk.project.file).exists()


def test_a_pick_that_the_pipeline_no_longer_has_is_found_in_its_place(desk: Any) -> None:
    write(desk.project, 4)
    desk.type("pick", "film.yaml", DAWN, "4")
    write(desk.project, 2)
    with pytest.raises(PipelineError) as raised:
        desk.project.run()
    (found,) = raised.value.diagnostics
    assert found.message == f"film.lock.yaml picks take 4 of {DAWN}, which has 2"
    assert found.span.text == "keyframe"
    desk.type("pick", "film.yaml", DAWN, "1")
    assert desk.project.run().status == "done"


def test_a_gate_is_behind_the_take_that_counts(desk: Any) -> None:
    text = desk.project.file.read_text().replace("takes: 2", "takes: 2\n    approve: true")
    desk.project.write(text)
    assert desk.project.run().exit_code == 4
    desk.type("approve", "film.yaml", "--all")
    assert desk.project.run().exit_code == 0
    desk.type("pick", "film.yaml", DAWN, "2")
    assert desk.project.run().exit_code == 4
    assert desk.type("approve", "film.yaml", DAWN).startswith(f"approved: {DAWN}#2\n")
    assert desk.project.run().exit_code == 0


GROWN = """
callsheet: 1
name: grown
axes:
  shot: {over: "${{ script.shots }}", key: "${{ shot.id }}", max: 3}
nodes:
  script:
    uses: text/chat
    with:
      prompt: three shots
      schema: {shots: {type: list, items: {id: string, prompt: string}, maximum: 3}}
  keyframe:
    each: shot
    takes: 2
    approve: true
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot.prompt }}", seed: 3}
  clip:
    each: shot
    uses: fal-ai/kling-video/v2.5-turbo/pro/image-to-video
    with: {prompt: "${{ shot.prompt }}", image_url: "${{ keyframe.images[0] }}"}
    fallback: [{uses: fal-ai/pika/v2.2/image-to-video}]
  film:
    uses: media/concat
    missing: placeholder
    with: {videos: "${{ clip.video }}"}
outputs:
  film: ${{ film.video }}
"""


def test_all_of_it_in_a_film_that_writes_its_own_shots(desk: Any) -> None:
    desk.project.write(GROWN)
    assert desk.project.run().exit_code == 4
    keyframes = sorted(a for a in desk.project.finished if a.startswith("keyframe") and "#" not in a)
    assert len(keyframes) > 1
    desk.type("pick", "film.yaml", keyframes[0], "2")
    assert f"{keyframes[1]} has 3 takes" in desk.type("retake", "film.yaml", keyframes[1])
    desk.type("approve", "film.yaml", "--all")
    desk.project.provider.fault("http_422,endpoint=fal-ai/kling*,times=1")
    assert desk.project.run().exit_code == 0
    assert f"{keyframes[1]}#3" in desk.project.finished
    made = [e.uses for a, e in desk.project.finished.items() if a.startswith("clip")]
    assert sum("pika" in uses for uses in made) == 1 and len(made) == len(keyframes)
    posts = desk.project.posts
    assert desk.project.run().exit_code == 0
    assert desk.project.posts == posts


def test_one_more_take_is_no_new_shot(desk: Any) -> None:
    desk.made()
    desk.type("retake", "film.yaml", DAWN)
    assert "new take" in desk.type("plan", "film.yaml")
