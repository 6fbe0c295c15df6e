"""Earlier results by key: one SQLite file beside the store. What it does not have is made again.

    <root>/cache.db
        results   key → outputs, media by digest
        files     stored file → its size and time when it was last intact
        recipes   film and instance → the components of the key under which it was last made on this machine
        places    key → the machine and process that made it, where that was another one

The ledger records what was paid for; a row here only says where a result is. A file with the recorded size
and time counts as intact, any other is read again.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any, Final

from callsheet.errors import StoreError
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.output_codec import Outputs, decoded, encoded
from callsheet.runtime.store.transaction import strange_objects, transaction
from callsheet.spec.disk_errors import FREE_SPACE, explained
from callsheet.spec.json_writer import json_writer
from callsheet.spec.media import Artifact
from callsheet.spec.project import CACHE
from callsheet.spec.values import leaves

VERSION: Final = 2
MOST: Final = 5_000
"""Recorded results that are written together at the latest."""
WAIT: Final = 30.0
"""Seconds to wait for another process's lock on the file."""

TABLES: Final = """
CREATE TABLE results (
    key TEXT PRIMARY KEY,
    uses TEXT NOT NULL,
    outputs TEXT NOT NULL,
    seconds REAL NOT NULL,
    made REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX results_by_use ON results (uses, made);
CREATE TABLE files (
    name TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE recipes (
    address TEXT PRIMARY KEY,
    components TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
WRITE: Final = json_writer()
WRITE_ROW: Final = json_writer(ensure_ascii=False)
PLACES: Final = "CREATE TABLE IF NOT EXISTS places (key TEXT PRIMARY KEY, place TEXT NOT NULL) STRICT"
"""Only in files that an engine has worked for; earlier versions pass over it."""
PLACED: Final = "INSERT OR REPLACE INTO places VALUES (?, ?)"
RECORD: Final = "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?)"
MADE_OF: Final = "INSERT OR REPLACE INTO recipes VALUES (?, ?)"
SEEN: Final = "INSERT OR REPLACE INTO files VALUES (?, ?, ?)"


@dataclass(slots=True)
class Unwritten:
    """What was recorded and is not on the disk yet: results by key, components by row, files by name, places
    by key. seconds: how long making the results took."""

    results: dict[str, tuple[str, str, str, float, float]] = field(default_factory=dict)
    recipes: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[int, int]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def over(self, other: Unwritten) -> Unwritten:
        """Both; where both have something, this one counts."""
        return Unwritten(
            {**other.results, **self.results},
            {**other.recipes, **self.recipes},
            {**other.files, **self.files},
            {**other.places, **self.places},
            other.seconds + self.seconds,
        )


class Cache:
    """The cache of a store. Its methods may be called from several threads, also while one of them writes."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.path = store.root / CACHE
        self._connection: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._new, self._being_written = Unwritten(), Unwritten()
        self._files: dict[str, tuple[int, int]] = {}
        self._lock = RLock()
        self._turn = RLock()

    def find(self, key: str) -> Outputs | None:
        """The outputs recorded under `key`, if all their files are intact; None otherwise."""
        with self._lock:
            text = self._recorded(key)
            if text is None:
                return None
            try:
                outputs = decoded(json.loads(text), self.store.path)
            except (ValueError, TypeError, KeyError, RecursionError):
                return None
            if not isinstance(outputs, dict):
                return None
            return outputs if all(map(self.whole, leaves(outputs, Artifact))) else None

    def record(self, key: str, outputs: Outputs, uses: str = "", seconds: float = 0.0) -> None:
        """Record `outputs` under `key`; durable after `flush`. seconds: how long making them took.

        Raises StoreError.
        """
        text = WRITE(encoded(outputs))
        with self._lock:
            for artifact in leaves(outputs, Artifact):
                self._see(artifact.path)
            self._new.results[key] = (key, uses, text, seconds, time.time())
            self._new.seconds += seconds
            full = len(self._new.results) >= MOST
        if full:
            self.flush()

    @property
    def unwritten(self) -> float:
        """Seconds of work that would have to be done again, if the process ended now."""
        return self._new.seconds + self._being_written.seconds

    def made_of(self, film: str, address: str, components: str) -> None:
        """Record the components of an instance's key, as canonical JSON, to say later what changed. film: the
        name of its pipeline."""
        with self._lock:
            self._new.recipes[_row(film, address)] = components

    def recipe(self, film: str, address: str) -> Mapping[str, Any] | None:
        """The components of the key under which an instance was last made on this machine.

        Earlier versions kept them by address alone, for all pipelines of a folder.
        """
        row = _row(film, address)
        with self._lock:
            known = self._new.recipes.get(row) or self._being_written.recipes.get(row)
            query = "SELECT components FROM recipes WHERE address IN (?, ?) ORDER BY address = ? DESC"
            rows = self._select(query, row, address, row)
        text = known or (rows[0][0] if rows else "null")
        try:
            found = json.loads(text)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def made_at(self, key: str, place: str) -> None:
        """Record the machine and process that made the result under `key`."""
        with self._lock:
            self._new.places[key] = place

    def place(self, key: str) -> str:
        """The machine and process that made the result under `key`; "" for this one, or if nobody knows."""
        with self._lock:
            known = self._new.places.get(key) or self._being_written.places.get(key)
            rows = self._select("SELECT place FROM places WHERE key = ?", key)
        return known or (str(rows[0][0]) if rows else "")

    def durations(self, uses: str, last: int = 50) -> list[float]:
        """Seconds that the newest results of `uses` took, newest first."""
        query = "SELECT seconds FROM results WHERE uses = ? AND seconds > 0 ORDER BY made DESC LIMIT ?"
        with self._lock:
            return [float(seconds) for (seconds,) in self._select(query, uses, last)]

    def flush(self) -> None:
        """Write what was recorded to the disk. Meanwhile other threads may go on. Raises StoreError.

        What was not written, because that failed or was interrupted, is written the next time.
        """
        with self._turn:
            with self._lock:
                new = self._new.over(self._being_written)
                if not new.results and not new.files:
                    return
                self._being_written, self._new = new, Unwritten()
            try:
                self._write(new)
            except (sqlite3.Error, OSError) as error:
                raise _explained(error, self.path) from error
            with self._lock:
                self._being_written = Unwritten()

    def prune(self) -> int:
        """Delete results whose files are gone, and give what the file does not need back to the disk. Returns
        by how many bytes it is smaller. Raises StoreError."""
        with self._turn, self._lock:
            if not self.path.exists():
                return 0
            before = self.path.stat().st_size
            rows = self._select("SELECT key, outputs FROM results")
            gone = [(key,) for key, text in rows if not self._files_are_there(text)]
            names = [(name,) for (name,) in self._select("SELECT name FROM files") if not self._is_file(name)]
            try:
                with transaction(self._open_to_write()) as connection:
                    connection.executemany("DELETE FROM results WHERE key = ?", gone)
                    connection.executemany("DELETE FROM files WHERE name = ?", names)
                    if self._select("SELECT 1 FROM places LIMIT 1"):
                        connection.executemany("DELETE FROM places WHERE key = ?", gone)
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                return before - self.path.stat().st_size
            except (sqlite3.Error, OSError) as error:
                raise _explained(error, self.path) from error

    def take_over(self, other: Cache) -> None:
        """Record what `other` has and this one has not. Files that are not stored here make no difference:
        such a result counts as not made. Raises StoreError."""
        results = other._select("SELECT key, uses, outputs, seconds, made FROM results")
        recipes = other._select("SELECT address, components FROM recipes")
        with self._turn:
            try:
                with transaction(self._open_to_write()) as connection:
                    connection.executemany(RECORD.replace("REPLACE", "IGNORE"), results)
                    connection.executemany(MADE_OF.replace("REPLACE", "IGNORE"), recipes)
            except (sqlite3.Error, OSError) as error:
                raise _explained(error, self.path) from error

    def close(self) -> None:
        """Close the file. What was not flushed is lost."""
        with self._turn, self._lock:
            for connection in (self._connection, self._writer):
                if connection is not None:
                    connection.close()
            self._connection = self._writer = None

    def _write(self, new: Unwritten) -> None:
        with transaction(self._open_to_write()) as connection:
            connection.executemany(RECORD, new.results.values())
            connection.executemany(MADE_OF, new.recipes.items())
            connection.executemany(SEEN, [(name, *known) for name, known in new.files.items()])
            if new.places:
                connection.execute(PLACES)
                connection.executemany(PLACED, new.places.items())

    def _recorded(self, key: str) -> str | None:
        new = self._new.results.get(key) or self._being_written.results.get(key)
        if new is not None:
            return new[2]
        rows = self._select("SELECT outputs FROM results WHERE key = ?", key)
        return rows[0][0] if rows else None

    def _files_are_there(self, text: str) -> bool:
        try:
            outputs = decoded(json.loads(text), self.store.path)
        except (ValueError, TypeError, KeyError, RecursionError):
            return False
        return all(artifact.path.is_file() for artifact in leaves(outputs, Artifact))

    def _is_file(self, name: str) -> bool:
        return (self.store.root / "blobs" / name).is_file()

    def whole(self, artifact: Artifact) -> bool:
        """Whether the file of `artifact` is intact; it is read only if its size or time changed."""
        path = artifact.path
        try:
            found = path.stat()
        except OSError:
            return False
        if self._seen(path) == (found.st_size, found.st_mtime_ns):
            return True
        if not self.store.holds(artifact):
            return False
        self._see(path)
        return True

    def _seen(self, path: Path) -> tuple[int, int] | None:
        """Size and time of a stored file when it was last intact."""
        name = _name(path)
        if name not in self._files:
            rows = self._select("SELECT size, time FROM files WHERE name = ?", name)
            if not rows:
                return None
            self._files[name] = rows[0]
        return self._files[name]

    def _see(self, path: Path) -> None:
        found = path.stat()
        self._files[_name(path)] = self._new.files[_name(path)] = (found.st_size, found.st_mtime_ns)

    def _select(self, query: str, *values: object) -> list[Any]:
        """Rows of the file; none when it is missing or cannot be read."""
        if self._connection is None and not os.access(self.path, os.F_OK):
            return []
        try:
            return self._open().execute(query, values).fetchall()
        except (sqlite3.Error, OSError):
            return []

    def _open(self) -> sqlite3.Connection:
        with self._lock:
            if self._connection is None:
                self._connection = _opened(self.path)
            return self._connection

    def _open_to_write(self) -> sqlite3.Connection:
        """A connection of its own, so that what is read does not wait for the disk."""
        with self._lock:
            if self._writer is None:
                self._writer = _opened(self.path)
            return self._writer


