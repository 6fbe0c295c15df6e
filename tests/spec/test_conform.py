"""Did a job deliver what its spec promises?"""

import math
from pathlib import Path

import pytest

from callsheet.errors import NodeError
from callsheet.spec.conform import delivered
from callsheet.spec.node import Made
from callsheet.spec.types import (
    BOOLEAN,
    FILE,
    IMAGE,
    INTEGER,
    JSON,
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

IMAGE_FILE = Made("image", Path("a.png"))
POINT = Record({"x": Field(NUMBER, required=True), "y": Field(NUMBER)})


def keep(made, place):
    return f"{made.kind} at {place}"


@pytest.mark.parametrize(
    "t, value, kept",
    [
        (IMAGE, IMAGE_FILE, "image at out"),
        (FILE, IMAGE_FILE, "image at out"),
        (ListOf(IMAGE), [IMAGE_FILE, IMAGE_FILE], ["image at out[0]", "image at out[1]"]),
        (Record({"a": Field(IMAGE)}), {"a": IMAGE_FILE, "b": 1}, {"a": "image at out.a"}),
        (Record({}, open=True), {"b": 1}, {"b": 1}),
        (Record({}, open=True), {"b": IMAGE_FILE}, {}),
        (POINT, {"x": 1}, {"x": 1}),
        (OneOf((VIDEO, IMAGE)), IMAGE_FILE, "image at out"),
        (Choice(("a", "b")), "b", "b"),
        (JSON, {"a": [1, None]}, {"a": [1, None]}),
        (NUMBER, 1, 1),
        (ListOf(STRING), (), []),
    ],
)
def test_what_was_promised_came(t, value, kept):
    assert delivered({"out": t}, {"out": value}, keep) == {"out": kept}


@pytest.mark.parametrize(
    "t, value",
    [
        (VIDEO, IMAGE_FILE),
        (IMAGE, "a.png"),
        (JSON, IMAGE_FILE),
        (JSON, {"a": math.nan}),
        (JSON, {1: 2}),
        (ListOf(IMAGE), IMAGE_FILE),
        (ListOf(INTEGER), [1, "2"]),
        (POINT, {"y": 1}),
        (INTEGER, True),
        (INTEGER, 1.5),
        (NUMBER, math.inf),
        (BOOLEAN, 1),
        (STRING, None),
        (Choice(("a",)), "b"),
        (OneOf((INTEGER, BOOLEAN)), "x"),
    ],
)
def test_something_else_came(t, value):
    with pytest.raises(NodeError, match=r"should be|did not come") as caught:
        delivered({"out": t}, {"out": value}, keep)
    assert caught.value.kind == "failed"


def test_what_is_missing_is_named_unless_it_may_be_absent():
    assert delivered({"out": Maybe(IMAGE)}, {}, keep) == {}
    assert delivered({"out": Maybe(IMAGE)}, {"out": None}, keep) == {}
    with pytest.raises(NodeError, match=r"the output out \(list\[image\]\) was promised"):
        delivered({"out": ListOf(IMAGE)}, {}, keep)


def test_what_was_not_promised_is_left_out():
    assert delivered({}, {"debug": IMAGE_FILE}, keep) == {}
