"""Power cuts: what was not brought to the disk is gone, in part or whole. No acknowledged commit may be.

The ledger's own settings and statements run in apsw's SQLite on a disk that only remembers: every write and
sync is noted. Then the power is cut between any two of them, and what a disk would hold is opened with the
ledger's own code. Writes since a file's last sync survive at random, sector by sector.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from callsheet.runtime.ledger import Attempt, Change, Intent, Kept, NewRun, operations
from callsheet.runtime.ledger import database as ledger_database
from callsheet.runtime.ledger.database import open_ledger, prepare
from callsheet.runtime.store.transaction import transaction

apsw = pytest.importorskip("apsw")
SECTOR = 512


@dataclass
class Noted:
    """A disk that notes what happens to it. entries: (what, file, offset or size, bytes)."""

    files: dict[str, bytearray] = field(default_factory=dict)
    entries: list[tuple[str, str, int, bytes]] = field(default_factory=list)

    def note(self, what: str, name: str = "", place: int = 0, content: bytes = b"") -> None:
        self.entries.append((what, name, place, content))


class File:
    """An open file of such a disk."""

    def __init__(self, disk: Noted, name: str) -> None:
        self.disk = disk
        self.name = name
        self.content = disk.files.setdefault(name, bytearray())

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self.content[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self.content.extend(bytes(max(0, offset - len(self.content))))
        self.content[offset : offset + len(data)] = data
        self.disk.note("write", self.name, offset, bytes(data))

    def xTruncate(self, size: int) -> None:
        del self.content[size:]
        self.disk.note("truncate", self.name, size)

    def xSync(self, flags: int) -> None:
        self.disk.note("sync", self.name)

    def xFileSize(self) -> int:
        return len(self.content)

    def xClose(self) -> None: ...
    def xLock(self, level: int) -> None: ...
    def xUnlock(self, level: int) -> None: ...

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, operation: int, pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return SECTOR

    def xDeviceCharacteristics(self) -> int:
        return 0


class Disks(apsw.VFS):  # type: ignore[misc]
    """SQLite's way to such a disk."""

    def __init__(self, name: str, disk: Noted) -> None:
        self.disk = disk
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> File:
        flags[1] = flags[0]
        return File(self.disk, name.filename() if hasattr(name, "filename") else str(name))

    def xAccess(self, path: str, flags: int) -> bool:
        return path in self.disk.files

    def xDelete(self, path: str, sync: bool) -> None:
        self.disk.files.pop(path, None)
        self.disk.note("delete", path)

    def xFullPathname(self, name: str) -> str:
        return name


class Connection:
    """As much of `sqlite3.Connection` as the ledger uses, on apsw."""

    def __init__(self, vfs: str) -> None:
        self._inner = apsw.Connection("ledger.db", vfs=vfs)
        self._inner.execute("PRAGMA locking_mode = EXCLUSIVE")

    @property
    def in_transaction(self) -> bool:
        return bool(self._inner.in_transaction)

    def execute(self, statement: str, values: Sequence[object] = ()) -> Any:
        return Rows(self._inner, statement, values)

    def executemany(self, statement: str, values: Sequence[Sequence[object]]) -> None:
        self._inner.executemany(statement, values)


class Rows:
    def __init__(self, connection: Any, statement: str, values: Sequence[object]) -> None:
        self._rows = iter(connection.execute(statement, tuple(values)).fetchall())
        self.lastrowid = connection.last_insert_rowid()

    def __iter__(self) -> Iterator[Any]:
        return self._rows

    def fetchone(self) -> Any:
        return next(self._rows, None)


def recorded(seed: int) -> tuple[Noted, list[tuple[str, ...]]]:
    """A ledger's work on a noted disk; the n-th state is that of the attempts at the n-th "acknowledged"."""
    disk = Noted()
    vfs = Disks(f"noted-{seed}", disk)
    connection: Any = Connection(f"noted-{seed}")
    prepare(connection, None)
    states: list[tuple[str, ...]] = []
    rng = random.Random(seed)
    attempts: list[Attempt] = []
    with transaction(connection):
        operations.start_run(connection, NewRun("run", "film.yaml"), 1.0)
    disk.note("acknowledged")
    states.append(())
    for number in range(60):
        with transaction(connection):
            for _ in range(rng.randint(1, 4)):
                one_step(connection, rng, attempts, f"{number}-{rng.random()}")
        disk.note("acknowledged")
        states.append(tuple(a.state for a in operations.attempts(connection, (), None)))
        if rng.random() < 0.05:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection._inner.close()
    vfs.unregister()
    return disk, states


