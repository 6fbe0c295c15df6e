"""OpenAPI documents as providers write them: what they mean, and what they cannot do."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.emulator.api.openapi import document
from callsheet.nodes.catalogue import catalogue
from callsheet.nodes.catalogue.build import build
from callsheet.nodes.openapi.document import record_of
from callsheet.nodes.openapi.drift import drift
from callsheet.nodes.registry import Registry

UNTOLD = {"fal-ai/ffmpeg-api/metadata", "bria/video/increase-resolution"}
"""Outputs that are one of two objects with a URL; a document cannot tell these from a file."""


def of(inputs: dict[str, Any], outputs: dict[str, Any] | None = None, **schemas: Any) -> dict[str, Any]:
    """The record of a document with these properties."""
    made = outputs or {"video": {"$ref": "#/components/schemas/File"}}
    file = {"type": "object", "properties": {"url": {"type": "string"}, "content_type": {"type": "string"}}}
    both = {
        "XInput": {"type": "object", "properties": inputs},
        "XOutput": {"type": "object", "properties": made, "required": list(made)},
        "File": file,
        **schemas,
    }
    return record_of("acme/x", {"components": {"schemas": both}})


def test_every_endpoint_of_the_catalogue_comes_back_as_it_was() -> None:
    registry = Registry()
    checked = 0
    for entry in registry.entries():
        spec = registry.find(entry.uses) if catalogue.record(entry.uses) else None
        if spec is None or spec.provider != "fal" or spec.uses in UNTOLD:
            continue
        again = build(record_of(spec.uses, document(spec), catalogue.record(spec.uses)))
        assert not drift(spec, again), spec.uses
        assert again.roles == spec.roles and list(again.inputs) == list(spec.inputs)
        checked += 1
    assert checked > 1000


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        ({"type": "string"}, {"type": "string"}),
        ({"type": "string", "enum": ["8s"]}, {"type": "string", "enum": ["8s"]}),
        ({"type": "integer", "enum": [5, 10]}, {"type": "integer", "enum": [5, 10]}),
        ({"const": "fixed"}, {"type": "string", "enum": ["fixed"]}),
        ({"type": "string", "enum": ["a", None]}, {"type": "string", "enum": ["a"]}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}], "default": 3}, {"type": "integer", "default": 3}),
        ({"type": "integer", "default": "3"}, {"type": "integer"}),
        ({"type": "number", "minimum": 0, "maximum": 1}, {"type": "number", "minimum": 0, "maximum": 1}),
        ({"type": "string", "minimum": 0}, {"type": "string"}),
        ({"allOf": [{"$ref": "#/components/schemas/Size"}]}, {"type": "string", "enum": ["s", "m"]}),
        ({"$ref": "#/components/schemas/Loop"}, {"type": "json"}),
        ({"$ref": "#/elsewhere"}, {"type": "json"}),
        ({"type": "array", "items": {"type": "string"}}, {"type": "list", "item": {"type": "string"}}),
        (
            {"oneOf": [{"$ref": "#/components/schemas/Size"}, {"type": "integer"}]},
            {"type": "any", "any": [{"type": "string", "enum": ["s", "m"]}, {"type": "integer"}]},
        ),
    ],
)
def test_a_schema_is_a_field(schema: dict[str, Any], field: dict[str, Any]) -> None:
    found = of({"x": schema}, Size={"enum": ["s", "m"]}, Loop={"$ref": "#/components/schemas/Loop"})
    assert found["inputs"]["x"] == field


def test_media_are_known_by_their_names() -> None:
    inputs = {
        n: {"type": "string"} for n in ("image_url", "tail_image_url", "audio_url", "webhook_url", "prompt")
    }
    many = {"image_urls": {"type": "array", "items": {"type": "string"}}}
    found = of({**inputs, **many})["inputs"]
    assert [found[n]["type"] for n in (*inputs, "image_urls")] == [
        "image",
        "image",
        "audio",
        "string",
        "string",
        "list",
    ]
    assert found["image_urls"]["item"] == {"type": "image"}
    assert build(of({**inputs, **many})).roles["tail_image_url"] == "last_frame"


def test_names_that_are_none_are_left_out() -> None:
    names = ["ok", "", "a" * 101, "has space", "x\n", "${{ x }}", "9"]
    assert list(of({name: {"type": "string"} for name in names})["inputs"]) == ["ok"]


def test_an_order_of_what_are_no_names_is_none() -> None:
    schema = {"properties": {"b": {"type": "string"}, "a": {"type": "string"}}, "required": [["a"], "a"]}
    stated = {"x-fal-order-properties": [["a"], {"b": 1}, "a"], **schema}
    found = of({}, XInput={"type": "object", **stated})["inputs"]
    assert list(found) == ["a", "b"] and found["a"]["required"] and "required" not in found["b"]


def test_parts_that_all_require_the_same_do_not_add_up() -> None:
    part = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"] * 3000}
    whole = {"allOf": [{"$ref": "#/components/schemas/Part"}] * 3000}
    began = time.process_time()
    found = of({}, XInput=whole, Part=part)["inputs"]
    assert found == {"a": {"type": "string", "required": True}} and time.process_time() - began < 10


def test_many_fields_and_deep_ones_end_somewhere() -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(60):
        deep = {"type": "object", "properties": {"x": deep}}
    assert "json" in repr(of({"deep": deep})["inputs"]["deep"])
    assert len(of({f"p{i}": {"type": "string"} for i in range(5000)})["inputs"]) == 500
    again = {"$ref": "#/components/schemas/Around"}
    many = {"allOf": [again, again, again], "anyOf": [again, again], "properties": {"a": again, "b": again}}
    assert of({"x": again}, Around=many)["inputs"]["x"]["type"] in ("json", "record")
    around = {"type": "array", "items": {"$ref": "#/components/schemas/Around"}}
    assert "json" in repr(of({"x": {"$ref": "#/components/schemas/Around"}}, Around=around)["inputs"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["type", "properties", "items", "anyOf", "allOf", "$ref", "enum", "required", "default", "a_url",
             "components", "schemas", "XInput", "XOutput", "paths", "info", "const"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=30,
)  # fmt: skip


@given(JSON, JSON)
def test_no_document_is_a_surprise(taken: object, made: object) -> None:
    whole = {"components": {"schemas": {"XInput": taken, "XOutput": made}}, "paths": taken, "info": made}
    assert build(record_of("acme/x", whole)).uses == "acme/x"
