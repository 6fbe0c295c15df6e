"""Every price rule comes to what its page says, and the models that people use most have a price."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callsheet.nodes.catalogue.catalogue import KNOWLEDGE
from callsheet.nodes.registry import Registry
from callsheet.runtime.models import model
from callsheet.spec.choices import choices
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import NodeSpec
from callsheet.spec.price.mistakes import mistakes
from callsheet.spec.price.quote import Quote, quote
from callsheet.spec.roles import kind_in
from callsheet.spec.types import BOOLEAN, INTEGER, NUMBER, STRING, ListOf

REGISTRY = Registry()
FACTS = Path(__file__).parents[3] / "callsheet/nodes/catalogue/knowledge/models.jsonl"
LINES = [json.loads(line) for line in FACTS.read_text("utf-8").splitlines()[1:]]
CLIP = Artifact("video", Path("clip.mp4"), facts=Facts(8.0, 1280, 720, 24.0, True))
PICTURE = Artifact("image", Path("still.png"), facts=Facts(width=1600, height=900))
VOICE = Artifact("audio", Path("voice.mp3"), facts=Facts(seconds=7.5, audio=True))


ROUNDED = "fal-ai/bytedance/seedance/v1/lite/"
"""The page rounds what its own formula gives."""


def spec_of(uses: str) -> NodeSpec:
    spec = REGISTRY.find(uses)
    assert spec is not None, uses
    return spec


def stated() -> Iterator[Any]:
    for line in LINES:
        for one in line.get("price", {}).get("stated", []):
            yield pytest.param(line["endpoint"], one, id=f"{line['endpoint']} {one['when']}")


@pytest.mark.parametrize(("uses", "one"), list(stated()))
def test_a_sum_that_the_page_states_is_the_price_to_the_cent(uses: str, one: dict[str, Any]) -> None:
    given: dict[str, Any] = {**one["when"], "aspect_ratio": "16:9"}
    if one["per"] == "second":
        given |= {"duration": 5, "video_url": replace(CLIP, facts=replace(CLIP.facts, seconds=5.0))}
    found = quote(spec_of(uses), given)
    expected = one["usd"] * (5 if one["per"] == "second" else 1)
    assert found.low is not None and found.high is not None and found.high >= found.low
    if uses.startswith(ROUNDED):
        assert expected <= found.low <= 1.1 * expected
    else:
        assert found.low == pytest.approx(expected, abs=0.005)


PRICES: list[tuple[str, dict[str, Any], float]] = [
    ("fal-ai/kling-video/v3/pro/text-to-video", {}, 5 * 0.168),
    ("fal-ai/kling-video/v3/pro/text-to-video", {"generate_audio": False, "duration": "10"}, 1.12),
    ("fal-ai/kling-video/v3/pro/image-to-video", {"elements": [{"voice_id": "a"}]}, 5 * 0.196),
    ("fal-ai/kling-video/v2.5-turbo/pro/image-to-video", {"duration": "10"}, 0.70),
    ("fal-ai/kling-video/lipsync/audio-to-video", {"video_url": CLIP}, 10 * 0.014),
    ("fal-ai/wan/v2.2-a14b/text-to-video", {"num_frames": 81, "resolution": "480p"}, 81 / 16 * 0.04),
    ("fal-ai/wan-t2v", {"num_frames": 100, "resolution": "480p"}, 0.2 * 1.25),
    (
        "fal-ai/pixverse/v5.5/text-to-video",
        {"generate_audio_switch": True, "duration": "8"},
        (0.2 + 0.05) * 2,
    ),
    ("fal-ai/pixverse/v5.6/text-to-video", {"generate_audio_switch": True, "duration": "5"}, 0.45 + 0.45),
    ("fal-ai/pixverse/lipsync", {"video_url": CLIP, "text": "a" * 50}, 8 * 0.04 + 0.5 * 0.24),
    ("fal-ai/pixverse/lipsync", {"video_url": CLIP, "audio_url": VOICE, "text": "a" * 50}, 8 * 0.04),
    (
        "minimax/h3/reference-to-video",
        {"reference_image_urls": [PICTURE] * 7, "duration": 5},
        5 * 0.13 + 2 * 0.08,
    ),
    ("fal-ai/creatify/aurora", {"audio_url": VOICE, "resolution": "480p"}, 8 * 0.07),
    ("fal-ai/latentsync", {"video_url": CLIP}, 0.20),
    ("fal-ai/flux/dev", {"image_size": {"width": 1920, "height": 1080}}, 2 * 0.025),
    ("fal-ai/flux/dev", {"image_size": "square_hd", "num_images": 3}, 3 * 0.025),
    ("fal-ai/flux-2/edit", {"image_urls": [PICTURE] * 2, "image_size": "square_hd"}, 3 * 0.012),
    ("fal-ai/flux-2-pro", {"image_size": "square_hd"}, 0.03),
    ("fal-ai/nano-banana-pro", {"resolution": "4K", "enable_web_search": True}, 0.3 + 0.015),
    ("fal-ai/elevenlabs/music", {"music_length_ms": 61_000}, 2 * 0.8),
    ("fal-ai/minimax/speech-2.6-hd", {"prompt": "x" * 500}, 0.05),
    ("fal-ai/minimax/voice-design", {"preview_text": "x" * 100, "prompt": "old"}, 3.003),
    ("topaz/upscale/video/precision", {"video_url": CLIP, "upscale_factor": 1}, 8 * 0.01),
    ("topaz/upscale/video/precision", {"video_url": CLIP, "upscale_factor": 2}, 8 * 0.06),
    ("sonilo/v1.1/text-to-sound-effects", {"duration": 10, "num_samples": 2}, 2 * 10 * 0.002),
    (
        "fal-ai/seedvr/upscale/video",
        {"video_url": CLIP, "upscale_factor": 1},
        0.001 * 1280 * 720 * 8 * 24 / 1e6,
    ),
    ("xai/grok-imagine-video/edit-video", {"video_url": CLIP, "resolution": "480p"}, 8 * 0.05 + 8 * 0.01),
    ("fal-ai/recraft/v3/text-to-image", {"style": "vector_illustration"}, 0.08),
    ("fal-ai/pika/v2.2/pikaframes", {"transitions": [{"duration": 3}]}, 5 * 0.04),
    ("fal-ai/vidu/q2/text-to-video", {"resolution": "1080p", "duration": 4}, 0.2 + 4 * 0.1),
    ("fal-ai/ltx-2-19b/audio-to-video", {"audio_url": VOICE}, 148 * 0.0018),
    ("fal-ai/ltx-2-19b/audio-to-video", {"audio_url": VOICE, "match_audio_length": False}, 96 * 0.0018),
    ("fal-ai/ltx-2-19b/video-to-video", {"video_url": CLIP}, 177 * 0.0018),
    (
        "fal-ai/ltx-2-19b/video-to-video",
        {"video_url": CLIP, "match_video_length": False},
        112 * 0.0018,
    ),
    (
        "fal-ai/wan-vace-14b/depth",
        {"video_url": CLIP, "match_input_num_frames": True, "resolution": "720p"},
        8 * 24 / 16 * 0.08,
    ),
    ("fal-ai/magi-distilled", {"num_frames": 192, "num_inference_steps": "64"}, (0.32 + 4 * 0.08) * 4),
    ("fal-ai/magi-distilled", {"num_inference_steps": 32}, 0.64),
    ("fal-ai/magi-distilled", {"num_inference_steps": 8}, 0.32),
    ("fal-ai/sam-audio/separate", {"audio_url": VOICE}, 7.5 * 0.05 / 30),
    (
        "fal-ai/sam-audio/separate",
        {"audio_url": VOICE, "reranking_candidates": 3},
        7.5 * (0.05 + 2 * 0.025) / 30,
    ),
]


@pytest.mark.parametrize(("uses", "given", "usd"), PRICES)
def test_a_rule_comes_to_what_a_person_works_out(uses: str, given: dict[str, Any], usd: float) -> None:
    found = quote(spec_of(uses), given)
    assert found.high == pytest.approx(usd, abs=0.005) and found.low == pytest.approx(usd, abs=0.005)


@pytest.mark.parametrize(
    ("uses", "given", "why"),
    [
        ("fal-ai/birefnet", {}, "GPU"),
        ("bytedance/seedance-2.0/text-to-video", {"duration": "auto"}, "chooses duration"),
        ("fal-ai/kling-video/lipsync/audio-to-video", {}, "length of video_url"),
        ("fal-ai/ltx-2-19b/audio-to-video", {}, "length of audio_url"),
        ("fal-ai/elevenlabs/tts/eleven-v3", {}, "text of text"),
        ("xai/grok-imagine-video/edit-video", {"video_url": CLIP}, "which rate counts"),
        ("topaz/upscale/video/precision", {"video_url": CLIP}, "which rate counts"),
    ],
)
def test_what_cannot_be_known_before_is_a_range_with_its_reason(
    uses: str, given: dict[str, Any], why: str
) -> None:
    found = quote(spec_of(uses), given)
    assert found.low is not None and found.high is not None and 0 <= found.low < found.high
    assert any(why in reason for reason in found.why)


LARGE = Artifact("image", Path("large.png"), facts=Facts(width=4000, height=3000))
UNSEEN = Artifact("image", Path("behind-a-url.png"))
URL = "https://example.com/a"
SHORT = replace(CLIP, facts=replace(CLIP.facts, seconds=2.0))


@pytest.mark.parametrize(
    ("uses", "given", "low", "high", "why"),
    [
        ("fal-ai/clarity-upscaler", {"image_url": LARGE}, 1.44, 1.44, ""),
        ("fal-ai/clarity-upscaler", {"image_url": UNSEEN}, 0.0079, 0.5033, "the size of image_url"),
        ("fal-ai/flux-kontext/dev", {"image_url": UNSEEN}, 0.0016, 0.1049, "the size of image_url"),
        ("fal-ai/qwen-image-edit", {"image_url": LARGE}, 0.0315, 0.36, "the size of the result"),
        ("fal-ai/qwen-image-edit", {"image_url": LARGE, "image_size": "square_hd"}, 0.0315, 0.0315, ""),
        ("fal-ai/qwen-image-edit-plus", {"image_urls": [URL]}, 0.002, 0.1258, "the size of image_urls"),
        ("fal-ai/flux-2-pro/edit", {"image_urls": [PICTURE]}, 0.06, 0.06, ""),
        ("fal-ai/flux-2-pro/edit", {"image_urls": [PICTURE, URL]}, 0.075, 0.12, "the size of image_urls"),
        (
            "bytedance/seedance-2.0/reference-to-video",
            {"video_urls": [SHORT, URL], "duration": "5", "aspect_ratio": "16:9"},
            5 * 0.3034,
            (5 + 15) * 1280 * 720 * 24 / 1024 / 1000 * 0.014 * 0.6,
            "the length of video_urls",
        ),
        ("topaz/upscale/image/precision", {"image_url": LARGE}, 0.08, 0.24, "upscale_factor is not given"),
        ("topaz/upscale/image/precision", {"image_url": LARGE, "upscale_factor": 2}, 0.16, 0.16, ""),
        (
            "topaz/upscale/image/generative",
            {"image_url": PICTURE, "upscale_factor": 1},
            0.0144,
            0.0288,
            "tier",
        ),
        ("topaz/interpolate/video", {"video_url": CLIP, "target_fps": 60}, 0.24, 0.72, "tier"),
        ("topaz/interpolate/video", {"video_url": CLIP, "target_fps": 120}, 0.24, 1.44, "tier"),
        ("fal-ai/flux-2/lora", {"image_size": "square_hd", "loras": [{"path": "x"}]}, 0.022, 0.055, "tier"),
        ("fal-ai/flux-general", {"image_size": "square_hd", "use_real_cfg": True}, 0.0786, 0.1573, "tier"),
        ("fal-ai/hunyuan-video", {"pro_mode": True}, 0.4, 0.8, "tier"),
        (
            "fal-ai/veo3.1/extend-video",
            {"video_url": CLIP},
            7 * 0.4,
            15 * 0.4,
            "seconds of video_url are billed",
        ),
        (
            "fal-ai/ltx-2.3/extend-video",
            {"video_url": CLIP},
            5 * 0.1,
            13 * 0.1,
            "seconds of video_url are billed",
        ),
        ("xai/grok-imagine-video/extend-video", {"video_url": CLIP}, 0.5, 1.06, "seconds of video_url"),
        (
            "xai/grok-imagine-video/extend-video",
            {"video_url": replace(CLIP, facts=replace(CLIP.facts, width=854, height=480))},
            0.38,
            0.78,
            "seconds of video_url",
        ),
        ("wan/v2.6/reference-to-video/flash", {"duration": "5", "enable_audio": False}, 0.1875, 0.75, "tier"),
        ("fal-ai/elevenlabs/music", {"prompt": "a waltz"}, 0.8, 8.0, "chooses music_length_ms"),
        ("fal-ai/elevenlabs/music", {"composition_plan": {"sections": []}}, 0.8, 8.0, "chooses"),
        ("fal-ai/elevenlabs/sound-effects/v2", {"text": "rain"}, 0.001, 0.044, "chooses duration_seconds"),
        ("bytedance/seedream/v5/pro/text-to-image", {}, 0.0675, 0.135, "which rate counts"),
        ("bytedance/seedream/v5/pro/text-to-image", {"image_size": "auto_2K"}, 0.0675, 0.135, "which rate"),
        ("bytedance/seedream/v5/pro/text-to-image", {"image_size": "square_hd"}, 0.0675, 0.0675, ""),
        ("alibaba/qwen-image-3/text-to-image", {}, 0.04, 0.075, "which rate counts"),
        (
            "fal-ai/pixverse/v5.6/text-to-video",
            {"generate_audio_switch": True, "duration": "8"},
            0.45 * 2 + 0.45,
            0.45 * 2 + 0.45 * 2,
            "tier",
        ),
    ],
)
def test_what_a_price_hangs_on_and_nobody_says_makes_a_range(
    uses: str, given: dict[str, Any], low: float, high: float, why: str
) -> None:
    """A size behind a URL, a factor without a default, a tier that a description hints at."""
    found = quote(spec_of(uses), given)
    assert (found.low, found.high) == (pytest.approx(low, abs=0.0006), pytest.approx(high, abs=0.0006))
    assert (low == high) is (found.why == ()) and why in " ".join(found.why)


def test_an_auto_length_counts_as_the_longest() -> None:
    spec = spec_of("bytedance/seedance-2.0/text-to-video")
    longest = quote(spec, {"duration": "15", "aspect_ratio": "16:9"})
    assert quote(spec, {"duration": "auto", "aspect_ratio": "16:9"}).high == longest.high


def settings(spec: NodeSpec) -> Iterator[dict[str, Any]]:
    """Every single setting beside the defaults: listed values, switches, the ends of ranges; then media and
    texts of several lengths."""
    for name, field in spec.inputs.items():
        ends = (field.minimum, field.maximum) if field.type in (INTEGER, NUMBER) else ()
        switches = (True, False) if field.type == BOOLEAN else ()
        for value in (*choices(field.type), *switches, *ends):
            if value is not None and value != field.default:
                yield {name: value}
    for name, field in spec.inputs.items():
        if (kind := kind_in(field.type)) in FILES:
            files = [
                replace(FILES[kind], facts=replace(FILES[kind].facts, seconds=s)) for s in (3.0, 8.0, 30.0)
            ]
            yield from ({name: [file] if isinstance(field.type, ListOf) else file} for file in files)
        elif field.type == STRING and name != "model":
            yield from ({name: "x" * length} for length in (10, 500, 1000))


FILES = {"video": CLIP, "image": PICTURE, "audio": VOICE}


def bounded(found: Quote) -> bool:
    return found.low is not None and found.high is not None and 0 <= found.low <= found.high < 1000


def test_of_the_203_most_used_195_have_a_price_with_defaults_and_at_every_other_setting() -> None:
    most_used = [line["endpoint"] for line in LINES if "rank" in line]
    assert len(most_used) == 203
    open_at: dict[str, list[dict[str, Any]]] = {}
    for uses in most_used:
        spec = spec_of(uses)
        others = list(settings(spec))
        assert len(others) >= 3, uses
        assert bounded(quote(spec, {})), uses
        if missing := [given for given in others if not bounded(quote(spec, given))]:
            open_at[uses] = missing
    assert 203 - len(open_at) >= 199, open_at


def test_every_active_entry_with_a_price_is_in_by_formula_or_range() -> None:
    entries = [line["endpoint"] for line in LINES if "price" in line and line.get("status") != "retired"]
    assert len(entries) == 788
    found = {uses: quote(spec_of(uses), {}) for uses in entries}
    assert {one.origin for one in found.values()} == {"formula"}
    assert all(map(bounded, found.values()))
    exact = sum(one.low == one.high for one in found.values())
    assert exact >= 480 and all(one.why for one in found.values() if one.low != one.high)


def test_every_rule_tells_its_source_and_its_day() -> None:
    for uses in KNOWLEDGE.ranks:
        price = spec_of(uses).price if "<" not in uses else None
        assert price is None or (price.source.startswith("https://") and price.date), uses


def test_every_rule_of_the_catalogue_is_what_a_person_may_write() -> None:
    for line in LINES:
        rule = {key: value for key, value in line.get("price", {}).items() if key != "stated"}
        if rule:
            wrong = [said for place, said in mistakes(rule, None) if place[0] not in ("rates", "round")]
            assert wrong == [], line["endpoint"]


def test_a_tier_that_nobody_checked_makes_a_range() -> None:
    spec = spec_of("fal-ai/wan-i2v-lora")
    assert quote(spec, {"num_frames": 81}).high == pytest.approx(0.75)
    found = quote(spec, {"num_frames": 100})
    assert (found.low, found.high) == (pytest.approx(0.75), pytest.approx(0.9375)) and found.why


def test_kling_4_with_a_video_counts_input_and_output_seconds_and_at_least_twice_the_output() -> None:
    spec = spec_of("kling/v4/reference-to-video")
    given = {"duration": 5, "resolution": "1080p"}
    assert quote(spec, given).high == pytest.approx(5 * 0.235)
    for more in ({"video_url": CLIP}, {"video_urls": [CLIP]}):
        found = quote(spec, {**given, **more})
        assert found.low is not None and found.high is not None
        assert found.low == pytest.approx(2 * 5 * 0.141) and found.high >= (5 + 8) * 0.141


@pytest.mark.parametrize(
    ("uses", "given", "low", "high"),
    [
        ("fal-ai/pika/v2.2/pikascenes", {}, 0.20, 0.45),
        ("fal-ai/pika/v2.2/pikascenes", {"duration": 10}, 0.40, 0.90),
        ("fal-ai/bytedance/seedance/v1/pro/fast/text-to-video", {}, 0.108, 0.245),
    ],
)
def test_a_default_about_which_sources_differ_makes_a_range(
    uses: str, given: dict[str, Any], low: float, high: float
) -> None:
    found = quote(spec_of(uses), given)
    assert (found.low, found.high) == (pytest.approx(low, abs=0.005), pytest.approx(high, abs=0.005))
    assert "sources differ about the default of resolution" in found.why
    told = model(REGISTRY, uses)["drift"]["newer_facts"]
    assert "resolution: 1080p by default, not 720p" in told
    for resolution in ("720p", "1080p"):
        exact = quote(spec_of(uses), {**given, "resolution": resolution})
        assert exact.low == exact.high and exact.why == ()


def test_a_default_that_changes_no_price_leaves_it_as_it_is() -> None:
    found = quote(spec_of("fal-ai/sync-lipsync/v2"), {"video_url": CLIP})
    assert found.why == () and found.low == found.high == pytest.approx(8 / 60 * 3, abs=0.005)
