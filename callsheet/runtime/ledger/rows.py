"""Converts rows of the tables to values and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from callsheet.runtime.ledger.connection import Connection
from callsheet.runtime.ledger.records import Attempt, Billed, Change, Chargeable, Intent, Kept, Run, Upload
from callsheet.runtime.ledger.states import FREE, State

OF_THE_CALL: Final = ("provider", "endpoint", "take")


def _columns(record: type[Attempt] | type[Chargeable]) -> str:
    return ", ".join(f"{'c' if f.name in OF_THE_CALL else 'a'}.{f.name}" for f in fields(record))


COLUMNS: Final = _columns(Attempt)
OF_A_BILL: Final = _columns(Chargeable)
RETURNED: Final = ", ".join(
    f"(SELECT c.{f.name} FROM calls c WHERE c.key = CAST(attempts.key AS TEXT))"
    if f.name in OF_THE_CALL
    else f.name
    for f in fields(Attempt)
)
"""The columns of an attempt, of a row of `attempts` that was written. SQLite forgets the type of what a
statement returns: without the cast it reads every call to find one."""
FROM: Final = f"SELECT {COLUMNS} FROM attempts a JOIN calls c ON c.key = a.key"

MOMENTS: Final[Mapping[State, str]] = {
    "SENDING": "sending",
    "ACCEPTED": "accepted",
    "RESULT": "resulted",
    "COMMITTED": "ended",
    "REJECTED": "ended",
    "ABSENT": "ended",
    "LOST": "ended",
    "FAILED": "ended",
    "CANCELLED": "ended",
}
"""State → the column that says when it was reached."""


class Malformed(Exception):
    """What a row holds was not written by callsheet."""


def attempts(rows: Iterable[Sequence[object]]) -> list[Attempt]:
    """Attempts from rows of `FROM`."""
    return [_attempt(list(row)) for row in rows]


def run(row: Sequence[object]) -> Run:
    """A run from a row of all its columns."""
    return Run(**dict(zip(_RUN_NAMES, row, strict=True)))  # type: ignore[arg-type]


def kept(row: Sequence[object]) -> Kept:
    """A file from a row."""
    return Kept(*row)  # type: ignore[arg-type]


def billed(row: Sequence[object]) -> Billed:
    """A bill from a row."""
    endpoint, body, inputs, actual, at = row
    return Billed(str(endpoint), str(body), json.loads(str(inputs)), actual, at)  # type: ignore[arg-type]


def upload(row: Sequence[object]) -> Upload:
    """An upload from a row."""
    return Upload(*row)  # type: ignore[arg-type]


def asked(intent: Intent, number: int, now: float) -> dict[str, object]:
    """The columns of a new attempt."""
    values = {name: getattr(intent, name) for name in Intent.__slots__ if name not in OF_THE_CALL}
    values["inputs"] = json.dumps(dict(intent.inputs), sort_keys=True)
    values["nonce"] = int(intent.nonce)
    return {**values, "number": number, "state": "INTENT", "created": now}


def news(before: State, to: State, change: Change, now: float) -> dict[str, object]:
    """The columns that a step sets: what became known, when, and which money it counts."""
    values = known(change)
    if to in MOMENTS and to != before:
        values[MOMENTS[to]] = now
    if to in FREE or (before, to) == ("INTENT", "CANCELLED"):
        values["actual"] = 0
    if before in ("LOST", "FAILED"):
        values["ended"] = None
    if to in ("RESULT", "COMMITTED") or before in ("LOST", "FAILED"):
        values = {"error_kind": "", "error": "", **values}
    return {"state": to, **values}


def known(change: Change) -> dict[str, object]:
    """The columns of what became known."""
    values = ((name, getattr(change, name)) for name in Change.__slots__)
    return {name: value for name, value in values if value is not None}


def select(connection: Connection, where: str, *values: object) -> list[Attempt]:
    """The attempts for which `where` holds."""
    return attempts(connection.execute(f"{FROM} WHERE {where}", values))


def chargeable(connection: Connection, where: str, *values: object) -> list[Chargeable]:
    """What concerns the bills of the attempts for which `where` holds, oldest first."""
    query = f"SELECT {OF_A_BILL} FROM attempts a JOIN calls c ON c.key = a.key WHERE {where} ORDER BY a.id"
    return [Chargeable(*row) for row in connection.execute(query, values)]


_NAMES: Final = tuple(f.name for f in fields(Attempt))
_INPUTS, _NONCE = _NAMES.index("inputs"), _NAMES.index("nonce")
_RUN_NAMES: Final = tuple(f.name for f in fields(Run))
RUN_COLUMNS: Final = ", ".join(_RUN_NAMES)


def _attempt(values: list[Any]) -> Attempt:
    """The attempt of a row's values, in their order: with their names it takes three times as long."""
    try:
        values[_INPUTS] = json.loads(str(values[_INPUTS]))
    except ValueError as error:
        raise Malformed("the row of an attempt is malformed") from error
    values[_NONCE] = bool(values[_NONCE])
    return Attempt(*values)
