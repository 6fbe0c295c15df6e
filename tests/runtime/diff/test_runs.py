"""Two runs of a project compared by what the ledger has of them, in every version of its event log."""

import json
from dataclasses import replace
from typing import Any

import pytest

from callsheet.runtime.diff.runs import compare_runs
from callsheet.runtime.events import NodeFinished, RunReused, RunStarted, to_json
from callsheet.runtime.ledger import Attempt, Run

FIRST, SECOND = (Run(number, f"film-{number}", "", None, 0.0, 1.0, "done", 1) for number in (1, 2))
BOUGHT = [
    Attempt(i, f"{i}" * 64, 1, "COMMITTED", "fal", "x", 1, 1, address, "t", "{}", False, {}, 90_000, 0.0)
    for i, address in enumerate(("still", "clip"))
]
VERSION_1 = [
    '{"event": "run_started", "version": 1, "pipeline": "film", "path": "film.yaml", "mode": "run",'
    ' "total": 1, "usd": 0.0, "unpriced": 0}',
    '{"event": "node_finished", "address": "still", "uses": "x", "seconds": 0.0, "usd": 0.0, "reused": true}',
]
VERSION_2 = [
    to_json(RunStarted("film", "film.yaml", "run", 1, 0.0, 0)),
    to_json(RunReused(1, {"still": 1}, {"still": ()})),
]


class Ledger:
    """The part of a ledger that a comparison reads; the second run bought nothing."""

    def __init__(self, log: list[str]) -> None:
        first = [to_json(NodeFinished(a.address, "x", 1.0, 0.09)) for a in BOUGHT]
        self.logs = {1: first, 2: log}

    def attempts(self) -> list[Attempt]:
        return BOUGHT

    def events(self, run: int) -> list[str]:
        return self.logs[run]

    def spent(self, run: int) -> int:
        return 180_000 if run == 1 else 0


@pytest.mark.parametrize("log", [VERSION_1, VERSION_2], ids=["1", "2"])
def test_what_a_run_reused_is_the_same_and_what_it_left_out_is_gone(log: list[str]) -> None:
    ledger: Any = Ledger(log)
    changes = compare_runs(ledger, FIRST, SECOND)
    assert changes.same == 1
    assert [(call.address, call.reason) for call in changes.calls] == [("clip", "gone")]
    assert changes.usd == (0.18, 0.0)


def test_what_was_taken_from_elsewhere_is_neither_new_nor_gone() -> None:
    """The ledger knows nothing of what came from a shared store."""
    ledger: Any = Ledger([to_json(RunReused(2, {"still": 1, "clip": 1}, {"still": (), "clip": ()}))])
    ledger.attempts = lambda: [attempt for attempt in BOUGHT if attempt.address == "still"]
    assert compare_runs(ledger, FIRST, SECOND).calls == ()
    again = replace(BOUGHT[1], run=2)
    ledger.attempts = lambda: [BOUGHT[0], again]
    (change,) = compare_runs(ledger, FIRST, SECOND).calls
    assert change.reason == "made again; the result before was not bought here"


def test_the_log_of_a_reuse_names_its_version_and_its_counts() -> None:
    started, reused = map(json.loads, VERSION_2)
    assert started["version"] == 2 and reused["nodes"] == {"still": 1}
