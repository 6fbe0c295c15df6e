"""What comes out, from parameters alone; hostile values stay within bounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from callsheet.spec import size as sizes
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.prediction import Shape, length
from callsheet.spec.roles import infer_roles, infer_shape
from callsheet.spec.types import IMAGE, INTEGER, STRING, VIDEO, Choice, Field, ListOf, Type


def inferred(inputs: dict[str, Type], out: Type, given: dict[str, Any], task: str = "text-to-video") -> Facts:
    fields = {name: Field(t, required=True) for name, t in inputs.items()}
    data = infer_shape("acme/model", task, fields, {"out": out})
    return Shape(data, fields, {"out": out}).facts(given)["out"]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("8s", 8), ("8", 8), (8, 8), (2.5, 2.5), ("800ms", 0.8), ("auto", None), (None, None), (True, None)],
)
def test_lengths(value: object, seconds: float | None) -> None:
    assert length(value) == seconds


@pytest.mark.parametrize(
    ("side", "aspect", "size"),
    [
        (720, "16:9", (1280, 720)),
        (768, "16:9", (1366, 768)),
        (720, "9:16", (720, 1280)),
        (480, "16:9", (854, 480)),
    ],
)
def test_sizes_by_their_shorter_side(side: int, aspect: str, size: tuple[int, int]) -> None:
    ratio = sizes.ratio(aspect)
    assert ratio is not None
    assert sizes.bounded(sizes.by_short_side(side, ratio), even=True) == size


def test_frames_and_rate_give_the_length() -> None:
    made = inferred({"num_frames": INTEGER, "fps": INTEGER}, VIDEO, {"num_frames": 48, "fps": 16})
    assert (made.seconds, made.fps) == (3.0, 16.0)


def test_fallbacks() -> None:
    made = inferred({"prompt": STRING}, VIDEO, {})
    assert (made.seconds, made.width, made.height, made.fps, made.audio) == (5.0, 1280, 720, 24.0, False)
    picture = inferred({"prompt": STRING}, ListOf(IMAGE), {}, "text-to-image")
    assert (picture.width, picture.height, picture.seconds) == (1024, 1024, None)


def test_an_upscaled_image_is_larger_than_its_source() -> None:
    source = Artifact("image", Path("a.png"), facts=Facts(width=300, height=201))
    given = {"image_url": source, "upscale_factor": 4}
    made = inferred({"image_url": IMAGE, "upscale_factor": INTEGER}, IMAGE, given, "image-to-image")
    assert (made.width, made.height) == (1200, 804)


def test_an_auto_aspect_takes_the_nearest_that_is_offered() -> None:
    source = Artifact("image", Path("a.png"), facts=Facts(width=1000, height=900))
    inputs: dict[str, Type] = {"image_url": IMAGE, "aspect_ratio": Choice(("auto", "16:9", "1:1"))}
    made = inferred(inputs, VIDEO, {"image_url": source, "aspect_ratio": "auto"}, "image-to-video")
    assert (made.width, made.height) == (720, 720)


def test_a_changed_video_keeps_what_it_was() -> None:
    clip = Artifact("video", Path("a.mp4"), facts=Facts(3.5, 641, 359, 30.0, True))
    made = inferred({"video_url": VIDEO}, VIDEO, {"video_url": clip}, "video-to-video")
    assert (made.seconds, made.fps, made.audio) == (3.5, 30.0, True)
    assert made.width in (640, 642) and made.height in (358, 360)


HOSTILE = (10**12, 10**5000, "999999999s", -5, 0, "9" * 400, float("nan"), float("inf"))


@pytest.mark.parametrize("huge", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_stay_within_bounds(huge: object) -> None:
    inputs: dict[str, Type] = dict.fromkeys(("duration", "width", "height", "fps"), INTEGER)
    made = inferred(inputs, VIDEO, dict.fromkeys(inputs, huge))
    assert made.seconds is not None and 0 < made.seconds <= 3600
    assert made.width is not None and 16 <= made.width <= 8192
    assert made.fps is not None and 0 < made.fps <= 240


def test_roles_by_name() -> None:
    inputs = {
        "image_url": Field(IMAGE),
        "tail_image_url": Field(IMAGE),
        "mask_url": Field(IMAGE),
        "reference_image_urls": Field(ListOf(IMAGE)),
        "prompt": Field(STRING),
    }
    assert infer_roles(inputs, "image-to-video") == {
        "image_url": "first_frame",
        "tail_image_url": "last_frame",
        "mask_url": "mask",
        "reference_image_urls": "reference",
    }


def test_an_auto_aspect_without_a_source_is_wide_for_video_and_square_for_images() -> None:
    inputs: dict[str, Type] = {"image_url": IMAGE, "aspect_ratio": Choice(("auto", "16:9"))}
    video = inferred(inputs, VIDEO, {"aspect_ratio": "auto"}, "image-to-video")
    image = inferred(inputs, IMAGE, {"aspect_ratio": "auto"}, "image-to-image")
    assert (video.width, video.height) == (1280, 720) and (image.width, image.height) == (1024, 1024)
