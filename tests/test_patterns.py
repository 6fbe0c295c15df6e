"""What storyboard people do, each as one short file: it checks, is priced, and runs to its end."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

import callsheet
from callsheet.dsl.graph import Graph
from callsheet.errors import NodeError
from callsheet.nodes.local import Local
from callsheet.nodes.media.inspector import MediaInspector
from callsheet.nodes.preview.provider import Preview
from callsheet.runtime.events import Event, NodeFailed, NodeFinished
from callsheet.runtime.execute.result import Result
from callsheet.runtime.workspace import Workspace
from callsheet.spec.node import Job
from callsheet.spec.types import MediaKind, media_in
from callsheet.testing.fakes import FakeInspector, FakeProvider, run_with

PATTERNS = sorted((Path(__file__).parent / "patterns").glob("*.yaml"))
LINES = 40


class Quick(FakeProvider):
    """Words and numbers as a preview or this machine gives them, media as files of a few bytes."""

    def __init__(self, *refused: tuple[str, str]) -> None:
        """refused: addresses, each with what of it is refused there."""
        super().__init__()
        self.refused = refused
        self.preview, self.local = Preview(), Local()

    async def perform(self, job: Job) -> Mapping[str, object]:
        if (job.address, job.spec.uses) in self.refused:
            raise NodeError("the model refused", "rejected")
        if any(any(media_in(t)) for t in job.spec.outputs.values()):
            return await super().perform(job)
        self.calls.append(job.address)
        return await (self.local if job.spec.provider == "local" else self.preview).perform(job)


class Inspector(FakeInspector):
    """Believes the fakes, and looks into what is real: slates are drawn."""

    def unreadable(self, path: Path) -> str:
        return ""

    def identify(self, path: Path) -> MediaKind | None:
        return super().identify(path) or MediaInspector().identify(path)


class Stage:
    """Runs patterns with nothing behind them; keeps what was heard."""

    def __init__(self) -> None:
        self.heard: list[Event] = []

    def run(self, graph: Graph, provider: Quick | None = None, **options: object) -> Result:
        quick = provider or Quick()
        makers = dict.fromkeys(("fal", "huggingface", "local"), quick)
        options = {"preview": True, **options}
        return run_with(makers, graph, Workspace(inspector=Inspector()), self.heard.append, **options)

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.heard if isinstance(event, kind)]


@pytest.fixture
def stage(in_folder: Path) -> Stage:
    return Stage()


def pattern(name: str, **sets: str) -> Graph:
    """The pattern, in the current folder: a run leaves its lock beside it."""
    path = shutil.copy(Path(__file__).parent / f"patterns/{name}.yaml", ".")
    return callsheet.load(path, sets)


@pytest.mark.parametrize("path", PATTERNS, ids=lambda path: path.stem)
def test_a_pattern_is_one_short_file_that_runs(stage: Stage, path: Path, tmp_path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LINES
    checked = callsheet.check(path)
    assert checked.graph is not None, [d.message for d in checked.diagnostics]
    assert not checked.diagnostics, [d.message for d in checked.diagnostics]
    assert callsheet.plan(checked.graph, tmp_path).steps
    result = stage.run(checked.graph)
    assert result.status == "done", [f"{f.address}: {f.message}" for f in result.failures]
    assert set(result.outputs) == set(yaml.safe_load(path.read_text())["outputs"])


@pytest.mark.parametrize("path", PATTERNS, ids=lambda path: path.stem)
def test_no_node_of_a_pattern_only_renames(path: Path) -> None:
    """A join, or a choice, of one thing that is written down as a list of it."""
    for name, node in yaml.safe_load(path.read_text())["nodes"].items():
        if node["uses"].startswith(("media/concat", "media/pick")):
            lists = [value for value in node["with"].values() if isinstance(value, list)]
            assert all(len(found) > 1 for found in lists), name


def test_a_missing_cell_is_a_slate_in_the_grid(stage: Stage) -> None:
    result = stage.run(pattern("models_by_seeds"), Quick(('cell["0", "0"]', "fal-ai/wan-pro/text-to-video")))
    assert result.status == "failed" and "wall" in result.outputs
    assert [f.address for f in stage.of(NodeFailed)] == ['cell["0", "0"]']


def test_what_failed_is_panned_and_zoomed(stage: Stage) -> None:
    pika = "fal-ai/pika/v2.2/image-to-video"
    result = stage.run(pattern("pan_and_zoom_fallback"), Quick(('clip["a"]', pika)))
    assert result.status == "done"
    made = {e.address: e.uses for e in stage.of(NodeFinished)}
    assert (made['clip["a"]'], made['clip["b"]']) == ("media/image_to_video", pika)


def test_what_is_not_refused_is_not_softened(stage: Stage) -> None:
    provider = Quick()
    assert stage.run(pattern("refusal_softened"), provider).status == "done"
    assert "softened" not in provider.calls


def test_what_is_refused_is_softened_and_then_asked_of_another(stage: Stage) -> None:
    kling = "fal-ai/kling-video/v2.1/master/text-to-video"
    provider = Quick(("clip", kling))
    assert stage.run(pattern("refusal_softened"), provider).status == "done"
    assert provider.calls.count("softened") == 1
    made = {e.address: e.uses for e in stage.of(NodeFinished)}
    assert made["clip"] == "fal-ai/pixverse/v4.5/text-to-video"


def test_the_final_reuses_what_the_draft_made(stage: Stage) -> None:
    stage.run(pattern("draft_and_final"))
    provider = Quick()
    assert stage.run(pattern("draft_and_final", profile="final"), provider).status == "done"
    assert "still" not in provider.calls and "final" in provider.calls


def test_a_gate_stops_before_the_expensive_part(stage: Stage) -> None:
    provider = Quick()
    result = stage.run(pattern("gate_after_contact_sheet"), provider, preview=False)
    assert (result.status, result.exit_code) == ("waiting", 4)
    assert not any(address.startswith("clip") for address in provider.calls)
