"""Fallback and retry in real runs: who takes over, what is paid for, and what the next run makes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

import callsheet
from callsheet.nodes.media.probe import probe
from callsheet.runtime.events import NodeBlocked, NodeFellBack, NodeStarted, RunFinished
from callsheet.runtime.lock import lock_path
from tests.lock_files import read

KLING = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"
PIKA = "fal-ai/pika/v2.2/image-to-video"
STILL = "media/image_to_video"
FILM = """
callsheet: 1
name: film
nodes:
  keyframe:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: a lighthouse, seed: 7}
  gentle:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: a gentle lighthouse, seed: 7}
  clip:
    uses: fal-ai/kling-video/v2.5-turbo/pro/image-to-video
    with: {prompt: waves, image_url: "${{ keyframe.images[0] }}"}
    OPTIONS
    fallback:
      - uses: fal-ai/pika/v2.2/image-to-video
        with: {image_url: "${{ gentle.images[0] }}"}
      - uses: media/image_to_video
        with: {move: zoom_in, seconds: 0.5, fps: 12}
  film:
    uses: media/concat
    with: {videos: ["${{ clip.video }}"], width: 160, height: 90}
outputs:
  film: ${{ film.video }}
"""


def film(options: str = "description: a clip") -> str:
    return FILM.replace("OPTIONS", options)


def uses(project: Any) -> str:
    return str(project.finished["clip"].uses)


def turns(project: Any) -> list[tuple[str, str, str]]:
    return [(e.uses, e.kind, e.to) for e in project.events if isinstance(e, NodeFellBack)]


def end(project: Any) -> RunFinished:
    last = project.events[-1]
    assert isinstance(last, RunFinished)
    return last


def test_while_the_first_way_works_nothing_else_is_made(project: Any) -> None:
    assert project.write(film()).run().status == "done"
    assert uses(project) == KLING
    assert "gentle" not in project.finished
    assert (end(project).made, end(project).spare, end(project).not_started) == (3, 1, 0)
    assert project.posts == 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("http_422", "rejected"), ("result:http_500", "failed"), ("http_503_before", "unavailable")],
)
def test_the_next_takes_over_with_what_it_needs(fault: str, kind: str, project: Any) -> None:
    if fault == "http_503_before":
        fault = "http_429"
    project.provider.fault(f"{fault},endpoint=fal-ai/kling*")
    result = project.write(film()).run()
    assert result.status == "done"
    assert turns(project) == [(KLING, kind, PIKA)]
    assert uses(project) == PIKA
    assert {"keyframe", "gentle", "clip", "film"} == set(project.finished)
    assert end(project).spare == 0
    assert [e.uses for e in project.events if isinstance(e, NodeStarted) and e.address == "clip"] == [
        KLING,
        PIKA,
    ]
    sent = [post.body for post in project.provider.posts if post.endpoint == PIKA]
    assert [body["prompt"] for body in sent] == ["waves"]
    block = read(lock_path(project.file)).block("clip").made
    assert block is not None and block.uses == PIKA


def test_what_took_over_stands_until_something_changes(project: Any) -> None:
    project.provider.fault("http_422,endpoint=fal-ai/kling*")
    project.write(film()).run()
    posts = project.posts
    project.heal()
    assert project.run().status == "done"
    assert project.finished["clip"].reused and uses(project) == PIKA
    assert project.posts == posts
    block = read(lock_path(project.file)).block("clip").made
    assert block is not None and block.uses == PIKA
    project.write(film("cache: refresh")).run()
    assert uses(project) == KLING


def test_a_run_that_was_killed_goes_on_with_who_had_taken_over(project: Any) -> None:
    project.provider.fault("http_422,endpoint=fal-ai/kling*")
    project.write(film())
    process = project.start(failpoint="call.after_accepted:3")
    process.communicate()
    assert [post.endpoint for post in project.provider.posts if post.accepted][-1] == PIKA
    posts = project.posts
    project.heal()
    assert project.run().status == "done"
    assert uses(project) == PIKA
    assert project.posts == posts


def test_a_local_operation_is_the_last_resort(project: Any) -> None:
    project.provider.fault("http_422,endpoint=fal-ai/kling*")
    project.provider.fault("http_422,endpoint=fal-ai/pika*")
    assert project.write(film()).run().status == "done"
    assert turns(project) == [(KLING, "rejected", PIKA), (PIKA, "rejected", STILL)]
    assert uses(project) == STILL
    assert probe(project.out / "film" / "film.mp4").seconds == pytest.approx(0.5, abs=0.1)
    assert project.run().status == "done"
    assert all(e.reused for e in project.finished.values())


def test_when_a_way_lacks_what_it_needs_the_next_is_taken(project: Any) -> None:
    project.provider.fault("http_422,endpoint=fal-ai/kling*")
    project.provider.fault("http_422,endpoint=fal-ai/hunyuan*,nth=2")
    result = project.write(film()).run()
    assert result.status == "failed"
    assert list(project.failures) == ["gentle"]
    assert uses(project) == STILL
    assert turns(project)[-1] == (PIKA, "rejected", STILL)
    assert result.outputs


def test_all_ways_fail(project: Any) -> None:
    project.provider.fault("http_422,endpoint=fal-ai/kling*")
    project.provider.fault("http_422,endpoint=fal-ai/pika*")
    text = film()
    text = text[: text.index("      - uses: media")] + text[text.index("  film:\n") :]
    result = project.write(text).run()
    assert result.status == "failed"
    assert project.failures["clip"].uses == PIKA
    assert [e.address for e in project.events if isinstance(e, NodeBlocked)] == ["film"]


@pytest.mark.parametrize("fault", ["lost_reply", "http_503"])
def test_what_nobody_knows_never_falls_through(fault: str, project: Any) -> None:
    project.provider.fault(f"{fault},endpoint=fal-ai/kling*")
    result = project.write(film()).run()
    assert result.status == "failed"
    assert project.failures["clip"].kind == "unknown"
    assert not turns(project)
    assert not any(post.endpoint == PIKA for post in project.provider.posts)


@pytest.mark.parametrize("fault", ["http_401", "http_402", "locked"])
def test_trouble_with_the_account_never_falls_through(fault: str, project: Any) -> None:
    """Nobody wants a film of stills because a key has a typo in it."""
    project.provider.fault(f"{fault},endpoint=fal-ai/kling*")
    result = project.write(film("takes: 3")).run()
    assert result.status == "failed"
    assert {f.kind for f in project.failures.values()} == {"rejected"}
    assert not turns(project)


def test_a_model_that_refuses_everything_does_not_stop_the_one_that_takes_over(project: Any) -> None:
    project.provider.fault("http_422,endpoint=fal-ai/kling*")
    assert project.write(film("takes: 30")).run().status == "done"
    assert sum(post.endpoint == KLING for post in project.provider.posts) <= 14
    assert {e.uses for a, e in project.finished.items() if a.startswith("clip")} == {PIKA}


def test_a_budget_that_is_spent_never_falls_through(project: Any) -> None:
    project.provider.fault("model_error,endpoint=fal-ai/kling*")
    result = project.write(film("retry: {attempts: 2, on: [failed]}")).run(budget=0.7, unpriced=0.5)
    assert result.status == "failed"
    assert project.failures["clip"].kind == "local"
    assert not turns(project)


def test_what_failed_is_bought_again_as_often_as_the_node_says(project: Any) -> None:
    project.provider.fault("result:http_500,endpoint=fal-ai/kling*,times=12")
    project.write(film("retry: {attempts: 3, on: [failed]}")).run()
    sent = [post for post in project.provider.posts if post.endpoint == KLING]
    assert 1 < len(sent) <= 3


def test_what_was_refused_is_asked_once(project: Any) -> None:
    project.provider.fault("http_422,endpoint=fal-ai/kling*")
    project.write(film("retry: 3")).run()
    assert sum(post.endpoint == KLING for post in project.provider.posts) == 1
    assert uses(project) == PIKA


def test_the_plan_tells_what_it_may_come_to(project: Any) -> None:
    project.write(film("retry: 2").replace(KLING, PIKA))
    planned = callsheet.plan(project.file, project.state)
    clip = next(step for step in planned.steps if step.address == "clip")
    assert clip.usd is not None
    assert clip.most == pytest.approx(2 * (clip.usd + 0.2))
    assert planned.cost.worst > planned.usd
    assert [step.address for step in planned.steps if step.spare] == ["gentle"]
    assert json.dumps(planned.draft.to_json())


def test_every_verb_says_who_really_made_it(desk: Any) -> None:
    desk.project.provider.fault("http_422,endpoint=fal-ai/kling*")
    desk.project.write(film()).run()
    assert "unchanged" in desk.type("lock", "film.yaml")
    assert "pika/v2.2/image-to-video" in desk.type("plan", "film.yaml", "--verbose")
    assert desk.type("explain", "film.yaml", "clip").startswith(f"clip  {PIKA}\n  reuse\n")
    assert f"made by {PIKA}" in " ".join(desk.type("origin", "out/film/parts/clip.mp4").split())
