"""Answers of language models: what is taken, what is put right, what is refused."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source
from callsheet.dsl.syntax.type_parser import declare
from callsheet.dsl.yaml.reader import read_yaml
from callsheet.nodes.preview.random import Dice
from callsheet.nodes.preview.writer import Writer
from callsheet.nodes.text.llm.answer import AnswerError, fields_of, text_of
from callsheet.nodes.text.llm.json_schema import json_schema
from callsheet.spec.types import Record

SCRIPT = """
title: {type: string, description: at most four words}
mood: {enum: [calm, tense]}
note: string?
pace: {type: number, default: 1.5}
shots:
  type: list
  minimum: 1
  maximum: 3
  items: {id: string, prompt: string, seconds: {type: integer, minimum: 2, maximum: 8}}
"""
GOOD = {"title": "Lamp", "mood": "calm", "shots": [{"id": "dusk", "prompt": "stairs", "seconds": 4}]}
READ = {**GOOD, "pace": 1.5}
TEXT = json.dumps(GOOD)


def fields(text: str) -> Record:
    from pathlib import Path

    report = Report()
    node = read_yaml(Source(Path("x.yaml"), text), report)
    made = Record({name: declare(value, report) for name, _, value in node})
    assert not report.failed, report.sorted()
    return made


@pytest.fixture(scope="module")
def script() -> Record:
    return fields(SCRIPT)


@pytest.mark.parametrize(
    "answer",
    [
        TEXT,
        f"\ufeff \n{TEXT}\n",
        f"```json\n{TEXT}\n```",
        f"Here you are:\n```\n{TEXT}\n```\nEnjoy!",
        f"Sure! {TEXT} Anything else?",
        TEXT.replace("}]", ",}, ]").replace('"calm"', '"calm"'),
        TEXT.replace('"Lamp"', '"Lamp", "extra": [1]'),
        TEXT.replace('"Lamp"', '"Lamp", "note": null, "pace": null'),
        TEXT.replace(" 4}", " 4.0}"),
    ],
)
def test_slips_that_change_no_meaning_are_put_right(script, answer):
    assert fields_of(answer, script) == READ


def test_text_inside_is_left_as_it_is(script):
    evil = "${{ inputs.key }} ${% if x %} !!python/object:os.system {,} [1,] ``` \\u0000 <b>"
    answer = json.dumps({**GOOD, "title": evil})
    assert fields_of(f"```json\n{answer}\n```" if "```" not in evil else answer, script)["title"] == evil


def test_one_list_may_come_bare():
    shots = fields("shots: {type: list, items: {id: string}}")
    assert fields_of('[{"id": "a"}]', shots) == {"shots": [{"id": "a"}]}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("Sure! I would love to.", "is not JSON"),
        (f"{TEXT} and {TEXT}", "is not JSON"),
        (f"```\n{TEXT}\n```\n```\n{TEXT}\n```", "is not JSON"),
        (TEXT[:-5], "is not JSON"),
        ("x" * 1_000_001, "has 1,000,001 characters; at most 1,000,000 are taken"),
        ("[" * 5000 + "]" * 5000, "nests deeper than 100"),
        ('{"title": NaN}', "holds NaN"),
        ('{"title": "a", "title": "b"}', "names the same field twice"),
        ("3", "is JSON, but not an object with title, mood, note, pace, shots"),
        ("[]", "is JSON, but not an object with"),
        ('{"a": 1}', "does not fit: the field `title` (string) is missing"),
        (TEXT.replace("calm", "loud"), 'does not fit: mood: "loud" is not one of "calm", "tense"'),
        (TEXT.replace(" 4}", ' "4"}'), 'does not fit: shots[0].seconds: "4" is not an integer'),
        (TEXT.replace(" 4}", " 9}"), "does not fit: shots[0].seconds: 9 is outside 2 to 8"),
        (TEXT.replace(" 4}", " 4.5}"), "shots[0].seconds: 4.5 is not an integer"),
        (TEXT.replace('"calm"', '"calm", "pace": 1e999'), "holds a number that is not finite"),
        (TEXT.replace("Lamp", "\\ud83d"), "half a character"),
        (json.dumps({**GOOD, "shots": []}), "shots: 0 elements; at least 1 needed"),
        (json.dumps({**GOOD, "shots": GOOD["shots"] * 4}), "shots: 4 elements; at most 3 taken"),
        (json.dumps({**GOOD, "shots": "none"}), 'shots: "none" is not a list'),
        (json.dumps({**GOOD, "title": None}), "title: null is not text"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(script, answer, says):
    with pytest.raises(AnswerError) as caught:
        fields_of(answer, script)
    assert says in str(caught.value)


def test_an_answer_in_words():
    assert text_of(" as it came \n") == " as it came \n"
    for answer, says in ((" ", "is empty"), ("x" * 2_000_000, "2,000,000 characters"), ("\ud800", "half")):
        with pytest.raises(AnswerError, match=says):
            text_of(answer)


def test_the_form_that_models_are_given(script):
    form = json_schema(script)
    assert form["required"] == ["title", "mood", "note", "pace", "shots"] and not form["additionalProperties"]
    assert form["properties"]["title"] == {"type": "string", "description": "at most four words"}
    assert form["properties"]["mood"] == {"enum": ["calm", "tense"]}
    assert form["properties"]["note"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert {"minItems": 1, "maxItems": 3}.items() <= form["properties"]["shots"].items()
    assert form["properties"]["shots"]["items"]["properties"]["seconds"]["maximum"] == 8


NAMES = st.sampled_from(["title", "mood", "note", "pace", "shots", "id", "prompt", "seconds", "x"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_whatever_is_taken_fits(value):
    script = fields(SCRIPT)
    answer = json.dumps(value)
    try:
        read = fields_of(answer, script)
    except AnswerError as error:
        assert str(error)
    else:
        assert set(read) <= set(script.fields) and fields_of(json.dumps(read), script) == read


@given(st.text(alphabet='{}[]",:\\` \njson1ae-', max_size=120))
def test_garbage_is_refused_or_read(text):
    try:
        fields_of(text, fields("a: json?"))
    except AnswerError as error:
        assert str(error)


@pytest.mark.parametrize(
    "piece", ["{", "[", '"', ",", "```\n", "```json\n{", '{"a":', "\\", '"\\', "},", ", "]
)
def test_hostile_answers_take_no_time(piece):
    began = time.process_time()
    with pytest.raises(AnswerError):
        fields_of(piece * (400_000 // len(piece)), fields("a: string"))
    assert time.process_time() - began < 3


@given(st.text(max_size=80), st.integers())
def test_what_stands_in_fits_and_says_so(prompt, seed):
    script = fields(SCRIPT)
    answer = Writer(prompt, Dice(seed)).answer(json_schema(script))
    read = fields_of(json.dumps(answer), script)
    assert read["title"].startswith("Preview")
    assert len({shot["id"] for shot in read["shots"]}) == len(read["shots"]) == 3
