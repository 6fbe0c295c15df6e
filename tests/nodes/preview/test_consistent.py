"""Invented answers that agree with themselves and with later nodes."""

from __future__ import annotations

import itertools

import pytest

from callsheet.nodes.preview.consistent import consistent
from callsheet.nodes.preview.random import Dice
from callsheet.nodes.preview.writer import Writer
from callsheet.spec.look_up import LookUp

TEXT = {"type": "string"}
NUMBER = {"type": "number"}


def answer(properties, look_ups=None, prompt="four lines", **bounds):
    items = {"type": "object", "properties": properties}
    schema = {"type": "object", "properties": {"lines": {"type": "array", "items": items, **bounds}}}
    made = Writer(prompt, Dice(1)).answer(schema)
    return consistent(made, schema, Dice(2), look_ups or {})["lines"]


@pytest.mark.parametrize(
    ("first", "last"),
    [("start", "end"), ("begin", "end"), ("from", "to"), ("start_seconds", "end_seconds"), ("in", "out")],
)
def test_spans_follow_each_other(first, last):
    lines = answer({"id": TEXT, first: NUMBER, last: NUMBER})
    assert lines[0][first] == 0
    assert all(line[first] < line[last] for line in lines)
    assert all(a[last] == b[first] for a, b in itertools.pairwise(lines))


def test_spans_stay_within_their_bounds():
    bounded = {"type": "number", "minimum": 2, "maximum": 10}
    lines = answer({"start": bounded, "end": bounded})
    assert all(2 <= line["start"] < line["end"] <= 10 for line in lines)


def test_whole_numbers_stay_whole():
    whole = {"type": "integer"}
    lines = answer({"start": whole, "end": whole})
    assert all(type(line["end"]) is int and line["end"] > line["start"] for line in lines)


def test_lengths_fill_the_time_line():
    lines = answer({"at": NUMBER, "duration": NUMBER})
    assert all(
        b["at"] == pytest.approx(a["at"] + a["duration"], abs=0.01) for a, b in itertools.pairwise(lines)
    )


@pytest.mark.parametrize(("low", "high"), [("min", "max"), ("low_price", "high_price"), ("lower", "upper")])
def test_the_larger_is_larger(low, high):
    schema = {"type": "object", "properties": {low: NUMBER, high: NUMBER}}
    made = consistent({low: 0.7, high: 0.2}, schema, Dice(1), {})
    assert made[low] < made[high]


def test_a_parent_is_an_earlier_element():
    lines = answer({"id": TEXT, "parent": TEXT})
    assert [line["parent"] for line in lines] == ["", "line1", "line2", "line3"]
    nullable = {"anyOf": [TEXT, {"type": "null"}]}
    assert answer({"id": TEXT, "parent": nullable})[0]["parent"] is None


def test_texts_are_keys_where_later_nodes_look_them_up():
    look_ups = {("lines", "who"): LookUp(("keeper", "pilot")), ("lines", "like"): LookUp(siblings=True)}
    lines = answer({"id": TEXT, "who": TEXT, "like": TEXT}, look_ups)
    assert [line["who"] for line in lines] == ["keeper", "pilot", "keeper", "pilot"]
    assert [line["like"] for line in lines] == ["", "line1", "line2", "line3"]


def test_a_single_text_is_a_key_too():
    schema = {"type": "object", "properties": {"best": TEXT, "why": TEXT}}
    made = consistent({"best": "x", "why": "y"}, schema, Dice(1), {("best",): LookUp(("a", "b"))})
    assert made == {"best": "a", "why": "y"}


def test_what_agrees_already_stays():
    schema = {"type": "object", "properties": {"title": TEXT, "min": NUMBER, "max": NUMBER, "seed": NUMBER}}
    value = {"title": "A night", "min": 1, "max": 2, "seed": 0}
    assert consistent(dict(value), schema, Dice(1), {}) == value
