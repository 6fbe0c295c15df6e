"""What gathered facts say of models is what the catalogue accepts, limits and shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callsheet import check
from callsheet.errors import InputError
from callsheet.nodes.registry import Registry
from callsheet.runtime.models import model
from callsheet.spec.conform import problems
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import NodeSpec

REGISTRY = Registry()
FACTS = Path(__file__).parents[3] / "callsheet/nodes/catalogue/knowledge/models.jsonl"
HEAD, *LINES = map(json.loads, FACTS.read_text("utf-8").splitlines())
Write = Callable[[str], list[tuple[str, str]]]


@pytest.fixture
def said(tmp_path: Path) -> Write:
    """The codes and messages of a file with these nodes."""

    def write(nodes: str) -> list[tuple[str, str]]:
        path = tmp_path / "film.yaml"
        path.write_text(f"callsheet: 1\nname: film\nnodes:\n{nodes}", encoding="utf-8")
        return [(d.code, d.message) for d in check(path).diagnostics]

    return write


def spec_of(uses: str) -> NodeSpec:
    spec = REGISTRY.find(uses)
    assert spec is not None, uses
    return spec


def test_every_value_that_the_facts_list_is_accepted() -> None:
    refused = []
    for line in LINES:
        inputs = spec_of(line["endpoint"]).inputs if "task" in line else {}
        for name, values in line.get("allows", {}).items():
            bounds = values.values() if isinstance(values, dict) else ()
            for value in values if isinstance(values, list) else bounds:
                if name in inputs and any(problems(inputs[name], value)):
                    refused.append((line["endpoint"], name, value))
    assert refused == []


NUMBERS = [
    ("fal-ai/magi-distilled", "num_inference_steps", 16),
    ("fal-ai/ltx-2.3/text-to-video", "duration", 8),
    ("fal-ai/ltx-2.3/text-to-video", "fps", 48),
    ("fal-ai/vidu/q2/text-to-video", "duration", 4),
    ("fal-ai/wan/v2.7/text-to-video", "duration", 15),
    ("fal-ai/sora-2/text-to-video", "duration", 20),
    ("fal-ai/hunyuan-video/video-to-video", "num_frames", 85),
    ("fal-ai/trellis", "texture_size", 1024),
    ("sonauto/v2/text-to-music", "output_bit_rate", 192),
]


@pytest.mark.parametrize(("uses", "name", "value"), NUMBERS)
def test_integers_are_taken_where_the_types_quote_them(uses: str, name: str, value: int) -> None:
    field = spec_of(uses).inputs[name]
    assert not any(problems(field, value)) and any(problems(field, value + 1000))


def test_a_number_that_pages_show_as_text_stays_text() -> None:
    assert any(problems(spec_of("fal-ai/pixverse/v5/text-to-video").inputs["duration"], 5))


def test_references_of_a_model_without_types_are_lists_and_the_unknown_is_a_warning(said: Write) -> None:
    found = said(
        """\
  clip:
    uses: bytedance/seedance-2.0/reference-to-video
    with:
      prompt: x
      image_urls: ["https://example.com/a.png", "https://example.com/b.png"]
      bitrate: 3
"""
    )
    assert [code for code, _ in found] == ["unlisted-parameter"]
    assert model(REGISTRY, "bytedance/seedance-2.0/reference-to-video")["open"] is True


@pytest.mark.parametrize(
    ("uses", "name"),
    [
        ("ideogram/v4", "image_size"),
        ("fal-ai/ltx-2.3-22b/text-to-video", "video_size"),
        ("topaz/upscale/video/precision", "upscale_factor"),
        ("topaz/interpolate/video", "target_fps"),
        ("sonilo/v1.1/text-to-music", "num_samples"),
    ],
)
def test_what_shape_and_price_follow_is_a_parameter(uses: str, name: str) -> None:
    assert name in spec_of(uses).inputs


def test_a_value_that_the_facts_do_not_list_is_an_error(said: Write) -> None:
    found = said("  clip:\n    uses: minimax/h3/text-to-video\n    with: {prompt: x, resolution: 8K}\n")
    assert [code for code, _ in found] == ["parameter-choice"]


TWO_CLIPS = """\
  one: &clip
    uses: fal-ai/veo3.1/fast
    with: {prompt: x, duration: 8s}
  two:
    uses: fal-ai/veo3.1/fast
    with: {prompt: y, duration: 8s}
  clip:
    uses: bytedance/seedance-2.0/reference-to-video
    with: {prompt: x, video_urls: ["${{ one.video }}", "${{ two.video }}"]}
""".replace(" &clip", "")


def test_several_media_together_may_be_too_long(said: Write) -> None:
    assert ("media-length", "16 s where at most 15 s is taken") in said(TWO_CLIPS)
    assert said(TWO_CLIPS.replace("prompt: y, duration: 8s", "prompt: y, duration: 6s")) == []


def test_several_media_together_may_be_too_many(said: Write) -> None:
    node = """\
  clip:
    uses: fal-ai/kling-video/o3/pro/reference-to-video
    with: {prompt: x, image_urls: [URLS], elements: [{frontal_image_url: "https://example.com/a.png"}]}
