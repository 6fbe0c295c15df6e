"""What the model pages state of the 22 endpoints, typed by hand, apart from the catalogue's own files.

A parameter is (type, required, default, enum, minimum, maximum); `...` stands for "no default".
"""

from __future__ import annotations

from typing import Any

NONE: Any = ...
Row = tuple[str, bool, Any, tuple[Any, ...] | None, float | None, float | None]


def p(kind: str, default: Any = NONE, enum: Any = None, low: Any = None, high: Any = None) -> Row:
    return kind, False, default, enum, low, high


def must(kind: str, enum: Any = None) -> Row:
    return kind, True, NONE, enum, None, None


PROMPT = {"prompt": must("string")}
VEO = {"resolution": p("string", "720p", ("720p", "1080p")), "generate_audio": p("boolean", True)}
SORA = {**PROMPT, "api_key": p("string"), "duration": p("integer", 4, (4, 8, 12))}
PIKA = {
    **PROMPT,
    "seed": p("integer"),
    "negative_prompt": p("string", ""),
    "resolution": p("string", "720p", ("720p", "1080p")),
    "duration": p("integer", 5),
}
PIXVERSE = {
    **PROMPT,
    "aspect_ratio": p("string", "16:9", ("16:9", "4:3", "1:1", "3:4", "9:16")),
    "negative_prompt": p("string", ""),
    "style": p("string", NONE, ("anime", "3d_animation", "clay", "comic", "cyberpunk")),
    "seed": p("integer"),
}
HAILUO = {**PROMPT, "duration": p("string", "6", ("6", "10")), "prompt_optimizer": p("boolean", True)}
SIZES = ("square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9")
SIZE = "string | {width: integer, height: integer}"

