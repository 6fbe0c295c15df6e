"""The other providers behind Hugging Face's router, in real runs: jobs, results in the reply, raw bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from callsheet.emulator import Emulator
from callsheet.nodes.media.sniff import sniff

TOKEN = "hf_planted2b7d50c1"
REPO = "acme/waves"
FILM = """
callsheet: 1
name: film
nodes:
  made:
    uses: hf/acme/waves@TASK
    with: {WITH}
outputs:
  made: ${{ made.KIND }}
"""
Start = Callable[[str, str, str], Any]


@pytest.fixture
def film(project: Any, monkeypatch: pytest.MonkeyPatch) -> Start:
    """A film of one node, with the provider that serves its model."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.delenv("FAL_KEY")
    Image.new("RGB", (64, 64), "navy").save(project.folder / "sketch.png")

    def write(provider: str, task: str, given: str) -> Any:
        served = {"endpoint": "acme-models/waves-1", "task": task, "provider": provider}
        mapped = Emulator(tiny=True, hub={REPO: served}, latency=0.02)
        project.provider = mapped.__enter__()
        running.append(mapped)
        monkeypatch.setenv("CALLSHEET_HF_URL", mapped.url)
        text = FILM.replace("TASK", task).replace("WITH", given).replace("KIND", task.rpartition("-to-")[2])
        return project.write(text)

    running: list[Emulator] = []
    yield write
    for emulator in running:
        emulator.__exit__(None, None, None)


CASES = [
    ("novita", "text-to-video"),
    ("replicate", "text-to-video"),
    ("replicate", "text-to-image"),
    ("together", "text-to-video"),
    ("together", "text-to-image"),
    ("together", "image-to-video"),
    ("wavespeed", "text-to-video"),
    ("wavespeed", "text-to-image"),
    ("wavespeed", "image-to-video"),
    ("hf-inference", "text-to-image"),
    ("hf-inference", "text-to-video"),
]
PATHS = {
    ("novita", "text-to-video"): "/novita/v3/hf/acme-models/waves-1",
    ("replicate", "text-to-video"): "/replicate/v1/models/acme-models/waves-1/predictions",
    ("together", "text-to-video"): "/together/v2/videos",
    ("together", "text-to-image"): "/together/v1/images/generations",
    ("wavespeed", "image-to-video"): "/wavespeed/api/v3/acme-models/waves-1",
    ("hf-inference", "text-to-video"): "/hf-inference/models/acme-models/waves-1",
}


@pytest.mark.parametrize(("served", "task"), CASES)
def test_each_provider_and_task(served: str, task: str, film: Start) -> None:
    moving = task == "image-to-video"
    given = "inputs: ./sketch.png, prompt: waves, seed: 4" if moving else "inputs: waves, seed: 4"
    project = film(served, task, given)
    result = project.run()
    assert result.status == "done", project.failures
    made = sniff(Path(str(result.outputs["made"])))
    assert made is not None and made.kind == task.rpartition("-to-")[2]
    (post,) = project.provider.posts
    assert post.accepted and post.authorized
    assert post.path.partition("?")[0] == PATHS.get((served, task), post.path)
    assert project.run().usd == 0 and len(project.provider.posts) == 1  # kept, as any other result


BODIES: dict[tuple[str, str], Any] = {
    ("novita", "text-to-video"): {"prompt": "waves", "seed": 4},
    ("replicate", "text-to-video"): {"input": {"prompt": "waves", "seed": 4}},
    ("together", "text-to-video"): {"model": "acme-models/waves-1", "prompt": "waves", "seed": 4},
    ("wavespeed", "text-to-video"): {"prompt": "waves", "seed": 4},
    ("hf-inference", "text-to-video"): {"inputs": "waves", "parameters": {"seed": 4}},
}


@pytest.mark.parametrize(("served", "task"), BODIES)
def test_the_body_has_the_provider_s_form_and_headers_are_no_part_of_it(
    served: str, task: str, film: Start
) -> None:
    given = "inputs: waves, seed: 4, x-use-cache: false, x-wait-for-model: true"
    project = film(served, task, given)
    assert project.run().status == "done", project.failures
    (post,) = project.provider.posts
    assert post.body == BODIES[served, task]


@pytest.mark.parametrize("served", ["replicate", "together", "wavespeed", "novita", "hf-inference"])
def test_a_model_that_fails_fails_the_node(served: str, film: Start) -> None:
    project = film(served, "text-to-video", "inputs: waves")
    project.provider.fault("model_error")
    project.run()
    assert "made" in project.failures and len(project.provider.posts) == 1


def test_a_lost_reply_leaves_the_outcome_open(film: Start) -> None:
    project = film("hf-inference", "text-to-video", "inputs: waves")
    project.provider.fault("lost_reply")
    project.run()
    assert project.failures["made"].kind == "unknown"
    project.heal()
    project.run()
    assert project.failures["made"].kind == "unknown" and len(project.provider.posts) == 1


def test_a_model_that_is_being_loaded_is_asked_again_later(
    film: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callsheet.emulator.http.message import json_reply

    async def loading(_: object) -> object:
        return json_reply({"error": "Model acme/waves is currently loading", "estimated_time": 20.0}, 503)

    monkeypatch.setattr("callsheet.emulator.api.other_providers.inference", loading)
    project = film("hf-inference", "text-to-image", "inputs: waves")
    project.run()
    assert project.failures["made"].kind == "unavailable"
    assert "x-wait-for-model" in json.dumps(project.failures["made"].next_step)
