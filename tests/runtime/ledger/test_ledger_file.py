"""One connection for all that a process does with a ledger."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from callsheet.runtime.ledger import LedgerError, LedgerFile, LedgerReader, NewRun, SqliteLedger, operations
from callsheet.runtime.ledger.database import open_ledger
from callsheet.runtime.ledger.schema import MIGRATIONS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".callsheet" / "ledger.db"


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """Every connection that is opened."""
    found: list[sqlite3.Connection] = []
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: found.append(connect(*a, **k)) or found[-1])
    return found


@pytest.fixture
def file(path: Path) -> Iterator[LedgerFile]:
    file = LedgerFile(path)
    yield file
    file.close()


def start(file: LedgerFile, *names: str) -> None:
    """Write a run of each name, as the owner of the project."""

    async def write() -> None:
        ledger = SqliteLedger(file.writer())
        for name in names:
            await ledger.start_run(NewRun(name, "{}"))
        await ledger.close()

    asyncio.run(write())


def names(file: LedgerFile) -> list[str]:
    return [run.name for run in LedgerReader(file).runs()]


def test_a_new_ledger_is_written_and_read_on_one_connection(file: LedgerFile, connections: list) -> None:
    assert not file.exists
    start(file, "a")
    assert names(file) == ["a"]
    start(file, "b")
    assert names(file) == ["b", "a"]
    assert len(connections) == 1


def test_who_may_come_to_own_it_goes_on_with_the_same_connection(path: Path, connections: list) -> None:
    start(LedgerFile(path), "a")
    connections.clear()
    file = LedgerFile(path)
    file.open(can_own=True)
    assert names(file) == ["a"]
    start(file, "b")
    assert names(file) == ["b", "a"]
    file.close()
    assert len(connections) == 1


@pytest.mark.parametrize("can_own", [False, True])
def test_nothing_is_written_before_the_project_is_owned(path: Path, can_own: bool) -> None:
    start(file := LedgerFile(path), "a")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        file.open().execute("DELETE FROM runs")
    file.close()
    before = path.read_bytes()
    file.open(can_own=can_own)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        file.open().execute("DELETE FROM runs")
    assert names(file) == ["a"]
    file.close()
    assert path.read_bytes() == before


def test_who_only_reads_can_come_to_write_as_well(path: Path) -> None:
    start(LedgerFile(path), "a")
    reader = LedgerReader(file := LedgerFile(path))
    start(file, "b")
    assert [run.name for run in reader.runs()] == ["b", "a"]
    file.close()


def test_an_older_ledger_is_brought_to_the_newest_version_by_its_owner_only(path: Path) -> None:
    open_ledger(path, MIGRATIONS[:1]).close()
    before = path.read_bytes()
    file = LedgerFile(path)
    file.open(can_own=True)
    assert names(file) == []
    assert path.read_bytes() == before
    start(file, "a")
    assert names(file) == ["a"]
    file.close()
    assert names(LedgerFile(path)) == ["a"]


def test_after_a_failed_commit_the_file_is_opened_again(file: LedgerFile, connections: list) -> None:
    start(file, "a")

    def fail(connection: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    async def broken() -> None:
        ledger = SqliteLedger(file.writer())
        with pytest.raises(LedgerError):
            await ledger.write(fail)
        await ledger.close()

    asyncio.run(broken())
    assert len(connections) == 1
    assert names(file) == ["a"]
    assert len(connections) == 2


def test_threads_read_whole_transactions_while_it_is_written(file: LedgerFile) -> None:
    """Each write adds two runs; nobody sees an odd number."""
    start(file, "a", "b")
    seen: list[int] = []
    over, numbers = threading.Event(), count()

    def look() -> None:
        while not over.is_set():
            seen.append(len(names(file)))

    def two(connection: sqlite3.Connection) -> None:
        for _ in range(2):
            operations.start_run(connection, NewRun(f"c{next(numbers)}", "{}"), 1.0)

    async def write() -> None:
        ledger = SqliteLedger(file.writer())
        for _ in range(20):
            await ledger.write(two)
        await ledger.close()

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        asyncio.run(write())
    finally:
        over.set()
    for reader in readers:
        reader.join()
    assert {many % 2 for many in seen} == {0}
    assert len(names(file)) == 42
