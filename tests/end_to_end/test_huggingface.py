"""Hugging Face in real runs: its three tasks, through the router and with fal's own key."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import pytest
from PIL import Image

from callsheet.runtime.calls.reconcile import adopt
from callsheet.runtime.workspace import Workspace

TOKEN = "hf_planted2b7d50c1"
FILM = """
callsheet: 1
name: film
inputs:
  sketch: {type: image, default: ./sketch.png}
nodes:
  still:
    uses: hf/black-forest-labs/FLUX.1-dev@text-to-image
    with: {inputs: a lighthouse}
  drawn:
    uses: hf/Wan-AI/Wan2.2-I2V-A14B@image-to-video
    with: {inputs: "${{ inputs.sketch }}", prompt: waves}
  moving:
    uses: hf/Wan-AI/Wan2.2-I2V-A14B@image-to-video
    with: {inputs: "${{ still.image }}", prompt: the light turns}
  clip:
    uses: hf/Wan-AI/Wan2.1-T2V-14B@text-to-video
    with: {inputs: a storm, num_frames: 81, negative_prompt: [rain, fog], seed: 4}
outputs:
  moving: ${{ moving.video }}
  clip: ${{ clip.video }}
"""


@pytest.fixture
def film(project: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    Image.new("RGB", (64, 64), "navy").save(project.folder / "sketch.png")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.delenv("FAL_KEY")
    return project.write(FILM)


def bodies(film: Any) -> list[dict[str, Any]]:
    return [post.body for post in film.provider.posts]


def test_every_task(film: Any) -> None:
    result = film.run()
    assert result.status == "done", film.failures
    assert film.posts == 4 and len(film.provider.accepted) == 4
    assert all(path.stat().st_size for path in result.outputs.values())
    clip = next(body for body in bodies(film) if body["prompt"] == "a storm")
    assert clip == {"prompt": "a storm", "num_frames": 81, "negative_prompt": "rain, fog", "seed": 4}
    assert all("image_url" in body for body in bodies(film) if body["prompt"] in ("waves", "the light turns"))

    assert film.run().status == "done"
    assert film.posts == 4 and film.usd == 0


def test_with_the_provider_s_own_key(film: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setenv("FAL_KEY", "any")
    assert film.run().status == "done", film.failures
    assert film.posts == 4


def test_killed_and_resumed(film: Any) -> None:
    process = film.start("--concurrency", "1", "--output", "quiet", failpoint="call.after_accepted:1")
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL and film.posts == 1
    assert film.run().status == "done", film.failures
    assert film.posts == 4


@pytest.mark.parametrize("key", ["HF_TOKEN", "FAL_KEY"])
def test_a_lost_reply_is_not_sent_again_and_can_be_adopted(
    key: str, film: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setenv(key, TOKEN)
    film.provider.fault("lost_reply", endpoint="*wan-t2v*")
    film.run()
    assert film.failures["clip"].kind == "unknown"
    film.heal()
    film.run()
    assert film.kinds == {"done": 3, "unknown": 1} and film.posts == 4

    lost = next(g for g in film.provider.accepted if g.body["prompt"] == "a storm")
    asyncio.run(adopted(film, lost.id))
    assert film.run().status == "done", film.failures
    assert film.posts == 4


async def adopted(film: Any, request_id: str) -> None:
    async with Workspace(state=film.state).open_for_payment(("huggingface",)) as project:
        [attempt] = await project.ledger.attempts("UNKNOWN")
        await adopt(project.ledger, project.queues["huggingface"], attempt, request_id, unseen=True)


def test_no_model_behind_the_name(film: Any) -> None:
    film.provider.fault("mapping:http_404")
    film.run()
    assert {f.kind for f in film.failures.values()} == {"rejected"} and film.posts == 0
    assert "does not show" in film.failures["clip"].message
