"""Bodies that do not fit, of every type that a parameter can have."""

from __future__ import annotations

import pytest
from pydantic_core import SchemaValidator

from callsheet.emulator.api.validate import _object, errors
from callsheet.nodes.registry import Registry
from callsheet.spec.node import NodeSpec, Rule
from callsheet.spec.types import (
    BOOLEAN,
    IMAGE,
    INTEGER,
    JSON,
    NUMBER,
    STRING,
    Choice,
    Field,
    ListOf,
    Maybe,
    OneOf,
    Record,
)

SIZE = Record({"width": Field(INTEGER, required=True)})
SPEC = NodeSpec(
    "test/every",
    "fal",
    "test",
    inputs={
        "text": Field(STRING, required=True, max_length=5),
        "whole": Field(INTEGER, minimum=0.5, maximum=4),
        "part": Field(NUMBER, minimum=0, maximum=1),
        "flag": Field(BOOLEAN),
        "seconds": Field(Choice((5, 10))),
        "picture": Field(IMAGE),
        "list": Field(ListOf(STRING), min_items=1, max_items=2),
        "size": Field(OneOf((Choice(("square",)), SIZE))),
        "maybe": Field(Maybe(INTEGER), required=True),
        "schema": Field(JSON),
    },
    outputs={"picture": IMAGE},
    rules=(Rule(("flag",), "no flag with a part", "", lambda p: bool(p.get("flag")) and "part" in p),),
)
GOOD = {"text": "x", "maybe": None}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"text": 3}, [(["text"], "string_type")]),
        ({"text": "longer"}, [(["text"], "string_too_long")]),
        ({"whole": 0}, [(["whole"], "greater_than_equal")]),
        ({"whole": 5}, [(["whole"], "less_than_equal")]),
        ({"whole": True}, [(["whole"], "int_type")]),
        ({"whole": "2"}, [(["whole"], "int_type")]),
        ({"part": 1.5}, [(["part"], "less_than_equal")]),
        ({"flag": 1}, [(["flag"], "bool_type")]),
        ({"seconds": 7}, [(["seconds"], "literal_error")]),
        ({"seconds": "5"}, [(["seconds"], "literal_error")]),
        ({"picture": "a.png"}, [(["picture"], "file_download_error")]),
        ({"picture": "https://gone.example/a.png"}, [(["picture"], "file_download_error")]),
        ({"list": "x"}, [(["list"], "list_type")]),
        ({"list": []}, [(["list"], "sequence_too_short")]),
        ({"list": ["a", "b", "c"]}, [(["list"], "sequence_too_long")]),
        ({"list": ["a", 1]}, [(["list", 1], "string_type")]),
        ({"maybe": "x"}, [(["maybe"], "int_type")]),
        ({"flag": True, "part": 0.5}, [(["flag"], "value_error")]),
        (
            {"text": 3, "whole": 9},
            [(["text"], "string_type"), (["whole"], "less_than_equal")],
        ),
    ],
)
def test_what_does_not_fit(given: dict[str, object], found: list[tuple[list[object], str]]) -> None:
    said = errors(SPEC, {**GOOD, **given}, lambda url: "gone" not in url)
    assert [(e["loc"], e["type"]) for e in said] == [(["body", *loc], kind) for loc, kind in found]
    assert all(e["msg"] and "input" in e and "url" not in e for e in said)


def test_of_a_union_every_option_is_said() -> None:
    said = errors(SPEC, {**GOOD, "size": {"width": "1"}}, lambda _: True)
    assert {e["loc"][1] for e in said} == {"size"} and {e["type"] for e in said} == {
        "literal_error",
        "int_type",
    }


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"whole": None, "picture": None, "unknown": object()},
        {"whole": 1, "part": 1, "flag": False, "seconds": 5, "list": ["a"], "schema": {"any": [1]}},
        {"picture": "data:image/png;base64,AA=="},
        {"picture": "https://x.example/a.png", "size": {"width": 1, "more": 2}},
        {"size": "square"},
    ],
)
def test_what_fits(given: dict[str, object]) -> None:
    assert errors(SPEC, {**GOOD, **given}, lambda _: True) == []


def test_every_endpoint_can_be_checked() -> None:
    specs = Registry().listed(every=True)
    assert len([SchemaValidator(_object(spec.inputs)) for spec in specs]) > 1000
