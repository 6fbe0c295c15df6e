"""Every example is checked and planned; those that are quick are run in preview and watched."""

import asyncio
from pathlib import Path

import pytest

import callsheet
from callsheet.nodes.media.probe import probe

EXAMPLES = Path(__file__).parents[1] / "examples"
FILMS = sorted(EXAMPLES.glob("*/film.yaml"))
RETIRED = {"sora_teaser"}


@pytest.mark.parametrize("path", FILMS, ids=lambda p: p.parent.name)
def test_is_right_and_can_be_planned(path: Path) -> None:
    found = callsheet.check(path)
    assert found.graph is not None, [(d.span.place, d.message) for d in found.diagnostics]
    codes = {d.code for d in found.diagnostics}
    assert codes == ({"retired-endpoint"} if path.parent.name in RETIRED else set())
    plan = callsheet.plan(found.graph)
    assert len(plan.steps) == len(found.graph.instances)
    assert all(set(step.needs) <= {s.address for s in plan.steps[:i]} for i, step in enumerate(plan.steps))


def test_every_example_is_listed() -> None:
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert all(f"]({path.parent.name}/film.yaml)" in listed for path in FILMS)


@pytest.mark.parametrize(
    ("name", "output", "seconds"),
    [("postcard", "film.mp4", 9), ("three_aspects", "films-tall.mp4", 10), ("long_take", "film.mp4", 20)],
)
def test_previews(name: str, output: str, seconds: float, tmp_path: Path) -> None:
    result = callsheet.run(
        EXAMPLES / name / "film.yaml", preview=True, out=tmp_path / "out", state=tmp_path / "state"
    )
    assert result.status == "done", result.failures
    facts = probe(tmp_path / "out" / name / output)
    assert facts.seconds == pytest.approx(seconds, abs=0.3)
    assert facts.width and facts.height and facts.fps == pytest.approx(24, abs=1)


def test_runs_where_a_loop_is_running(tmp_path: Path) -> None:
    async def cell() -> str:
        film = EXAMPLES / "ten_shots/film.yaml"
        return callsheet.run(
            film, preview=True, out=tmp_path / "out", state=tmp_path / "state", only=['keyframe["platform"]']
        ).status

    assert asyncio.run(cell()) == "done"
