"""One shot is refused: what becomes of the film that gathers the others."""

from __future__ import annotations

from typing import Any

import pytest

from callsheet.nodes.media.probe import probe
from callsheet.runtime.events import NodeBlocked, NodeIncomplete

FILM = """
callsheet: 1
name: film
axes:
  shot: [dawn, storm, dusk]
nodes:
  clip:
    each: shot
    uses: fal-ai/kling-video/v2.5-turbo/pro/text-to-video
    with: {prompt: "a lighthouse, ${{ shot }}", duration: "5"}
  short:
    each: shot
    uses: media/trim
    with: {video: "${{ clip.video }}", seconds: 0.5}
  film:
    uses: media/concat
    MISSING
    with: {videos: "${{ SOURCE.video }}", width: 320, height: 180, fps: 12}
outputs:
  film: ${{ film.video }}
"""


def film(missing: str, source: str = "clip") -> str:
    return FILM.replace("MISSING", f"missing: {missing}" if missing else "").replace("SOURCE", source)


def length(project: Any) -> float:
    return probe(project.out / "film" / "film.mp4").seconds or 0.0


def known_length(source: str, really: float) -> float:
    """With a slate as long as the shot was to be: five seconds, where the tiny emulator sends less."""
    return really if source == "short" else really * 2 / 3 + 5


def test_without_a_word_the_film_waits_for_every_shot(project: Any) -> None:
    project.provider.fault("http_422", nth=2)
    result = project.write(film("")).run()
    assert (result.status, result.exit_code) == ("failed", 1)
    assert "film" in {e.address for e in project.events if isinstance(e, NodeBlocked)}
    assert not result.outputs


@pytest.mark.parametrize("source", ["clip", "short"])
def test_a_slate_takes_the_place_of_what_was_refused_and_the_next_run_makes_it(
    source: str, project: Any
) -> None:
    project.provider.fault("http_422", nth=2)
    result = project.write(film("placeholder", source)).run()

    (refused,) = project.failures
    lost = refused.replace("clip", source)
    assert (result.status, result.exit_code) == ("failed", 1)
    assert [e for e in project.events if isinstance(e, NodeIncomplete)] == [
        NodeIncomplete("film", (lost,), placeholder=True)
    ]
    with_slate = length(project)

    project.heal()
    result = project.run()
    assert result.status == "done"
    made = {a for a, e in project.finished.items() if not e.reused}
    assert made == {refused, 'short["' + refused.split('"')[1] + '"]', "film"}
    assert project.posts == 4
    assert with_slate == pytest.approx(known_length(source, length(project)), abs=0.2)


def test_what_was_refused_can_be_left_out(project: Any) -> None:
    project.provider.fault("http_422", nth=2)
    result = project.write(film("skip")).run()
    assert result.status == "failed"
    (said,) = (e for e in project.events if isinstance(e, NodeIncomplete))
    assert not said.placeholder
    shorter = length(project)
    project.heal()
    assert project.run().status == "done"
    assert length(project) > shorter


def test_the_same_loss_makes_the_same_film(project: Any) -> None:
    project.provider.fault("http_422", nth=2)
    project.write(film("placeholder")).run()
    project.provider.fault("http_422")
    result = project.run()
    assert result.status == "failed"
    assert project.finished["film"].reused


def test_a_film_of_nothing_is_not_made(project: Any) -> None:
    project.provider.fault("http_422")
    result = project.write(film("skip")).run()
    assert result.status == "failed"
    assert project.failures["film"].message == "nothing is left for its parameter videos"
