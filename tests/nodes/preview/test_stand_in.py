"""Answers that stand in for a model's."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.nodes.preview.random import Dice
from callsheet.nodes.preview.stand_in import StandIn
from callsheet.spec.conform import delivered
from callsheet.spec.media import Facts
from callsheet.spec.types import (
    BOOLEAN,
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

WORDS = "A lighthouse keeper climbs the spiral stair at dawn"
SCALARS = st.sampled_from([STRING, INTEGER, NUMBER, BOOLEAN, JSON])
CHOICES = st.lists(st.integers(-9, 9), min_size=1, max_size=4, unique=True).map(lambda v: Choice(tuple(v)))
TYPES = st.recursive(
    SCALARS | CHOICES,
    lambda inner: st.one_of(
        inner.map(ListOf),
        inner.map(Maybe),
        st.lists(inner, min_size=1, max_size=3).map(lambda o: OneOf(tuple(o))),
        st.dictionaries(
            st.sampled_from("abcd"), inner.map(lambda t: Field(t, required=True)), max_size=3
        ).map(Record),
    ),
    max_leaves=8,
)


@given(TYPES, st.integers())
def test_a_value_is_what_its_type_promises(t, seed):
    value = StandIn(WORDS, Dice(seed)).of_type(t)
    assert delivered({"out": t}, {"out": value}, lambda made, place: made) == {"out": value}


@given(st.integers(-50, 50), st.integers(0, 60), st.integers())
def test_numbers_stay_in_bounds(low, span, seed):
    made = StandIn(WORDS, Dice(seed))
    field = Field(INTEGER, minimum=low, maximum=low + span)
    assert low <= made.of_type(INTEGER, "n", field) <= low + span
    assert low <= made.of_type(NUMBER, "n", Field(NUMBER, minimum=low, maximum=low + span)) <= low + span
    assert made.of_type(INTEGER, "n", Field(INTEGER, maximum=low)) <= low


@given(st.integers(0, 6), st.integers(0, 6), st.integers(1, 40))
def test_lists_and_strings_stay_in_bounds(few, more, longest):
    made = StandIn(WORDS, Dice(few))
    items = made.of_type(ListOf(STRING), "l", Field(STRING, min_items=few, max_items=few + more))
    assert few <= len(items) <= few + more
    assert len(made.of_type(STRING, "s", Field(STRING, max_length=longest))) <= longest


def objects(inner):
    names = st.sampled_from(["title", "shots", "mood", "id"])
    return st.dictionaries(names, inner, max_size=3).map(
        lambda properties: {"type": "object", "properties": properties, "required": sorted(properties)}
    )


SCHEMAS = st.recursive(
    st.one_of(
        st.just({"type": "string"}),
        st.builds(
            lambda a, b: {"type": "string", "minLength": a, "maxLength": a + b},
            st.integers(0, 40),
            st.integers(0, 9),
        ),
        st.builds(
            lambda a, b: {"type": "integer", "minimum": a, "maximum": a + b},
            st.integers(-9, 9),
            st.integers(0, 9),
        ),
        st.builds(lambda a: {"type": "integer", "exclusiveMinimum": a, "multipleOf": 3}, st.integers(-9, 9)),
        st.builds(lambda a: {"type": "number", "minimum": a, "exclusiveMaximum": a + 1}, st.integers(-9, 9)),
        st.lists(st.integers() | st.text(max_size=3), min_size=1, max_size=3).map(lambda v: {"enum": v}),
        st.booleans().map(lambda v: {"const": v}),
        st.just({"type": ["null", "boolean"]}),
        st.just({"$ref": "#/$defs/nothing"}),
    ),
    lambda inner: st.one_of(
        objects(inner),
        st.builds(
            lambda i, n: {"type": "array", "items": i, "minItems": n, "maxItems": n + 2},
            inner,
            st.integers(0, 4),
        ),
        st.lists(inner, min_size=1, max_size=2).map(lambda o: {"anyOf": o}),
        inner.map(lambda i: {"allOf": [i]}),
    ),
    max_leaves=6,
)


def accepts(schema, value):
    """An independent reading of the part of JSON Schema that the strategy above writes."""
    if "const" in schema:
        return value is schema["const"]
    if "enum" in schema:
        return value in schema["enum"]
    if "anyOf" in schema:
        return any(accepts(s, value) for s in schema["anyOf"])
    if "allOf" in schema:
        return all(accepts(s, value) for s in schema["allOf"])
    match schema.get("type"):
        case "string":
            return isinstance(value, str) and schema.get("minLength", 0) <= len(value) <= schema.get(
                "maxLength", 10**9
            )
        case "integer":
            above = value > schema["exclusiveMinimum"] and value % 3 == 0 if "multipleOf" in schema else True
            return (
                type(value) is int
                and above
                and schema.get("minimum", value) <= value <= schema.get("maximum", value)
            )
        case "number":
            return isinstance(value, int | float) and schema["minimum"] <= value < schema["exclusiveMaximum"]
        case "object":
            return isinstance(value, dict) and all(
                accepts(s, value[k]) for k, s in schema["properties"].items()
            )
        case "array":
            sized = schema["minItems"] <= len(value) <= schema["maxItems"]
            return sized and all(accepts(schema["items"], v) for v in value)
        case ["null", "boolean"]:
            return value is None or isinstance(value, bool)
    return True


@settings(max_examples=150, deadline=None)
@given(SCHEMAS, st.integers())
def test_a_value_satisfies_its_schema(schema, seed):
    value = StandIn(WORDS, Dice(seed)).of_schema(schema)
    json.dumps(value)
    assert accepts(schema, value)


def test_references_and_recursion_end():
    shot = {"type": "object", "properties": {"next": {"$ref": "#/$defs/shot"}, "id": {"type": "integer"}}}
    schema = {"$ref": "#/$defs/shot", "$defs": {"shot": shot}}
    value = StandIn(WORDS, Dice(1)).of_schema(schema)
    assert isinstance(value["id"], int)
    assert StandIn(WORDS, Dice(1)).of_schema({"$ref": "#"}) is not NotImplemented


@pytest.mark.parametrize(
    "schema", [None, True, 5, "list[", {"type": 7}, {"allOf": "x"}, {"properties": []}, {"items": 3}]
)
def test_a_senseless_schema_does_no_harm(schema):
    json.dumps(StandIn(WORDS, Dice(1)).of_schema(schema))


def test_text_comes_from_the_prompt():
    text = StandIn(WORDS, Dice(1)).of_type(STRING)
    assert text.lower().split()[0] in WORDS.lower()


def test_an_answer_in_the_asked_form(studio):
    schema = {
        "type": "object",
        "properties": {"shots": {"type": "array", "minItems": 4, "items": {"type": "string"}}},
    }
    out = studio.perform(
        studio.spec({"output": "json", "text": "string"}, Facts()), prompt=WORDS, schema=schema
    )
    assert len(out["output"]["shots"]) >= 4
    assert len(json.loads(out["text"])["shots"]) >= 4
    wrapped = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    out = studio.perform(studio.spec({"output": "json"}, Facts()), prompt=WORDS, response_format=wrapped)
    assert len(out["output"]["shots"]) >= 4
    out = studio.perform(studio.spec({"output": "json"}, Facts()), prompt=WORDS, schema="list[integer]")
    assert all(isinstance(v, int) for v in out["output"])
    out = studio.perform(
        studio.spec({"output": "json"}, Facts()), prompt=WORDS, schema=Record({"n": Field(INTEGER)})
    )
    assert isinstance(out["output"]["n"], int)


def test_outputs_that_follow_from_the_request(studio):
    spec = studio.spec({"seed": "integer", "prompt": "string", "video": "video"})
    out = studio.perform(spec, prompt="static sea", seed=12)
    assert (out["seed"], out["prompt"]) == (12, "static sea")
    again = [studio.perform(studio.spec({"seed": "integer"}), prompt=p)["seed"] for p in ("one", "two")]
    assert again[0] == again[1]


def test_a_length_in_the_answer_is_the_length_of_the_file(studio):
    spec = studio.spec(
        {"audio": "audio", "duration_ms": "integer", "duration": "number"}, Facts(seconds=0.25)
    )
    out = studio.perform(spec, prompt="hi")
    assert (out["duration_ms"], out["duration"]) == (250, 0.25)


@pytest.mark.parametrize(
    ("id_schema", "told_apart"),
    [
        ({"type": "string"}, True),
        ({"type": "string", "maxLength": 40}, True),
        ({"type": "string", "maxLength": 0}, False),
        ({"type": "string", "minLength": 30}, False),
        ({"type": "string", "enum": ["a", "b"]}, False),
        ({"type": "string", "format": "uuid"}, False),
        ({"type": "integer", "minimum": 1, "maximum": 3}, False),
    ],
)
def test_ids_are_told_apart_where_the_schema_leaves_room(id_schema, told_apart):
    shot = {"type": "object", "properties": {"id": id_schema}, "required": ["id"]}
    made = StandIn(WORDS, Dice(1)).of_schema({"type": "array", "items": shot, "minItems": 2, "maxItems": 2})
    ids = [item["id"] for item in made]
    assert (ids == ["id-1", "id-2"]) is told_apart
    assert all(accepts(id_schema, value) for value in ids if "format" not in id_schema)
