"""No name that other programs rely on goes away: failpoints, codes of diagnostics, events with their fields.

UPDATE_GOLDEN=1 writes down the names for a version that has none yet; it never changes what is there.
"""

from __future__ import annotations

import json
import os
from dataclasses import fields
from typing import Any, get_args

import pytest

from callsheet import failpoints
from callsheet.runtime.events import Event
from callsheet.spec.rules.catalogue import by_subject


def names() -> dict[str, Any]:
    """The names of this version."""
    return {
        "failpoints": list(failpoints.NAMES),
        "diagnostics": [rule.code for rules in by_subject().values() for rule in rules],
        "events": {kind.event: [field.name for field in fields(kind)] for kind in get_args(Event)},
    }


@pytest.fixture
def before(found: Any) -> Any:
    """The names of the version that made the project."""
    golden = found.golden / "names.json"
    if "UPDATE_GOLDEN" in os.environ and not golden.exists():
        golden.write_text(json.dumps(names(), indent=1) + "\n", encoding="utf-8")
    return json.loads(golden.read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", ["failpoints", "diagnostics"])
def test_every_name_is_there(kind: str, before: Any) -> None:
    assert set(before[kind]) - set(names()[kind]) == set()


def test_every_event_is_there_with_its_fields(before: Any) -> None:
    now = names()["events"]
    gone = {event: set(known) - set(now.get(event, ())) for event, known in before["events"].items()}
    assert {event for event in gone if event not in now or gone[event]} == set()


def test_the_log_of_an_earlier_run_has_the_events_and_fields_of_now(found: Any) -> None:
    now = names()["events"]
    lines = [json.loads(line) for (line,) in found.rows("SELECT line FROM events")]
    assert len({line["event"] for line in lines}) >= 6
    for line in lines:
        assert set(line) <= {"event", *now[line["event"]]}
