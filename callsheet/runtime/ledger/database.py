"""Opens the ledger's file: settings that must not depend on how SQLite was built, and migrations.

A commit that was acknowledged survives a power cut only in WAL mode with synchronous=FULL (or stricter); with
SQLite's own defaults the last commit is lost. https://sqlite.org/pragma.html#pragma_synchronous
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from callsheet.runtime.ledger.records import LedgerError
from callsheet.runtime.ledger.rows import Malformed
from callsheet.runtime.ledger.schema import APPLICATION_ID, MIGRATIONS
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.transaction import strange_objects, transaction

WAIT: Final = 30.0
"""Seconds to wait for another process's lock on the file."""

LASTING: Final = (
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",
    "PRAGMA checkpoint_fullfsync = ON",
)
"""Settings that make a write durable, a checkpoint included."""
SETTINGS: Final = (
    "PRAGMA journal_mode = WAL",
    *LASTING,
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
)

FAILURES: Final = (sqlite3.Error, UnicodeError, OSError, Malformed)
"""Exceptions of reading and writing the file: damaged text cannot be decoded."""
STORED: Final = "blobs/??/*"
"""The files of results, beside the ledger."""
DAMAGE: Final = ("malformed", "not a database", "no such", "decode", "corrupt", "has no column")
"""Words in SQLite's messages about a damaged file."""


def open_ledger(path: Path, migrations: Sequence[str] = MIGRATIONS) -> sqlite3.Connection:
    """A connection that may write, with the newest tables. Only the owner may read file and folder. Another
    thread may use the connection, but only one at a time. Raises LedgerError."""
    try:
        known = path if path.exists() else None
        _private(path)
        connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None, check_same_thread=False)
        with _closed_on_failure(connection):
            prepare(connection, known, migrations)
            if known:
                _check_whole(connection, known)
    except FAILURES as error:
        raise explained(error, path) from error
    return connection


def own(connection: sqlite3.Connection, path: Path) -> None:
    """Let a connection of `open_before_owning` write; the caller holds the project lock now. Raises
    LedgerError."""
    try:
        _private(path)
        connection.execute("PRAGMA query_only = OFF")
        prepare(connection, path)
        _check_whole(connection, path)
    except FAILURES as error:
        raise explained(error, path) from error


def forbid_writes(connection: sqlite3.Connection) -> None:
    """From now on the connection only reads."""
    connection.execute("PRAGMA query_only = ON")


