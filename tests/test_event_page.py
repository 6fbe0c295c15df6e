"""docs/events.md says what the events are."""

import json
import runpy
import sys
from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import get_args

from callsheet.runtime.events import Event

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "pages" / "events.py"))


def test_every_event_has_one_example() -> None:
    assert Counter(map(type, SCRIPT["EXAMPLES"])) == Counter(get_args(Event))


def test_no_words_are_left_over() -> None:
    used = {f"{kind.event}.{field.name}" for kind in get_args(Event) for field in fields(kind)}
    used |= {name.partition(".")[2] for name in used}
    assert set(SCRIPT["FIELDS"]) <= used


def test_an_example_is_one_line_of_json_with_the_name_first() -> None:
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    lines = [json.loads(block.split("\n```")[0]) for block in page.split("```json\n")[1:]]
    assert [line["event"] for line in lines] == [kind.event for kind in get_args(Event)]
    assert all(next(iter(line)) == "event" for line in lines)
    assert [line for line in lines if "version" in line] == [lines[0], lines[-1]]