PARAMETERS: dict[str, dict[str, Row]] = {
    "fal-ai/infinity-star/text-to-video": {
        **PROMPT,
        "negative_prompt": p("string", ""),
        "num_inference_steps": p("integer", 50, None, 1, 100),
        "guidance_scale": p("number", 7.5, None, 1, 40),
        "tau_video": p("number", 0.4, None, 0.1, 1),
        "use_apg": p("boolean", True),
        "aspect_ratio": p("string", "16:9", ("16:9", "1:1", "9:16")),
        "seed": p("integer"),
        "enhance_prompt": p("boolean", True),
    },
    "fal-ai/pika/v2.2/text-to-video": {
        **PIKA,
        "aspect_ratio": p("string", "16:9", ("16:9", "9:16", "1:1", "4:5", "5:4", "3:2", "2:3")),
    },
    "fal-ai/pika/v2.2/image-to-video": {**PIKA, "image_url": must("image")},
    "fal-ai/veo3.1/reference-to-video": {
        **PROMPT,
        **VEO,
        "image_urls": must("list[image]"),
        "duration": p("string", "8s", ("8s",)),
    },
    "fal-ai/veo3/fast": {
        **PROMPT,
        **VEO,
        "aspect_ratio": p("string", "16:9", ("9:16", "16:9", "1:1")),
        "duration": p("string", "8s", ("4s", "6s", "8s")),
        "negative_prompt": p("string"),
        "enhance_prompt": p("boolean", True),
        "seed": p("integer"),
        "auto_fix": p("boolean", True),
    },
    "fal-ai/veo3.1/fast/first-last-frame-to-video": {
        **PROMPT,
        **VEO,
        "first_frame_url": must("image"),
        "last_frame_url": must("image"),
        "duration": p("string", "8s", ("8s",)),
        "aspect_ratio": p("string", "auto", ("auto", "9:16", "16:9", "1:1")),
    },
    "fal-ai/sora-2/text-to-video": {
        **SORA,
        "resolution": p("string", "720p", ("720p",)),
        "aspect_ratio": p("string", "16:9", ("9:16", "16:9")),
    },
    "fal-ai/sora-2/image-to-video": {
        **SORA,
        "resolution": p("string", "auto", ("auto", "720p")),
        "aspect_ratio": p("string", "auto", ("auto", "9:16", "16:9")),
        "image_url": must("image"),
    },
    "fal-ai/sora-2/text-to-video/pro": {
        **SORA,
        "resolution": p("string", "1080p", ("720p", "1080p")),
        "aspect_ratio": p("string", "16:9", ("9:16", "16:9")),
    },
    "fal-ai/sora-2/image-to-video/pro": {
        **SORA,
        "resolution": p("string", "auto", ("auto", "720p", "1080p")),
        "aspect_ratio": p("string", "auto", ("auto", "9:16", "16:9")),
        "image_url": must("image"),
    },
    "fal-ai/minimax/hailuo-02/standard/text-to-video": HAILUO,
    "fal-ai/minimax/hailuo-02/standard/image-to-video": {
        **HAILUO,
        "image_url": must("image"),
        "resolution": p("string", "768P", ("512P", "768P")),
        "end_image_url": p("image"),
    },
    "fal-ai/hunyuan-image/v3/text-to-image": {
        **PROMPT,
        "negative_prompt": p("string", ""),
        "image_size": p(SIZE, "square_hd", SIZES),
        "num_images": p("integer", 1, None, 1, 4),
        "num_inference_steps": p("integer", 28, None, 1, 50),
        "guidance_scale": p("number", 7.5, None, 1, 20),
        "seed": p("integer"),
        "enable_safety_checker": p("boolean", True),
        "sync_mode": p("boolean", False),
        "output_format": p("string", "png", ("jpeg", "png")),
        "enable_prompt_expansion": p("boolean", False),
    },
    "fal-ai/kling-video/v2/master/text-to-video": {
        **PROMPT,
        "duration": p("string", "5", ("5", "10")),
        "aspect_ratio": p("string", "16:9", ("16:9", "9:16", "1:1")),
        "negative_prompt": p("string", "blur, distort, and low quality"),
        "cfg_scale": p("number", 0.5),
    },
    "fal-ai/bytedance/seedance/v1/pro/text-to-video": {
        **PROMPT,
        "aspect_ratio": p("string", "16:9", ("21:9", "16:9", "4:3", "1:1", "3:4", "9:16")),
        "resolution": p("string", "1080p", ("480p", "1080p")),
        "duration": p("string", "5", ("5", "10")),
        "camera_fixed": p("boolean"),
        "seed": p("integer"),
    },
    "fal-ai/pixverse/v4/text-to-video/fast": {
        **PIXVERSE,
        "resolution": p("string", "720p", ("360p", "540p", "720p")),
    },
    "fal-ai/pixverse/v4.5/text-to-video": {
        **PIXVERSE,
        "resolution": p("string", "720p", ("360p", "540p", "720p", "1080p")),
        "duration": p("string", "5", ("5", "8")),
    },
    "fal-ai/wan-pro/text-to-video": {
        **PROMPT,
        "seed": p("integer"),
        "enable_safety_checker": p("boolean", True),
    },
    "fal-ai/luma-dream-machine/ray-2-flash": {
        **PROMPT,
        "aspect_ratio": p("string", "16:9", ("16:9", "9:16", "4:3", "3:4", "21:9", "9:21")),
        "loop": p("boolean"),
        "resolution": p("string", "540p", ("540p", "720p", "1080p")),
        "duration": p("string", "5s", ("5s", "9s")),
    },
    "fal-ai/veo3": {
        **PROMPT,
        **VEO,
        "aspect_ratio": p("string", "16:9", ("16:9", "9:16", "1:1")),
        "duration": p("string", "8s", ("8s",)),
        "negative_prompt": p("string"),
        "enhance_prompt": p("boolean", True),
        "seed": p("integer"),
    },
    "fal-ai/veo2": {
        **PROMPT,
        "aspect_ratio": p("string", "16:9", ("16:9", "9:16")),
        "duration": p("string", "5s", ("5s", "6s", "7s", "8s")),
        "negative_prompt": p("string"),
        "enhance_prompt": p("boolean", True),
        "seed": p("integer"),
    },
    "fal-ai/fast-svd/text-to-video": {
        **PROMPT,
        "motion_bucket_id": p("integer", 127),
        "cond_aug": p("number", 0.02),
        "seed": p("integer"),
        "steps": p("integer", 20),
        "deep_cache": p("string", "none", ("none", "minimum", "medium", "high")),
        "fps": p("integer", 10),
        "negative_prompt": p(
            "string",
            "unrealistic, saturated, high contrast, big nose, painting, drawing, sketch, cartoon, anime, "
            "manga, render, CG, 3d, watermark, signature, label",
        ),
        "video_size": p(SIZE, "landscape_16_9", SIZES),
    },
}

VIDEO = {"video": "video"}
OUTPUTS: dict[str, dict[str, str]] = dict.fromkeys(PARAMETERS, VIDEO) | {
    "fal-ai/hunyuan-image/v3/text-to-image": {"images": "list[image]", "seed": "integer"},
    "fal-ai/bytedance/seedance/v1/pro/text-to-video": {"video": "video", "seed": "integer"},
    "fal-ai/fast-svd/text-to-video": {"video": "video", "seed": "integer"},
    **{name: {"video": "video", "video_id": "string"} for name in PARAMETERS if "/sora-2/" in name},
}

