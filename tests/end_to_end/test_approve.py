"""`approve: true` in real runs: what waits, what goes on, and what an approval is worth."""

from __future__ import annotations

from typing import Any

import pytest

from callsheet.errors import InputError
from callsheet.runtime.events import NodeGate, RunFinished
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
    with: {prompt: "a lighthouse at ${{ shot }}, PROMPT", seed: 7}
    approve: true
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: waves, image_url: "${{ keyframe.images[0] }}"}
  film:
    uses: media/concat
    with: {videos: "${{ clip.video }}"}
  title:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: a title}
outputs:
  film: ${{ film.video }}
"""


@pytest.fixture(autouse=True)
def calm(project: Any) -> None:
    write(project)


def write(project: Any, prompt: str = "calm") -> None:
    project.write(FILM.replace("PROMPT", prompt))


def gates(project: Any) -> dict[str, str]:
    return {e.address: e.gate for e in project.events if isinstance(e, NodeGate)}


DAWN, DUSK = 'keyframe["0"]', 'keyframe["1"]'


def test_what_needs_it_waits_and_everything_else_goes_on(desk: Any) -> None:
    result = desk.project.run()
    assert (result.status, result.exit_code) == ("waiting", 4)
    assert set(desk.project.finished) == {DAWN, DUSK, "title"}
    assert gates(desk.project) == {DAWN: "closed", DUSK: "closed"}
    end = desk.project.events[-1]
    assert isinstance(end, RunFinished)
    assert (end.made, end.waiting, end.not_started, end.failed) == (3, 3, 0, 0)
    assert end.next_step == "callsheet approve film.yaml 'keyframe[\"0\"]' 'keyframe[\"1\"]'"
    (gate,) = (e for e in desk.project.events if isinstance(e, NodeGate) and e.address == DAWN)
    assert gate.files == ("out/film/parts/keyframe-00.png",)


def test_an_approval_lets_through_what_it_is_about(desk: Any) -> None:
    desk.project.run()
    assert desk.type("approve", "film.yaml", DAWN) == f"approved: {DAWN}\nnext: callsheet run film.yaml\n"
    result = desk.project.run()
    assert result.exit_code == 4
    assert set(desk.project.finished) == {DAWN, DUSK, "title", 'clip["0"]'}
    assert DUSK in desk.type("approve", "film.yaml", "--all")
    assert desk.project.run().exit_code == 0
    assert desk.project.run().exit_code == 0
    assert desk.project.posts == 5


def test_what_changed_since_has_to_be_looked_at_again(desk: Any) -> None:
    desk.project.run()
    desk.type("approve", "film.yaml", "--all")
    desk.project.run()
    write(desk.project, "stormy")
    with pytest.raises(InputError, match="has changed since it was made") as raised:
        desk.type("approve", "film.yaml", DAWN)
    assert raised.value.next_step == "make it: callsheet run film.yaml"
    assert desk.project.run().exit_code == 4
    assert gates(desk.project) == {DAWN: "changed", DUSK: "changed"}
    write(desk.project)
    assert desk.project.run().exit_code == 0


def test_an_approval_can_be_taken_back(desk: Any) -> None:
    desk.project.run()
    desk.type("approve", "film.yaml", "keyframe")
    assert desk.type("approve", "film.yaml", DAWN, "--undo").startswith(f"no longer approved: {DAWN}\n")
    assert desk.project.run().exit_code == 4
    assert 'clip["1"]' in desk.project.finished and 'clip["0"]' not in desk.project.finished
    assert read(lock_path(desk.project.file)).block(DUSK).approved
    assert desk.type("approve", "film.yaml", DAWN, "--undo") == "nothing to undo\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((DAWN,), "is not made yet"),
        (("title",), "no node waits for an approval of title"),
        (("titel",), "there is no node or instance titel"),
        ((), "name what you approve"),
        ((DAWN, "--all"), "name what you approve"),
    ],
)
def test_what_cannot_be_approved_is_said(words: tuple[str, ...], said: str, desk: Any) -> None:
    with pytest.raises(InputError, match=said):
        desk.type("approve", "film.yaml", *words)
    assert not lock_path(desk.project.file).exists()


def test_the_plan_tells_what_waits(desk: Any) -> None:
    desk.project.run()
    said = desk.type("plan", "film.yaml")
    assert "# clip" in said and "waits for a person to approve it" in said
    assert "3 blocked, 3 reused: $0.00" in said and "$0.40 more for what is blocked now" in said


def test_what_waits_with_nothing_behind_it_is_in_the_plan_too(desk: Any) -> None:
    desk.project.run()
    desk.type("approve", "film.yaml", "--all")
    assert desk.project.run().exit_code == 0
    assert "waiting" not in desk.type("plan", "film.yaml")
    desk.type("approve", "film.yaml", DAWN, "--undo")
    assert desk.type("plan", "film.yaml").endswith(f"reused\nwaiting for a person: {DAWN}\n")
    assert desk.project.run().exit_code == 4


def test_a_preview_passes_and_says_so(desk: Any) -> None:
    said = desk.type("run", "film.yaml", "--preview", "--output", "plain")
    assert 'keyframe["0"] goes on in a preview; a real run waits for a person here' in said
    assert "done: 6 made" in said


def test_one_that_failed_counts_more_than_one_that_waits(desk: Any) -> None:
    desk.project.provider.fault("http_422", nth=1)
    result = desk.project.run()
    assert (result.status, result.exit_code) == ("failed", 1)


def test_what_waits_with_another_way_out_needs_nobody_who_sells(desk: Any) -> None:
    other = "    fallback: [{uses: fal-ai/flux/schnell}]\n    approve: true"
    desk.project.file.write_text(desk.project.file.read_text().replace("    approve: true", other))
    text = desk.project.file.read_text().replace("fal-ai/pika/v2.2/image-to-video", "media/image_to_video")
    desk.project.write(text.replace("{prompt: waves, image_url:", "{seconds: 1, image:"))
    assert desk.project.run().exit_code == 4
    result = desk.project.run()
    assert (result.exit_code, result.error) == (4, None)
