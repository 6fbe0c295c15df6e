"""Stand-ins for a language model's answers: lists of the asked length, ids that can be keys."""

from __future__ import annotations

import pytest

from callsheet.nodes.preview.random import Dice
from callsheet.nodes.preview.writer import Writer

TEXT = {"type": "string"}
SHOT = {"type": "object", "properties": {"id": TEXT, "prompt": TEXT, "duration": {"type": "number"}}}
SHOTS = {"type": "object", "properties": {"shots": {"type": "array", "items": SHOT}}}


def shots(prompt, **bounds):
    schema = {"type": "object", "properties": {"shots": {"type": "array", "items": SHOT, **bounds}}}
    return Writer(prompt, Dice(1)).answer(schema)["shots"]


@pytest.mark.parametrize(
    ("prompt", "bounds", "count"),
    [
        ("a lighthouse", {}, 3),
        ("five shots of a lighthouse", {}, 5),
        ("Write 12 short cinematic shots", {}, 12),
        ("five shots", {"maxItems": 4}, 4),
        ("a shot", {"minItems": 6}, 6),
        ("999 shots", {}, 50),
    ],
)
def test_how_many(prompt, bounds, count):
    assert len(shots(prompt, **bounds)) == count


def test_each_is_one_of_its_kind():
    found = shots("five shots of a keeper who climbs the stair of the lighthouse at night")
    assert [shot["id"] for shot in found] == ["shot1", "shot2", "shot3", "shot4", "shot5"]
    assert [shot["prompt"].split(":")[0] for shot in found] == [f"Preview {i}" for i in range(1, 6)]
    assert all(4 <= shot["duration"] <= 8 for shot in found)


def test_lists_in_lists_have_ids_of_their_own():
    acts = {"type": "array", "items": {"type": "object", "properties": {"id": TEXT, **SHOTS["properties"]}}}
    found = Writer("two acts of two shots", Dice(1)).answer({"type": "object", "properties": {"acts": acts}})
    assert [act["id"] for act in found["acts"]] == ["act1", "act2"]
    assert [shot["id"] for act in found["acts"] for shot in act["shots"]] == [
        "shot1-1", "shot1-2", "shot2-1", "shot2-2",
    ]  # fmt: skip


def test_the_same_each_time():
    assert shots("a lighthouse") == shots("a lighthouse")
