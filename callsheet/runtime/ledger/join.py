"""Takes everything that another ledger has into this one, in one transaction.

Ids are given anew. What came before is known by the tokens of its attempts and by when its runs began, so a
second time does nothing. An attempt that only intends to send stays where it is: nothing was bought with it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from callsheet import failpoints
from callsheet.runtime.ledger import operations
from callsheet.runtime.ledger.connection import Connection
from callsheet.runtime.ledger.database import FAILURES, explained, open_ledger, open_to_read
from callsheet.runtime.ledger.records import LedgerError
from callsheet.runtime.ledger.states import SENT
from callsheet.runtime.store.transaction import transaction

Row = dict[str, Any]
TABLES: Final = ("runs", "calls", "attempts", "artifacts", "uploads", "events", "frozen")
"""What is taken over; `steps` is the same in every ledger."""
BEGIN: Final = "attempts_begin"
"""The trigger that lets an attempt begin in one state only."""
SAME_RUN: Final = "SELECT id FROM runs WHERE pipeline = ? AND started = ? AND pid = ?"
RUNS_OF: Final = "SELECT count(*) FROM runs WHERE rtrim(name, '0123456789') = ?"


@dataclass(frozen=True, slots=True)
class Joined:
    """What is new in this ledger: how many runs and attempts."""

    runs: int
    attempts: int


class LiveInBoth(LedgerError):
    """Both ledgers have a request under way for the same key. addresses: of their instances."""

    def __init__(self, addresses: Sequence[str]) -> None:
        named = ", ".join(addresses)
        super().__init__(
            f"requests for the same results are under way in both projects: {named}",
            "nothing was changed; end them in one of the two first: callsheet resume --fetch-only,"
            " or callsheet reconcile",
        )
        self.addresses = tuple(addresses)


def join(into: Path, source: Path) -> Joined:
    """Take what the ledger at `source` has into the one at `into`, all or nothing. The caller owns both.

    Raises LiveInBoth, and LedgerError for a file that cannot be used.
    """
    with closing(open_to_read(source)) as there, closing(open_ledger(into)) as here:
        try:
            with transaction(here):
                joined = FileJoin(here, there).all()
                failpoints.reach("adopt.before_commit")
        except FAILURES as error:
            raise explained(error, into) from error
    return joined


class Join:
    """One transaction that takes rows from a file, `there`, to `here`."""

    def __init__(self, here: Connection, there: sqlite3.Connection) -> None:
        self.here, self.there = here, there
        self._runs: dict[int, int] = {}
        self._attempts: dict[int, int] = {}

    def any_state(self) -> AbstractContextManager[None]:
        """Inside, attempts come in the state that they have: the rule for new ones does not hold for them."""
        raise NotImplementedError

    def all(self) -> Joined:
        """Take all tables. Raises LiveInBoth, sqlite3.Error."""
        attempts = [row for row in self._rows("attempts") if row["state"] != "INTENT" and self._is_new(row)]
        self._refuse_live_in_both(attempts)
        runs = sum(map(self._run, self._rows("runs")))
        for table in ("calls", "uploads"):
            for row in self._rows(table):
                self._insert(table, row)
        self._take_attempts(attempts)
        for table, ids, column in (
            ("artifacts", self._attempts, "attempt"),
            ("events", self._runs, "run"),
            ("frozen", self._runs, "run"),
        ):
            for row in self._rows(table):
                if row[column] in ids:
                    self._insert(table, {**row, column: ids[row[column]]})
        return Joined(runs, len(attempts))

    def _rows(self, table: str) -> Iterator[Row]:
        cursor = self.there.execute(f"SELECT * FROM {table} ORDER BY 1")
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor)

    def _is_new(self, row: Row) -> bool:
        return not operations.knows(self.here, row["token"], row["request_id"])

    def _refuse_live_in_both(self, attempts: Sequence[Row]) -> None:
        """Raises LiveInBoth. What is only intended here gives way."""
        live = [row for row in attempts if row["state"] in SENT]
        marks = ", ".join("?" for _ in SENT)
        query = f"SELECT 1 FROM attempts WHERE key = ? AND state IN ({marks})"
        if both := [r["address"] for r in live if self.here.execute(query, (r["key"], *SENT)).fetchone()]:
            raise LiveInBoth(both)
        give_way = "UPDATE attempts SET state = 'CANCELLED', actual = 0, ended = ?"
        for row in live:
            self.here.execute(f"{give_way} WHERE key = ? AND state = 'INTENT'", (time.time(), row["key"]))

    def _run(self, row: Row) -> bool:
        """Take a run, under a name that is free; False where it is here."""
        if known := self.here.execute(SAME_RUN, (row["pipeline"], row["started"], row["pid"])).fetchone():
            self._runs[row["id"]] = known[0]
            return False
        series = str(row["name"]).rstrip("0123456789")
        (count,) = self.here.execute(RUNS_OF, (series,)).fetchone()
        new = {**row, "name": f"{series}{count + 1}", "resumes": self._runs.get(row["resumes"])}
        self._runs[row["id"]] = self._new("runs", new)
        return True

    def _take_attempts(self, attempts: Sequence[Row]) -> None:
        with self.any_state():
            for row in attempts:
                query = "SELECT count(*) + 1 FROM attempts WHERE key = ?"
                (number,) = self.here.execute(query, (row["key"],)).fetchone()
                new = {**row, "number": number, "run": self._runs[row["run"]]}
                self._attempts[row["id"]] = self._new("attempts", new)

    def _new(self, table: str, row: Row) -> int:
        """Insert a row under a number of its own, which this gives."""
        rest = {name: value for name, value in row.items() if name != "id"}
        (number,) = self.here.execute(
            f"{_insertion(table, rest)} RETURNING id", tuple(rest.values())
        ).fetchone()
        return int(number)

    def _insert(self, table: str, row: Row) -> None:
        """Insert a row; one that is there already stays as it is."""
        self.here.execute(f"{_insertion(table, row)} ON CONFLICT DO NOTHING", tuple(row.values()))


def _insertion(table: str, row: Row) -> str:
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' for _ in row)})"


class FileJoin(Join):
    """The same, to a file."""

    @contextmanager
    def any_state(self) -> Iterator[None]:
        """Without the trigger: a transaction that fails brings it back."""
        (rule,) = self.here.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (BEGIN,)).fetchone()
        self.here.execute(f"DROP TRIGGER {BEGIN}")
        yield
        self.here.execute(rule)
