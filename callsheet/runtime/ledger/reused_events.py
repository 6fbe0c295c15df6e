"""Leaves out of the events of old runs which instances they only reused; how many there were stays.

A run names every instance that it takes from the store: in a month of edits, that is most of a ledger.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from callsheet import failpoints
from callsheet.runtime.ledger.database import FAILURES, explained, open_ledger
from callsheet.runtime.store.transaction import transaction

WHOLE: Final = 10
"""The newest runs of each pipeline, whose events stay whole."""
OLD: Final = (
    "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY pipeline ORDER BY id DESC) AS age FROM runs)"
    " WHERE age > ? ORDER BY id"
)
SAID: Final = "SELECT number, line FROM events WHERE run = ? ORDER BY number"


def forget_reused(path: Path) -> int:
    """Shorten the events of all but the newest runs, and give what the file does not need back to the disk.

    Attempts, requests, results and bills stay as they are. The caller owns the project: no run is at work.
    Returns by how many bytes the file is smaller. Raises LedgerError.
    """
    before = path.stat().st_size
    with closing(open_ledger(path)) as ledger:
        try:
            with transaction(ledger):
                for (run,) in ledger.execute(OLD, (WHOLE,)).fetchall():
                    _shorten(ledger, run)
                failpoints.reach("gc.before_commit")
            failpoints.reach("gc.after_commit")
            ledger.execute("VACUUM")
            failpoints.reach("gc.after_vacuum")
            ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except FAILURES as error:
            raise explained(error, path) from error
    return before - path.stat().st_size


def _shorten(ledger: sqlite3.Connection, run: int) -> None:
    lines = ledger.execute(SAID, (run,)).fetchall()
    kept = dict(shortened(lines))
    gone = [(run, number) for number, _ in lines if number not in kept]
    changed = [(kept[number], run, number) for number, line in lines if kept.get(number, line) != line]
    ledger.executemany("DELETE FROM events WHERE run = ? AND number = ?", gone)
    ledger.executemany("UPDATE events SET line = ? WHERE run = ? AND number = ?", changed)


def shortened(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Numbered events without what they say of single reused instances. A run of the first version has one
    event for each of them: together they become one `run_reused`."""
    reused = [number for number, line in lines if _is_reused(json.loads(line))]
    for number, line in lines:
        event = json.loads(line)
        if number in reused[:1]:
            yield number, _text({"event": "run_reused", "count": len(reused), "nodes": {}, "files": {}})
        elif not _is_reused(event):
            short = _short(event)
            yield number, line if short == event else _text(short)


def _is_reused(event: dict[str, Any]) -> bool:
    return event.get("event") == "node_finished" and bool(event.get("reused"))


def _short(event: dict[str, Any]) -> dict[str, Any]:
    if event.get("event") == "run_reused":
        return {**event, "files": {}}
    if "instances" in event:
        return {**event, "instances": [one for one in event["instances"] if one.get("action") != "reuse"]}
    return event


def _text(event: dict[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False)
