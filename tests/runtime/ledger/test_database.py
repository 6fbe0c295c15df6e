"""The ledger's file: settings, permissions, migrations, and files that are not a ledger."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from callsheet.runtime.ledger import LedgerError, LedgerReader
from callsheet.runtime.ledger.database import open_ledger, open_to_read
from callsheet.runtime.ledger.schema import APPLICATION_ID, MIGRATIONS
from callsheet.runtime.store import atomic as disk

NEWER = (*MIGRATIONS, "CREATE TABLE more (x TEXT) STRICT;\n", "ALTER TABLE more ADD COLUMN y TEXT;\n")

RUN = "INSERT INTO runs (name, pipeline, unpriced, started, pid) VALUES ('a', 'f', 0, 1, 1)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".callsheet" / "ledger.db"


def pragma(connection: sqlite3.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_every_commit_reaches_the_disk(path: Path) -> None:
    connection = open_ledger(path)
    assert pragma(connection, "journal_mode") == "wal"
    assert pragma(connection, "synchronous") == 2
    assert pragma(connection, "foreign_keys") == 1
    assert pragma(connection, "busy_timeout") == 30_000
    assert pragma(connection, "application_id") == APPLICATION_ID
    assert pragma(connection, "user_version") == len(MIGRATIONS)
    connection.close()


def test_every_table_is_strict(path: Path) -> None:
    connection = open_ledger(path)
    tables = connection.execute("PRAGMA table_list").fetchall()
    assert all(strict for _, name, _, _, _, strict in tables if not name.startswith("sqlite_"))
    connection.close()


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_only_the_owner_may_look(path: Path) -> None:
    path.parent.mkdir(mode=0o755)
    open_ledger(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_migration_backs_up_what_was_there(path: Path) -> None:
    connection = open_ledger(path)
    connection.execute(RUN)
    connection.close()
    connection = open_ledger(path, NEWER)
    assert pragma(connection, "user_version") == len(NEWER)
    connection.close()
    versions = range(len(MIGRATIONS), len(NEWER))
    for version in versions:
        backup = sqlite3.connect(path.with_name(f"ledger.v{version}.db"))
        assert pragma(backup, "user_version") == version
        assert backup.execute("SELECT name FROM runs").fetchall() == [("a",)]
        backup.close()
    backups = [f"ledger.v{version}.db" for version in versions]
    assert sorted(p.name for p in path.parent.iterdir()) == ["ledger.db", *backups]


def test_the_name_of_a_backup_is_on_the_disk_before_the_tables_change(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(path).close()
    last = path.with_name(f"ledger.v{len(NEWER) - 1}.db")
    settled: list[tuple[Path, bool]] = []
    monkeypatch.setattr(disk, "sync_folder", lambda folder: settled.append((folder, last.exists())))
    open_ledger(path, NEWER).close()
    assert settled[-1] == (path.parent, True)


def test_a_migration_that_fails_changes_nothing(path: Path) -> None:
    open_ledger(path).close()
    with pytest.raises(LedgerError):
        open_ledger(path, (*MIGRATIONS, "CREATE TABLE more (x TEXT) STRICT;\nCREATE TABLE runs (x TEXT);\n"))
    connection = open_ledger(path)
    assert not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'more'").fetchall()
    connection.close()


def test_a_newer_ledger_is_left_alone(path: Path) -> None:
    open_ledger(path, NEWER).close()
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="newer callsheet") as caught:
        open_ledger(path)
    assert "update" in caught.value.next_step
    assert path.read_bytes() == before
    with pytest.raises(LedgerError, match="newer callsheet"):
        open_to_read(path)


def test_another_program_s_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(LedgerError, match="not a ledger"):
        open_ledger(path)


def test_garbage_is_no_ledger(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, but long enough to look at" * 100)
    with pytest.raises(LedgerError, match="not a database") as caught:
        open_ledger(path)
    assert "backup" in caught.value.next_step


def test_reading_needs_a_ledger(path: Path) -> None:
    with pytest.raises(LedgerError):
        open_to_read(path)
    assert not path.exists()


@pytest.mark.parametrize("version", range(len(MIGRATIONS)))
def test_an_older_ledger_is_read_as_after_its_migration_and_left_as_it_is(path: Path, version: int) -> None:
    """Version 0 is what a process leaves that was killed between the settings and the tables."""
    with closing(open_ledger(path, MIGRATIONS[:version])) as older:
        if version:
            older.execute(
                "INSERT INTO runs (name, pipeline, unpriced, started, pid) VALUES ('a', 'f', 0, 1, 1)"
            )
    before = path.read_bytes()
    with closing(LedgerReader(path)) as reader:
        assert [run.name for run in reader.runs()] == ["a"] * bool(version)
        assert reader.frozen("key", "output") is None
        assert reader.newest("clip", "film-") is None
    assert path.read_bytes() == before


def test_an_empty_file_is_a_new_ledger(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with closing(LedgerReader(path)) as reader:
        assert reader.runs() == reader.attempts() == []
    with closing(open_ledger(path)) as connection:
        assert pragma(connection, "user_version") == len(MIGRATIONS)


def test_a_copy_in_memory_can_only_be_read_too(path: Path) -> None:
    open_ledger(path, ()).close()
    with closing(open_to_read(path)) as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM runs")