class ForeignCache(Cache):
    """The cache of another project: it is only read, and never replaced."""

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=ro", WAIT, uri=True, check_same_thread=False
            )
            if _version(connection) != VERSION or strange_objects(connection):
                connection.close()
                raise sqlite3.DatabaseError("a cache of another version, or that somebody else made")
            self._connection = connection
        return self._connection


def _row(film: str, address: str) -> str:
    """What an instance of a pipeline is kept under; no address looks like it."""
    return WRITE_ROW([film, address])


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _opened(path: Path) -> sqlite3.Connection:
    """The file with its tables; a damaged file, or one of another version, is replaced by a new one."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    try:
        return _prepared(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        return _prepared(path)


def _prepared(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if _version(connection) != VERSION:
            _make_tables(connection)
        if strange_objects(connection):
            raise sqlite3.DatabaseError("a cache that somebody else made")
    except BaseException:
        connection.close()
        raise
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    version = _version(connection)
    if version not in (0, VERSION):
        raise sqlite3.DatabaseError(f"a cache of version {version}")
    if not version:
        for statement in TABLES.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _explained(error: Exception, path: Path) -> StoreError:
    """The error of SQLite or the system as a message with a next step."""
    if isinstance(error, OSError):
        return explained(error, path)
    full = "disk is full" in str(error)
    step = FREE_SPACE if full else f"delete {path}"
    return StoreError(f"the cache {path} cannot be written: {error}", step)
