"""What was paid for is taken as well as it fits; where all of it fits, as a strict reader takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callsheet.errors import NodeError
from callsheet.spec.conform import delivered
from callsheet.spec.node import Made
from callsheet.spec.receive import Unfit, received
from callsheet.spec.types import (
    BOOLEAN,
    IMAGE,
    INTEGER,
    JSON,
    NOTHING,
    NUMBER,
    STRING,
    VIDEO,
    Choice,
    Field,
    ListOf,
    Maybe,
    OneOf,
    Record,
)

PICTURE, CLIP = Made("image", Path("a.png")), Made("video", Path("a.mp4"))
OUTPUTS: dict[str, Any] = {
    "images": ListOf(IMAGE),
    "video": VIDEO,
    "thumb": Maybe(IMAGE),
    "seed": INTEGER,
    "score": NUMBER,
    "flag": BOOLEAN,
    "format": Choice(("png", "jpeg")),
    "either": OneOf((VIDEO, STRING)),
    "info": Record({"text": Field(STRING, required=True), "mask": Field(IMAGE)}, open=True),
    "timings": JSON,
}


def taken(**made: object) -> tuple[dict[str, object], dict[str, str]]:
    return received({name: OUTPUTS[name] for name in made}, made, lambda file, _: file)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("seed", None, "should be integer, but null came"),
        ("seed", 1.5, "should be integer, but float came"),
        ("seed", "7", "should be integer, but str came"),
        ("seed", float("nan"), "should be integer"),
        ("seed", 1e300, "should be integer"),
        ("score", float("inf"), "should be number"),
        ("flag", 1, "should be boolean"),
        ("format", "webp", 'should be "png"'),
        ("video", PICTURE, "should be video, but image came"),
        ("video", Unfit("has no URL"), "the output video has no URL"),
        ("images", "x", "should be list"),
        ("timings", {"a": float("nan")}, "should be json"),
    ],
)
def test_what_does_not_fit_is_left_out_with_a_reason(name: str, value: object, why: str) -> None:
    came, flaws = taken(**{name: value})
    assert came == {}
    assert list(flaws) == [name] and why in flaws[name]


def test_of_lists_and_objects_only_the_part() -> None:
    came, flaws = taken(images=[PICTURE, None, PICTURE], info={"text": 3, "mask": PICTURE, "more": [1]})
    assert came == {"images": [PICTURE, PICTURE], "info": {"mask": PICTURE, "more": [1]}}
    assert set(flaws) == {"images[1]", "info.text"}


def test_a_whole_number_is_one_though_it_is_written_as_a_float() -> None:
    came, flaws = taken(seed=7.0)
    assert came == {"seed": 7} and isinstance(came["seed"], int) and not flaws


def test_what_is_missing_is_told_unless_it_may_be() -> None:
    came, flaws = received({"seed": INTEGER, "thumb": Maybe(IMAGE)}, {"thumb": None}, lambda file, _: file)
    assert came == {} and list(flaws) == ["seed"] and "did not come" in flaws["seed"]


def test_a_file_that_is_not_there_leaves_its_list() -> None:
    found = {"images": ListOf(IMAGE)}
    came, _ = received(found, {"images": [PICTURE, NOTHING]}, lambda file, _: file)
    assert came == {"images": [PICTURE]}


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from([PICTURE, CLIP]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "mask", "url"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(OUTPUTS)), VALUES, max_size=5))
def test_it_never_raises_and_agrees_with_the_strict_reader(made: dict[str, object]) -> None:
    places: list[str] = []
    promised = {name: OUTPUTS[name] for name in made}
    came, flaws = received(promised, made, lambda file, place: places.append(place) or file)
    try:
        strict = delivered(promised, made, lambda file, _: file)
    except NodeError:
        assert flaws or any(isinstance(v, float) and v.is_integer() for v in made.values())
    else:
        assert came == strict and not flaws
