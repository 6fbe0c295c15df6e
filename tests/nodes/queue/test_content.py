"""What a result says against itself: content flags, and that nothing was made."""

from __future__ import annotations

import json

import pytest

from callsheet.nodes.queue import content
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import BOOLEAN, IMAGE, INTEGER, STRING, VIDEO, Field, ListOf, Maybe

URL = "https://v3.fal.media/a.png"
INPUTS = {"prompt": Field(STRING), "enable_safety_checker": Field(BOOLEAN)}
PICTURES = NodeSpec("m", "fal", "t", INPUTS, {"images": ListOf(IMAGE), "seed": INTEGER}, lambda _: {})
CLIP = NodeSpec("m", "fal", "t", {}, {"video": VIDEO, "thumbs": Maybe(ListOf(IMAGE))}, lambda _: {})


def flagged(spec: NodeSpec, body: str = "{}", **result: object) -> set[str]:
    return set(content.flagged(spec, json.dumps(result), body))


@pytest.mark.parametrize(
    ("flags", "places"),
    [
        ({"has_nsfw_concepts": [True, False]}, {"images[0]"}),
        ({"has_nsfw_concepts": [False, True]}, {"images[1]"}),
        ({"has_nsfw_concepts": [True]}, {"images[0]", "images[1]"}),
        ({"has_nsfw_concepts": [False, False]}, set()),
        ({"has_nsfw_concepts": []}, set()),
        ({"has_nsfw_concepts": None}, set()),
        ({"has_nsfw_concepts": "no"}, set()),
        ({"nsfw_content_detected": True}, {"images[0]", "images[1]"}),
        ({"is_nsfw": "true"}, {"images[0]", "images[1]"}),
    ],
)
def test_flags_mean_the_pictures_in_their_order(flags: dict[str, object], places: set[str]) -> None:
    assert flagged(PICTURES, images=[{"url": URL}, {"url": URL}], **flags) == places


def test_a_flag_of_a_picture_s_own_and_one_in_an_envelope() -> None:
    assert flagged(PICTURES, images=[{"url": URL}, {"url": URL, "nsfw": True}]) == {"images[1]"}
    assert flagged(PICTURES, data={"images": [URL], "has_nsfw_concepts": [True]}) == {"images[0]"}
    assert flagged(CLIP, video={"url": URL}, has_nsfw_concepts=[True]) == {"video"}


def test_a_filter_that_was_turned_off_says_nothing() -> None:
    off, on = '{"enable_safety_checker": false}', '{"enable_safety_checker": true}'
    assert flagged(PICTURES, off, images=[URL], has_nsfw_concepts=[True]) == set()
    assert flagged(PICTURES, on, images=[URL], has_nsfw_concepts=[True]) == {"images[0]"}
    assert content.is_checked(PICTURES, "{}") and content.is_checked(PICTURES, on)
    assert not content.is_checked(PICTURES, off) and not content.is_checked(CLIP, "{}")


def test_an_empty_list_of_media_is_a_failure_and_nothing_else_is() -> None:
    def made(name: str, spec: NodeSpec, **result: object) -> object:
        return content.nothing_made(spec, json.dumps(result), name, "r1")

    failure = made("images", PICTURES, images=[], seed=1)
    assert getattr(failure, "kind", "") == "failed" and "images is empty (request r1)" in str(failure)
    assert made("images", PICTURES, images=None) is None
    assert made("images", PICTURES) is None
    assert made("images", PICTURES, images=[None]) is None
    assert made("video", CLIP, video=[]) is None
    assert made("nothing", CLIP, nothing=[]) is None