PRICES: list[tuple[str, dict[str, Any], float]] = [
    ("fal-ai/infinity-star/text-to-video", {}, 0.07),
    ("fal-ai/pika/v2.2/text-to-video", {}, 0.20),
    ("fal-ai/pika/v2.2/text-to-video", {"resolution": "1080p"}, 0.45),
    ("fal-ai/pika/v2.2/text-to-video", {"duration": 10}, 0.40),
    ("fal-ai/pika/v2.2/image-to-video", {"resolution": "1080p"}, 0.45),
    ("fal-ai/veo3.1/reference-to-video", {}, 3.20),
    ("fal-ai/veo3.1/reference-to-video", {"generate_audio": False}, 1.60),
    ("fal-ai/veo3/fast", {"duration": "4s"}, 1.60),
    ("fal-ai/veo3/fast", {"duration": "6s", "generate_audio": False}, 1.50),
    ("fal-ai/veo3.1/fast/first-last-frame-to-video", {}, 1.20),
    ("fal-ai/veo3.1/fast/first-last-frame-to-video", {"generate_audio": False}, 0.80),
    ("fal-ai/sora-2/text-to-video", {"duration": 12}, 1.20),
    ("fal-ai/sora-2/image-to-video", {}, 0.40),
    ("fal-ai/sora-2/text-to-video/pro", {"duration": 8}, 4.00),
    ("fal-ai/sora-2/image-to-video/pro", {"duration": 8, "resolution": "720p"}, 2.40),
    ("fal-ai/minimax/hailuo-02/standard/text-to-video", {}, 0.27),
    ("fal-ai/minimax/hailuo-02/standard/image-to-video", {"duration": "10"}, 0.45),
    ("fal-ai/hunyuan-image/v3/text-to-image", {"image_size": "landscape_16_9"}, 1024 * 576 / 1e6 * 0.10),
    ("fal-ai/hunyuan-image/v3/text-to-image", {"num_images": 4}, 4 * 1024 * 1024 / 1e6 * 0.10),
]

FROM_FACTS = [
    ("fal-ai/luma-dream-machine/ray-2-flash", {}, 0.20),
    ("fal-ai/pixverse/v4.5/text-to-video", {"duration": "8"}, 0.40),
    ("fal-ai/veo3", {}, 3.20),
    ("fal-ai/minimax/hailuo-02/standard/image-to-video", {"resolution": "512P"}, 0.102),
    ("fal-ai/veo3.1/fast/first-last-frame-to-video", {"resolution": "4k", "duration": "4s"}, 1.40),
    ("fal-ai/veo3.1/reference-to-video", {"resolution": "4k", "generate_audio": False}, 3.20),
]

# seconds, width, height, frames per second, sound
MADE: list[tuple[str, dict[str, Any], tuple[float, int, int, float, bool]]] = [
    ("fal-ai/infinity-star/text-to-video", {}, (5, 1280, 720, 24, False)),
    ("fal-ai/pika/v2.2/text-to-video", {"aspect_ratio": "4:5", "duration": 10}, (10, 720, 900, 24, False)),
    ("fal-ai/veo3.1/fast/first-last-frame-to-video", {"aspect_ratio": "9:16"}, (8, 720, 1280, 24, True)),
    ("fal-ai/veo3.1/fast/first-last-frame-to-video", {"aspect_ratio": "1:1"}, (8, 720, 720, 24, True)),
    ("fal-ai/veo3/fast", {"duration": "4s", "generate_audio": False}, (4, 1280, 720, 24, False)),
    ("fal-ai/sora-2/text-to-video/pro", {"duration": 12}, (12, 1920, 1080, 24, True)),
    ("fal-ai/minimax/hailuo-02/standard/text-to-video", {"duration": "10"}, (10, 1366, 768, 24, False)),
    ("fal-ai/kling-video/v2/master/text-to-video", {"duration": "10"}, (10, 1280, 720, 24, False)),
    ("fal-ai/bytedance/seedance/v1/pro/text-to-video", {"aspect_ratio": "21:9"}, (5, 2520, 1080, 24, False)),
    ("fal-ai/pixverse/v4/text-to-video/fast", {"resolution": "360p"}, (5, 640, 360, 24, False)),
    ("fal-ai/wan-pro/text-to-video", {}, (6, 1920, 1080, 30, False)),
    ("fal-ai/luma-dream-machine/ray-2-flash", {"duration": "9s"}, (9, 960, 540, 24, False)),
    ("fal-ai/fast-svd/text-to-video", {"fps": 5}, (5, 1024, 576, 5, False)),
    (
        "fal-ai/fast-svd/text-to-video",
        {"video_size": {"width": 641, "height": 480}},
        (2.5, 640, 480, 10, False),
    ),
]