def open_before_owning(path: Path) -> sqlite3.Connection | None:
    """A connection that only reads until `own` lets it write. Raises LedgerError.

    None for a file with the tables of an older version, or without any: only the owner may change them.
    It may be used by another thread, but only by one at a time.
    """
    try:
        uri = f"{path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(
            uri, timeout=WAIT, uri=True, isolation_level=None, check_same_thread=False
        )
        with _closed_on_failure(connection):
            forbid_writes(connection)
            if _recognise(connection, path, len(MIGRATIONS)) < len(MIGRATIONS):
                connection.close()
                return None
            for setting in LASTING:
                connection.execute(setting)
    except FAILURES as error:
        raise explained(error, path) from error
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that can only read, also while a run goes on. It never checkpoints. Raises LedgerError.

    It may be used by another thread, but only by one at a time.

    A file with the tables of an older version, or without any, is read as it would be after its migration.
    """
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(
            uri, timeout=WAIT, uri=True, isolation_level=None, check_same_thread=False
        )
        with _closed_on_failure(connection):
            if _recognise(connection, path, len(MIGRATIONS)) < len(MIGRATIONS):
                connection = _migrated_copy(connection)
            forbid_writes(connection)
    except FAILURES as error:
        raise explained(error, path) from error
    return connection


def _migrated_copy(connection: sqlite3.Connection) -> sqlite3.Connection:
    """The same in memory, with the newest tables. `connection` is closed."""
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    with _closed_on_failure(copy), closing(connection):
        connection.backup(copy)
        prepare(copy, None)
    return copy


def prepare(
    connection: sqlite3.Connection, path: Path | None, migrations: Sequence[str] = MIGRATIONS
) -> None:
    """Settings and tables. path: where backups go beside, None for a new file and for one in memory."""
    version = _recognise(connection, path, len(migrations))
    for setting in SETTINGS:
        connection.execute(setting)
    for number, statements in enumerate(migrations[version:], start=version + 1):
        if path and version:
            _back_up(connection, path, number - 1)
        _migrate(connection, number, statements)


@contextmanager
def _closed_on_failure(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def explained(error: Exception, path: Path | None) -> LedgerError:
    """The error of SQLite or the system as a message with a next step."""
    said = str(error)
    if "disk is full" in said:
        step = "free some space and run again; what was recorded is kept"
    elif "locked" in said:
        step = "wait until the other program that uses this file is done"
    elif any(word in said for word in DAMAGE):
        step = _remedy(path)
    else:
        step = "check the disk and the permissions of the folder"
    return LedgerError(f"the ledger {path or ''} cannot be used: {said}", step)


def _remedy(path: Path | None) -> str:
    """The next step for a damaged file."""
    backups = sorted(path.parent.glob(f"{path.stem}.v*{path.suffix}"), key=_age) if path else []
    if backups:
        return f"keep a copy of it, put its backup {backups[0].name} in its place, then `callsheet reconcile`"
    return (
        "put a backup of it in its place, or move it away with its -wal and -shm: what the lock names and the"
        " store holds is used without it; look up at the provider what was under way"
    )


def _age(path: Path) -> float:
    """Newest first."""
    return -path.stat().st_mtime


def _private(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if os.name == "posix":
        path.parent.chmod(0o700)
        path.chmod(0o600)
    for folder in (path.parent, path.parent.parent):
        disk.sync_folder(folder)


def _check_whole(connection: sqlite3.Connection, path: Path) -> None:
    """Raises LedgerError for a file whose tables and indexes do not agree: in such a one, a request that was
    sent may not be found, and so nothing must be bought with it."""
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise LedgerError(f"the ledger {path} is damaged: {found}", _remedy(path))


def _refuse_strange_objects(connection: sqlite3.Connection, path: Path | None) -> None:
    """Raises LedgerError for a file with triggers or views: they would run with what is written."""
    if found := strange_objects(connection, MIGRATIONS):
        raise LedgerError(
            f"the ledger {path} has {', '.join(found)}, which callsheet never makes",
            "somebody else made this file: move .callsheet/ away, and do not trust what came with it",
        )


def _recognise(connection: sqlite3.Connection, path: Path | None, newest: int) -> int:
    """The version of the tables: 0 for a new file. Raises LedgerError for a file that is no ledger."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application != APPLICATION_ID and (application or version or tables):
        raise LedgerError(f"{path} is a database, but not a ledger of callsheet", "move it away")
    if path and not tables and any(path.parent.glob(STORED)):
        raise LedgerError(f"the ledger {path} is empty, though results were made here", _remedy(path))
    _refuse_strange_objects(connection, path)
    if version > newest:
        raise LedgerError(
            f"the ledger {path} was written by a newer callsheet (version {version}; known: {newest})",
            "update callsheet",
        )
    return int(version)


def _back_up(connection: sqlite3.Connection, path: Path, version: int) -> None:
    backup = path.with_name(f"{path.stem}.v{version}{path.suffix}")
    new = backup.with_name(f".{backup.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    connection.execute("VACUUM INTO ?", (str(new),))
    with new.open("rb+") as file:
        disk.sync(file.fileno())
    new.replace(backup)
    disk.sync_folder(path.parent)


def _migrate(connection: sqlite3.Connection, number: int, statements: str) -> None:
    with transaction(connection):
        for statement in _split(statements):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {number}")


def _split(statements: str) -> Iterator[str]:
    """One statement after the other (`executescript` would commit in between)."""
    statement = ""
    for line in statements.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
