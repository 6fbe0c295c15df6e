"""The event stream: documented, and the same as JSON."""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from callsheet.runtime.events import (
    STAMP,
    Event,
    NodeFinished,
    NodeSkipped,
    Planned,
    RunFinished,
    RunStarted,
    Stream,
    to_json,
)

CLASSES = {cls.event: cls for cls in get_args(Event)}
PAGE = (Path(__file__).parents[2] / "docs/events.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def test_every_event_is_documented_in_order():
    assert list(SECTIONS) == list(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_every_field_is_documented(name):
    rows = re.findall(r"^\| (`.*?) \|", SECTIONS[name], re.MULTILINE)
    documented = re.findall(r"`(\w+)`", " ".join(rows))
    assert sorted(documented) == sorted({f.name for f in fields(CLASSES[name])} - {*STAMP})


def test_the_example_is_what_is_written():
    (block,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines():
        values = json.loads(line)
        cls = CLASSES[values.pop("event")]
        files = {"files": tuple(values["files"])} if "files" in values else {}
        instances = {"instances": tuple(Planned(**one) for one in values.get("instances", ()))}
        assert to_json(cls(**values | files | (instances if "instances" in values else {}))) == line


def test_the_first_line_carries_the_version_first():
    line = to_json(RunStarted("film", "film.yaml", "preview", 1, 0.0, 0))
    assert line.startswith('{"event": "run_started", "version": 2, ')


def test_a_line_is_one_line_whatever_is_in_it():
    line = to_json(NodeFinished('clip["日\n出"]', "x", 1.0, 0.0, ("a\u2028b",)))
    assert "\n" not in line
    assert json.loads(line)["address"] == 'clip["日\n出"]'


def test_outputs_may_be_empty_but_are_there():
    assert '"outputs": {}' in to_json(RunFinished("done"))


def test_every_event_carries_the_run_the_time_and_its_number():
    first, second = [], []
    stream = Stream(first.append, "film")
    stream(RunStarted("film", "film.yaml", "run", 1, 0.0, 0))
    stream.run = "film-3"
    stream.add_reader(second.append)
    stream(NodeSkipped("clip"))
    assert [(event.run, event.number) for event in first] == [("film", 1), ("film-3", 2)]
    assert second == first[1:] and first[0].time <= first[1].time
    assert list(json.loads(to_json(second[0]))) == ["event", "run", "time", "number", "address"]


def test_an_event_that_is_told_again_leaves_the_first_one_as_it_was():
    told = []
    stream = Stream(told.append, "film")
    for _ in range(2):
        stream(told[0] if told else NodeSkipped("clip"))
    assert [event.number for event in told] == [1, 2]
    assert told[0] == told[1] == NodeSkipped("clip")
