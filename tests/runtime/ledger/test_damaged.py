"""A ledger that is damaged: whoever looks into it gets a message with what helps, never a traceback."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from callsheet.runtime.ledger import LedgerError, LedgerFile, LedgerReader
from callsheet.runtime.ledger.database import open_ledger

LOOKS: tuple[Callable[[LedgerReader], object], ...] = (
    LedgerReader.runs,
    LedgerReader.attempts,
    lambda reader: reader.addresses("film-"),
    lambda reader: reader.committed("k"),
    lambda reader: reader.last("k"),
    lambda reader: reader.newest("clip", "film-"),
    lambda reader: reader.kept(1),
    lambda reader: reader.durations("model"),
    lambda reader: reader.events(1),
    lambda reader: reader.spent(1),
    lambda reader: reader.frozen("k", "shots"),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with a hundred attempts."""
    path = tmp_path / ".callsheet" / "ledger.db"
    with closing(open_ledger(path)) as ledger:
        ledger.execute("INSERT INTO runs (name, pipeline, unpriced, started, pid) VALUES ('a', 'f', 0, 1, 1)")
        for number in range(100):
            ledger.execute("INSERT INTO calls VALUES (?, 'fal', 'model', 1, 1)", (f"k{number}",))
            ledger.execute(
                "INSERT INTO attempts (key, number, state, run, address, token, body, nonce, inputs, created)"
                " VALUES (?, 1, 'INTENT', 1, 'clip', ?, ?, 0, '{}', 1)",
                (f"k{number}", f"t{number}", "x" * 300),
            )
    return path


def looked_into(path: Path) -> list[LedgerError]:
    """What each look at it raises; anything but a LedgerError breaks the test."""
    try:
        reader = LedgerReader(path)
    except LedgerError as error:
        return [error]
    errors = []
    with closing(reader):
        for look in LOOKS:
            try:
                look(reader)
            except LedgerError as error:
                errors.append(error)
    return errors


@pytest.mark.parametrize("seed", range(12))
def test_flipped_bytes(seed: int, path: Path) -> None:
    rng = random.Random(seed)
    content = bytearray(path.read_bytes())
    for _ in range(400):
        content[rng.randrange(100, len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)
    for error in looked_into(path):
        assert str(path) in error.message and error.next_step


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_cut_off(share: float, path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    errors = looked_into(path)
    assert errors and all("backup" in error.next_step for error in errors)


def test_a_table_is_missing(path: Path) -> None:
    with closing(sqlite3.connect(path)) as ledger:
        ledger.execute("DROP TABLE events")
    (error,) = looked_into(path)
    assert "no such table: events" in error.message and "move it away" in error.next_step


def test_a_row_that_is_no_attempt(path: Path) -> None:
    with closing(sqlite3.connect(path)) as ledger, ledger:
        ledger.execute("DROP TRIGGER attempts_frozen")
        ledger.execute("UPDATE attempts SET inputs = '{' WHERE id = 3")
    assert all("malformed" in error.message for error in looked_into(path))


def test_the_remedy_names_a_backup_that_is_there(path: Path) -> None:
    path.with_name("ledger.v3.db").write_bytes(b"")
    path.write_bytes(b"no database at all, but long enough to look at" * 100)
    (error,) = looked_into(path)
    assert "ledger.v3.db" in error.next_step


def test_nothing_is_bought_with_an_index_that_misses_a_request(path: Path) -> None:
    """Every table can be read, and a request that was sent is not found by its key."""
    with closing(sqlite3.connect(path)) as ledger, ledger:
        (page,) = ledger.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'one_live_attempt'"
        ).fetchone()
        (size,) = ledger.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    start = (page - 1) * size
    at = content.index(b"k77", start, start + size)
    content[at : at + 3] = b"k78"
    path.write_bytes(content)
    with pytest.raises(LedgerError, match="is damaged") as caught:
        open_ledger(path)
    assert caught.value.next_step
    file = LedgerFile(path)
    file.open(can_own=True)
    with pytest.raises(LedgerError, match="is damaged"):
        file.writer()