def one_step(connection: Any, rng: random.Random, attempts: list[Attempt], token: str) -> None:
    """Begin an attempt, or take one a step on."""
    if not attempts or rng.random() < 0.3:
        body = rng.choice(("{}", '{"prompt":"' + "p" * 3000 + '"}'))
        attempts.append(
            operations.intend(connection, Intent(token, "fal", "model", body, 1, "clip", 5, token), None, 1.0)
        )
        return
    index = rng.randrange(len(attempts))
    attempt = attempts[index]
    steps = {"INTENT": "SENDING", "SENDING": "ACCEPTED", "ACCEPTED": "RESULT"}
    change = Change(request_id=attempt.token, result='{"video":1}')
    if attempt.state == "RESULT":
        kept = [Kept("video", "video", "d", ".mp4", 1)]
        attempts[index] = operations.commit(connection, attempt.id, kept, 2.0)
    elif attempt.state in steps:
        to: Any = steps[attempt.state]
        attempts[index] = operations.advance(connection, attempt.id, to, change, attempt.state, 2.0)


def after_cut(disk: Noted, moment: int, rng: random.Random) -> tuple[dict[str, bytes], int]:
    """What is on the disk when the power went after so many entries, and how much was acknowledged."""
    durable: dict[str, bytearray] = {}
    pending: dict[str, list[tuple[str, int, bytes]]] = {}
    acknowledged = 0
    for what, name, place, content in disk.entries[:moment]:
        match what:
            case "acknowledged":
                acknowledged += 1
            case "sync":
                apply(durable.setdefault(name, bytearray()), pending.pop(name, []))
            case "delete":
                durable.pop(name, None)
                pending.pop(name, None)
            case _:
                pending.setdefault(name, []).append((what, place, content))
    for name, rest in pending.items():
        if name in durable or rng.random() < 0.5:
            apply(durable.setdefault(name, bytearray()), survivors(rest, rng))
    return {name: bytes(content) for name, content in durable.items()}, acknowledged


def survivors(rest: list[tuple[str, int, bytes]], rng: random.Random) -> Iterator[tuple[str, int, bytes]]:
    """What of the unsynced writes made it, in sectors."""
    share = rng.choice((0.0, 0.5, 1.0))
    for what, place, content in rest:
        if what == "truncate":
            if rng.random() < share:
                yield what, place, content
            continue
        for start in range(0, len(content), SECTOR):
            if rng.random() < share:
                yield what, place + start, content[start : start + SECTOR]


def apply(content: bytearray, steps: Any) -> None:
    for what, place, data in steps:
        if what == "truncate":
            del content[place:]
        else:
            content.extend(bytes(max(0, place - len(content))))
            content[place : place + len(data)] = data


def lost(folder: Path, cuts: int, seed: int) -> int:
    """How many of the cuts lose an acknowledged commit."""
    disk, states = recorded(seed)
    first = next(i for i, entry in enumerate(disk.entries) if entry[0] == "acknowledged")
    rng = random.Random(seed)
    losses = 0
    for number in range(cuts):
        moment = rng.randint(first + 1, len(disk.entries))
        files, acknowledged = after_cut(disk, moment, rng)
        here = folder / f"{seed}-{number}"
        here.mkdir()
        for name, content in files.items():
            (here / name).write_bytes(content)
        losses += found(here / "ledger.db") not in states[acknowledged - 1 : acknowledged + 1]
    return losses


def found(path: Path) -> tuple[str, ...] | None:
    """The states of the attempts in the file, None when it is damaged."""
    try:
        connection = open_ledger(path)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        states = tuple(a.state for a in operations.attempts(connection, (), None))
    except (sqlite3.Error, ledger_database.LedgerError, AssertionError):
        return None
    connection.close()
    return states


def test_no_acknowledged_commit_is_lost(tmp_path: Path, long: bool) -> None:
    assert [lost(tmp_path, 2000 if long else 60, seed) for seed in range(4)] == [0, 0, 0, 0]


@pytest.mark.parametrize("setting", ["NORMAL", "OFF"])
def test_the_simulation_notices_a_weaker_setting(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weaker = tuple(s.replace("= FULL", f"= {setting}") for s in ledger_database.SETTINGS)
    monkeypatch.setattr(ledger_database, "SETTINGS", weaker)
    assert lost(tmp_path, 50, 1) > 0
