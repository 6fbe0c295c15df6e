"""The hand-known endpoints are what their pages say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from callsheet.nodes.catalogue.catalogue import KNOWLEDGE
from callsheet.nodes.registry import Registry
from callsheet.spec.describe import describe
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import NodeSpec
from callsheet.spec.price.call import UNKNOWN
from callsheet.spec.price.quote import quote


def _table() -> Any:
    spec = importlib.util.spec_from_file_location("seeds", Path(__file__).with_name("seeds.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SEEDS = _table()
REGISTRY = Registry()


def spec_of(uses: str) -> NodeSpec:
    spec = REGISTRY.find(uses)
    assert spec is not None, uses
    return spec


def takes(data: dict[str, Any], row: tuple[Any, ...]) -> bool:
    """Whether a parameter takes all that the page says; newer types may take more."""
    kind, required, default, enum, low, high = row
    known = data.get("default", default if default is ... else None)
    return (
        kind in (data["type"], *data["type"].split(" | "))
        and data["required"] <= required
        and known == default
        and set(enum or ()) <= set(data.get("enum", enum or ()))
        and (low is None or data.get("minimum") == low)
        and (high is None or data.get("maximum") == high)
    )


def test_there_are_22_endpoints() -> None:
    assert len(SEEDS.PARAMETERS) == 22


@pytest.mark.parametrize("uses", SEEDS.PARAMETERS)
def test_parameters_and_outputs(uses: str) -> None:
    data = describe(spec_of(uses))
    for name, row in SEEDS.PARAMETERS[uses].items():
        assert takes(data["inputs"][name], row), name
    assert not [n for n, i in data["inputs"].items() if i["required"] and n not in SEEDS.PARAMETERS[uses]]
    assert {name: out["type"] for name, out in data["outputs"].items()} == SEEDS.OUTPUTS[uses]


@pytest.mark.parametrize(("uses", "given", "usd"), SEEDS.PRICES)
def test_prices(uses: str, given: dict[str, Any], usd: float) -> None:
    spec = spec_of(uses)
    assert spec.price is not None
    found = quote(spec, given)
    assert (found.low, found.high) == (pytest.approx(usd, abs=1e-6), pytest.approx(usd, abs=1e-6))
    assert spec.price.source.startswith("https://fal.ai/models/") and spec.price.date


@pytest.mark.parametrize(("uses", "given", "usd"), SEEDS.FROM_FACTS)
def test_what_no_page_prices_is_priced_by_gathered_facts(
    uses: str, given: dict[str, Any], usd: float
) -> None:
    assert quote(spec_of(uses), given).high == pytest.approx(usd, abs=1e-6)


def test_an_own_key_at_sora_costs_nothing_and_an_auto_resolution_is_bounded() -> None:
    spec = spec_of("fal-ai/sora-2/image-to-video/pro")
    assert quote(spec, {"api_key": UNKNOWN, "duration": 8}).high == 0.0
    found = quote(spec, {"resolution": "auto", "duration": 8})
    assert (found.low, found.high) == (pytest.approx(2.4), pytest.approx(4.0)) and found.why


@pytest.mark.parametrize(("uses", "given", "made"), SEEDS.MADE)
def test_what_comes_out(uses: str, given: dict[str, Any], made: tuple[Any, ...]) -> None:
    facts = spec_of(uses).facts(given)["video"]
    assert (facts.seconds, facts.width, facts.height, facts.fps, facts.audio) == made


def test_an_auto_aspect_follows_the_first_frame() -> None:
    tall = Artifact("image", Path("tall.png"), facts=Facts(width=900, height=1500))
    facts = spec_of("fal-ai/veo3.1/fast/first-last-frame-to-video").facts({"first_frame_url": tall})["video"]
    assert (facts.width, facts.height) == (720, 1280)


def test_an_extension_is_longer_than_what_it_extends() -> None:
    clip = Artifact("video", Path("a.mp4"), facts=Facts(4.0, 640, 360, 30.0, True))
    facts = spec_of("fal-ai/pixverse/extend").facts({"video_url": clip, "duration": "8"})["video"]
    assert (facts.seconds, facts.width, facts.height, facts.fps, facts.audio) == (12.0, 1280, 720, 30.0, True)


def test_speech_lasts_as_long_as_its_text() -> None:
    facts = spec_of("fal-ai/minimax/speech-02-hd").facts({"text": "a" * 150})["audio"]
    assert facts.seconds == pytest.approx(10.0) and facts.audio is True


@pytest.mark.parametrize("uses", SEEDS.PARAMETERS)
def test_lifecycle(uses: str) -> None:
    spec = spec_of(uses)
    retired = "sora-2" in uses or uses in ("fal-ai/veo2", "fal-ai/veo3", "fal-ai/veo3/fast")
    assert (spec.status == "retired") is retired
    if retired:
        assert spec.replaced_by is not None and spec_of(spec.replaced_by).status == "active"


SIBLINGS = [
    "kling-video/v2.1/master/text-to-video",
    "kling-video/v1/standard/text-to-video",
    "kling-video/v1.6/pro/image-to-video",
    "kling-video/lipsync/audio-to-video",
    "kling-video/lipsync/text-to-video",
    "kling-video/v1.6/pro/effects",
    "kling-video/v1.6/standard/elements",
    "kling-video/v1/standard/image-to-video",
    "kling-video/v2/master/image-to-video",
    "pixverse/extend",
    "pixverse/extend/fast",
    "pixverse/v4.5/transition",
    "pixverse/sound-effects",
    "pixverse/lipsync",
    "pixverse/v4.5/image-to-video",
    "pixverse/v4/image-to-video/fast",
    "wan-pro/image-to-video",
    "luma-dream-machine/ray-2-flash/reframe",
    "luma-dream-machine/ray-2-flash/modify",
    "luma-dream-machine",
    "luma-dream-machine/ray-2-flash/image-to-video",
    "pika/v2/pikaswaps",
    "pika/v2/pikadditions",
    "pika/v1.5/pikaffects",
    "pika/v2.2/pikascenes",
    "minimax/speech-02-hd",
    "minimax/speech-02-turbo",
    "minimax/voice-design",
    "minimax/voice-clone",
    "minimax/image-01",
    "minimax/image-01/subject-reference",
    "minimax/video-01-subject-reference",
    "minimax/video-01-live",
    "minimax/video-01-director",
    "minimax/video-01-director/image-to-video",
    "minimax/video-01/image-to-video",
]


@pytest.mark.parametrize("name", SIBLINGS)
def test_siblings_are_known_by_hand(name: str) -> None:
    uses = f"fal-ai/{name}"
    assert uses in KNOWLEDGE
    assert all(facts.seconds or facts.width for facts in spec_of(uses).facts({}).values())


def test_limits_that_only_the_prose_states() -> None:
    assert spec_of("fal-ai/kling-video/lipsync/text-to-video").inputs["text"].max_length == 120
    assert spec_of("fal-ai/kling-video/v1.6/pro/elements").inputs["input_image_urls"].max_items == 4
    assert spec_of("fal-ai/minimax/speech-02-hd").inputs["text"].max_length == 5000
    voice = describe(spec_of("fal-ai/minimax/speech-02-hd"))["inputs"]["voice_setting"]["fields"]
    assert (voice["speed"]["minimum"], voice["speed"]["maximum"]) == (0.5, 2)
    assert (voice["pitch"]["minimum"], voice["pitch"]["maximum"]) == (-12, 12)


def test_cross_field_rules_fire_only_on_what_they_forbid() -> None:
    (rule,) = spec_of("fal-ai/pixverse/v4.5/text-to-video").rules
    assert rule.broken({"resolution": "1080p", "duration": "8"})
    assert not rule.broken({"resolution": "1080p"})
    assert not rule.broken({"duration": "8"})
    (rule,) = spec_of("fal-ai/minimax/hailuo-02/standard/image-to-video").rules
    assert rule.broken({"resolution": "1080P", "duration": "10"}) and rule.help


def test_roles_of_media() -> None:
    assert spec_of("fal-ai/veo3.1/fast/first-last-frame-to-video").roles == {
        "first_frame_url": "first_frame",
        "last_frame_url": "last_frame",
    }
    assert spec_of("fal-ai/veo3.1/reference-to-video").roles == {"image_urls": "reference"}
    assert spec_of("fal-ai/pixverse/lipsync").roles == {"video_url": "source", "audio_url": "voice"}


@pytest.mark.parametrize("task", ["text-to-video", "text-to-image", "image-to-video"])
def test_hugging_face_tasks(task: str) -> None:
    spec = spec_of(f"hf/Wan-AI/Wan2.1-T2V-14B@{task}")
    assert spec.provider == "huggingface" and spec.inputs["inputs"].required
    assert set(spec.aliases.values()) == {"inputs"}


def test_hugging_face_text_to_video() -> None:
    inputs = describe(spec_of("hf/Wan-AI/Wan2.1-T2V-14B@text-to-video"))["inputs"]
    assert {name: info["type"] for name, info in inputs.items()} == {
        "inputs": "string",
        "num_frames": "number",
        "guidance_scale": "number",
        "negative_prompt": "list[string]",
        "num_inference_steps": "integer",
        "seed": "integer",
        "x-use-cache": "boolean",
        "x-wait-for-model": "boolean",
    }
