"""The examples that wait for a person or meet a refusal, bought from the emulator from end to end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callsheet.nodes.media.probe import probe
from callsheet.runtime.events import NodeFellBack, NodeIncomplete

EXAMPLES = Path(__file__).parents[2] / "examples"
VEO, PIKA, STILL = (
    "fal-ai/veo3.1/fast/image-to-video",
    "fal-ai/pika/v2.2/image-to-video",
    "media/image_to_video",
)


@pytest.fixture
def example(desk: Any) -> Callable[[str], Any]:
    def example(name: str) -> Any:
        return desk.project.write((EXAMPLES / name / "film.yaml").read_text(encoding="utf-8"))

    return example


def test_candidates_are_picked_approved_and_filmed(desk: Any, example: Callable[[str], Any]) -> None:
    project = example("candidates")
    assert project.run().exit_code == 4
    assert len(project.finished) == 6
    assert "sheet: out/candidates/takes/keyframe.png" in desk.type("takes", "film.yaml", "keyframe")
    desk.type("pick", "film.yaml", 'keyframe["harbour"]', "2")
    assert desk.type("approve", "film.yaml", "--all").startswith(
        'approved: keyframe["harbour"]#2\napproved: keyframe["market"]\n'
    )
    result = project.run()
    assert (result.status, project.posts) == ("done", 8)
    assert project.run().status == "done" and project.posts == 8


def turns(project: Any) -> list[tuple[str, str]]:
    return [(e.uses, e.to) for e in project.events if isinstance(e, NodeFellBack)]


def test_nothing_is_softened_while_nothing_is_refused(example: Callable[[str], Any]) -> None:
    project = example("refused")
    assert project.run().status == "done"
    assert not turns(project) and not any("softened" in address for address in project.finished)


def test_a_refusal_goes_down_the_ladder(example: Callable[[str], Any]) -> None:
    project = example("refused")
    project.provider.fault(f"http_422,endpoint={VEO}")
    project.provider.fault(f"result:http_500,endpoint={PIKA}")
    assert project.run().status == "done"
    assert turns(project).count((VEO, VEO)) == turns(project).count((VEO, PIKA)) == 3
    assert turns(project).count((PIKA, STILL)) == 3
    assert sum("softened" in a for a in project.finished) == 3
    assert probe(project.out / "refused" / "film.mp4").seconds == pytest.approx(15, abs=0.3)


def test_a_slate_stands_for_a_keyframe_that_was_refused(example: Callable[[str], Any]) -> None:
    project = example("refused")
    project.provider.fault("http_422,endpoint=fal-ai/hunyuan*,nth=2")
    result = project.run()
    assert (result.status, list(result.outputs)) == ("failed", ["film"])
    assert [e.placeholder for e in project.events if isinstance(e, NodeIncomplete)] == [True]