"""
    urls = ['"https://example.com/a.png"'] * 7
    assert said(node.replace("URLS", ", ".join(urls))) == [
        ("media-count", "8 media in elements and image_urls where at most 7 are taken together")
    ]
    assert said(node.replace("URLS", ", ".join(urls[:6]))) == []


@pytest.mark.parametrize(("orientation", "codes"), [("image", ["media-length"]), ("video", [])])
def test_a_limit_may_hold_only_with_some_value(orientation: str, codes: list[str], said: Write) -> None:
    nodes = """\
  clip:
    uses: fal-ai/kling-video/v3/pro/text-to-video
    with: {prompt: x, duration: "15"}
  moved:
    uses: fal-ai/kling-video/v3/pro/motion-control
    with: {image_url: "https://example.com/a.png", video_url: "${{ clip.video }}", character_orientation: WAY}
"""
    assert [code for code, _ in said(nodes.replace("WAY", orientation))] == codes


def test_what_is_only_in_the_list_of_its_provider_says_how_to_describe_it(said: Write) -> None:
    unknown = HEAD["undescribed"]["endpoints"]
    assert len(unknown) == 144 and not {line["endpoint"] for line in LINES} & set(unknown)
    with pytest.raises(InputError, match="list of 2026-08") as refused:
        REGISTRY.find(unknown[0])
    assert refused.value.next_step == f"callsheet models add {unknown[0]} fetches its description"
    (found,) = said(f"  clip:\n    uses: {unknown[0]}\n")
    assert found[0] == "unknown-uses" and "does not describe it" in found[1]


CONTRADICTIONS: dict[str, list[str]] = {
    "fal-ai/bytedance/seedance/v1/pro/text-to-video": ["duration", "resolution", "enable_safety_checker"],
    "fal-ai/kling-video/v1.5/pro/image-to-video": ["dynamic_masks", "static_mask_url"],
    "fal-ai/kling-video/v2.1/pro/image-to-video": ["tail_image_url"],
    "fal-ai/pika/v2.2/image-to-video": ["duration"],
    "fal-ai/pika/v2.2/pikascenes": ["duration", "images", "image_urls"],
    "fal-ai/pixverse/extend/fast": ["generate_audio_switch"],
    "fal-ai/pixverse/v3.5/image-to-video": ["aspect_ratio"],
    "fal-ai/pixverse/v3.5/transition": ["last_image_url", "end_image_url"],
    "fal-ai/pixverse/v4.5/image-to-video": ["aspect_ratio", "camera_movement"],
    "fal-ai/veo3.1/fast/first-last-frame-to-video": ["duration", "resolution", "aspect_ratio", "seed"],
    "fal-ai/veo3.1/reference-to-video": ["duration", "resolution", "aspect_ratio", "auto_fix"],
    "fal-ai/veo3/fast": ["price"],
    "fal-ai/veo3.1": ["resolution"],
    "fal-ai/veo3.1/image-to-video": ["resolution"],
    "fal-ai/veo3.1/fast": ["resolution"],
    "fal-ai/veo3.1/fast/image-to-video": ["resolution"],
}


@pytest.mark.parametrize("uses", CONTRADICTIONS)
def test_a_contradiction_between_sources_is_shown(uses: str) -> None:
    drift: dict[str, Any] = model(REGISTRY, uses)["drift"]
    told = " ".join(line for lines in drift.values() for line in lines)
    assert [name for name in CONTRADICTIONS[uses] if name not in told] == []


@pytest.mark.parametrize(
    "uses", ["fal-ai/wan/v2.2-a14B/image-to-video", "fal-ai/wan/v2.2-a14b/image-to-video"]
)
def test_two_spellings_of_one_model_are_known_alike(uses: str) -> None:
    spec = spec_of(uses)
    assert spec.price is not None and spec.inputs["num_frames"].default == 81


def test_retired_needs_a_source() -> None:
    stated = {line["endpoint"] for line in LINES if line.get("status") == "retired"}
    listed = {line["endpoint"] for line in LINES if line.get("listed")}
    removed = ("fal-ai/sora-2/", "fal-ai/veo2", "fal-ai/veo3")
    retired = {e.uses for e in REGISTRY.entries() if not e.uses.startswith("hf/") and is_retired(e.uses)}
    assert not [uses for uses in retired - stated if not uses.startswith(removed)]
    assert not retired & listed


def is_retired(uses: str) -> bool:
    return spec_of(uses).status == "retired"


def test_a_switch_that_follows_a_file_decides_the_length_and_the_rate() -> None:
    clip = Artifact("video", Path("clip.mp4"), facts=Facts(8.0, 1280, 720, 30.0, True))

    def made(uses: str, **given: object) -> tuple[float | None, float | None]:
        spec = Registry().find(uses)
        assert spec is not None
        found = spec.facts({"video_url": clip, **given})["video"]
        return found.seconds, found.fps

    wan = "fal-ai/wan-vace-14b/depth"
    assert made(wan, num_frames=81) == (81 / 16, 16.0)
    assert made(wan, num_frames=81, match_input_num_frames=True) == (15.0, 16.0)
    both = {"match_input_num_frames": True, "match_input_frames_per_second": True}
    assert made(wan, num_frames=81, **both) == (8.0, 30.0)
    ltx = "fal-ai/ltx-2-19b/video-to-video"
    assert made(ltx, num_frames=121, match_video_length=True)[0] == 8.0
    assert made(ltx, num_frames=125, match_video_length=False, match_input_fps=False, fps=25) == (5.0, 25.0)
