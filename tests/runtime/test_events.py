"""The event stream: documented, and the same as JSON."""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from callsheet.runtime.events import Event, NodeFinished, RunFinished, RunStarted, to_json

CLASSES = {cls.event: cls for cls in get_args(Event)}
PAGE = (Path(__file__).parents[2] / "docs/events.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def test_every_event_is_documented_in_order():
    assert list(SECTIONS) == list(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_every_field_is_documented(name):
    rows = re.findall(r"^\| (`.*?) \|", SECTIONS[name], re.MULTILINE)
    documented = re.findall(r"`(\w+)`", " ".join(rows))
    assert sorted(documented) == sorted(f.name for f in fields(CLASSES[name]))


def test_the_example_is_what_is_written():
    (block,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines():
        values = json.loads(line)
        cls = CLASSES[values.pop("event")]
        files = {"files": tuple(values["files"])} if "files" in values else {}
        assert to_json(cls(**{**values, **files})) == line


def test_the_first_line_carries_the_version_first():
    line = to_json(RunStarted("film", "film.yaml", "preview", 1, 0.0, 0))
    assert line.startswith('{"event": "run_started", "version": 1, ')


def test_a_line_is_one_line_whatever_is_in_it():
    line = to_json(NodeFinished('clip["日\n出"]', "x", 1.0, 0.0, ("a\u2028b",)))
    assert "\n" not in line
    assert json.loads(line)["address"] == 'clip["日\n出"]'


def test_outputs_may_be_empty_but_are_there():
    assert '"outputs": {}' in to_json(RunFinished("done"))
