"""What gathered facts of models tell in sentences, as data: parts of prices and shapes.

Descriptions of parameters hint at tiers that the price line of a model does not have. Nobody has checked
those: they make the price a range.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Data = dict[str, Any]


def with_sentences(endpoint: str, line: Data) -> Data:
    """The line of an endpoint with what its facts say in words."""
    if shape := SHAPES.get(endpoint):
        line = {**line, "makes": shape}
    if bounds := BOUNDS.get(endpoint):
        line = {**line, "allows": {**line.get("allows", {}), **bounds}}
    price = {**line.get("price", {}), **IN_WORDS.get(endpoint, {})}
    for part, more in (("factors", UNCHECKED.get(endpoint)), ("plus", EXTRAS.get(endpoint))):
        if more:
            price[part] = [*price.get(part, []), *more]
    return {**line, "price": price} if price else line


LONG = {"times": 1.25, "when": {"@unchecked": True, "@above": {"num_frames": 81}}}
LARGE = {"times": 1.5, "when": {"@unchecked": True, "resolution": "720p"}}
DETAILED = {"times": 2, "when": {"@unchecked": True, "enable_detail_pass": True}}
FOUR_K = {"times": 2.34, "when": {"@unchecked": True, "resolution": "4k"}}
TWICE = {"times": 2, "when": {"@unchecked": True}}
GUIDED = {"times": 2, "when": {"@unchecked": True, "use_real_cfg": True}}
ADAPTED = {"times": 2.5, "when": {"@unchecked": True, "@given": "loras"}}
UNCHECKED = {
    "fal-ai/framepack": [LARGE],
    "fal-ai/framepack/f1": [LARGE],
    "fal-ai/framepack/flf2v": [LARGE],
    "fal-ai/ltx-video-13b-distilled": [DETAILED],
    "fal-ai/ltx-video-13b-distilled/extend": [DETAILED],
    "fal-ai/ltx-video-13b-distilled/multiconditioning": [DETAILED],
    "fal-ai/wan-i2v-lora": [LONG],
    "fal-ai/infinitalk/video-to-video": [LONG],
    "fal-ai/infinitalk/single-text": [LONG],
    "fal-ai/ai-avatar/multi": [LONG],
    "fal-ai/ai-avatar/multi-text": [LONG],
    "fal-ai/ai-avatar/single-text": [LONG],
    "fal-ai/flux-2/lora": [ADAPTED],
    "fal-ai/flux-2/lora/edit": [ADAPTED],
    "fal-ai/flux-general": [GUIDED],
    "fal-ai/flux-general/image-to-image": [GUIDED],
    "fal-ai/flux-general/inpainting": [GUIDED],
    "fal-ai/flux-lora-fill": [{"times": 2, "when": {"@unchecked": True, "@given": "fill_image"}}],
    "fal-ai/hunyuan-video": [{"times": 2, "when": {"@unchecked": True, "pro_mode": True}}],
    "topaz/interpolate/video": [
        {"times": 3, "when": {"@unchecked": True}},
        {"times": 2, "when": {"@unchecked": True, "@above": {"@fps": 60}}},
    ],
    "topaz/upscale/image/generative": [TWICE],
    "wan/v2.6/reference-to-video/flash": [
        {"times": 0.25, "when": {"@unchecked": True, "enable_audio": False}}
    ],
    "fal-ai/gemini-tts": [TWICE],
    "veed/subtitles": [{"times": 4, "when": {"@unchecked": True}}],
    "fal-ai/veo3.1/fast/reference-to-video": [FOUR_K],
}
"""Tiers that descriptions of parameters hint at, and that nobody has checked: they make a price a range."""

BOUNDS = {
    "fal-ai/elevenlabs/music": {"music_length_ms": {"minimum": 3_000, "maximum": 600_000}},
    "fal-ai/elevenlabs/sound-effects/v2": {"duration_seconds": {"minimum": 0.5, "maximum": 22}},
}
"""What a length may be that the model chooses where it is not given: the price is a range over all of it."""

STEPS = [{"times": n / 16, "when": {"num_inference_steps": n}} for n in (32, 64)]
MAGI = {
    "plus": [{"usd": 0.08, "unit": "second", "above": 4, "factored": True}],
    "factors": STEPS,
}
"""Each inference step above 16 adds a sixteenth of the whole."""
ENLARGED = {"size": {"like": "image_url", "times": "upscale_factor"}}
SHAPES = {f"topaz/upscale/image/{way}": ENLARGED for way in ("creative", "generative", "precision")}
"""What comes out where only the price tells that it is counted."""

PIXVERSE = ("text-to-video", "image-to-video", "transition")
LONGER = [
    {
        "usd": round(usd * more, 2),
        "unit": "request",
        "when": {"@unchecked": True, **when, "duration": duration},
    }
    for duration, more in (("8", 1), ("10", 1.2))
    for usd, when in (
        (0.45, {"generate_audio_switch": True, "resolution": ["360p", "540p", "720p"]}),
        (0.75, {"generate_audio_switch": True, "resolution": "1080p"}),
    )
]
"""Whether sound costs more in a longer video, as the picture does, is not stated."""
EXTRAS = {f"fal-ai/pixverse/v5.6/{task}": LONGER for task in PIXVERSE}
VIDEOS = ("video_url", "video_urls")
WITH_A_VIDEO = (("1080p", 0.141), ("720p", 0.094))
"""USD for each second of input and output together, and at least for twice the output."""
KLING_4 = {
    "rates": [
        *(
            {"usd": 2 * usd, "when": {"@given": name, "resolution": resolution}}
            for name in VIDEOS
            for resolution, usd in WITH_A_VIDEO
        ),
        {"usd": 0.235, "when": {"resolution": "1080p"}},
        {"usd": 0.157, "when": {"resolution": "720p"}},
    ],
    "plus": [
        {
            "usd": usd,
            "unit": "input_second",
            "of": name,
            "when": {"@given": name, "resolution": resolution, "@unchecked": True},
        }
        for name in VIDEOS
        for resolution, usd in WITH_A_VIDEO
    ],
    "note": "with a video, input and output seconds together, at least twice the output",
}
ADDED = {"quantity": {"parameter": "duration", "perhaps": "video_url"}}
"""Of a video that is made longer, the new seconds are billed, or all: nobody says which."""
IN_WORDS: Mapping[str, Data] = {
    "blackforestlabs/flux-3/extend-video": ADDED,
    "fal-ai/ltx-2.3/extend-video": ADDED,
    "fal-ai/pixverse/v6/extend": ADDED,
    "fal-ai/veo3.1/extend-video": ADDED,
    "fal-ai/veo3.1/fast/extend-video": ADDED,
    "xai/grok-imagine-video/extend-video": {
        **ADDED,
        "rates": [{"usd": 0.05, "when": {"@result": "480p"}}, {"usd": 0.07}],
    },
    "kling/v4/reference-to-video": KLING_4,
    "fal-ai/magi-distilled": MAGI,
    "fal-ai/magi-distilled/image-to-video": MAGI,
    "fal-ai/magi-distilled/extend-video": MAGI,
    "fal-ai/sam-audio/separate": {
        "rates": [{"usd": 0.025 / 30}],
        "quantity": {"like": "audio_url", "times": "reranking_candidates"},
        "plus": [{"usd": 0.025 / 30, "unit": "second"}],
    },
}
"""Parts of prices that the facts tell in a sentence, as data."""
