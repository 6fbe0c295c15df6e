"""SQLite files: transactions, and a look at what a file would run by itself."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

TRIGGER: Final = re.compile(r"CREATE TRIGGER .*?\bEND(?=;)", re.DOTALL)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """BEGIN IMMEDIATE … COMMIT, or ROLLBACK when anything is raised. Raises sqlite3.Error."""
    try:
        connection.execute("BEGIN IMMEDIATE")  # inside: Ctrl-C may come when it has just begun
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def strange_objects(connection: sqlite3.Connection, known: Iterable[str] = ()) -> list[str]:
    """The triggers and views of a file that are not among those that the scripts in `known` make.

    They run whenever something is written or read, so a file that somebody else made must not bring any.
    Raises sqlite3.Error.
    """
    ours = {" ".join(found.split()) for script in known for found in TRIGGER.findall(script)}
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE type IN ('trigger', 'view')")
    return [f"the {kind} {name}" for kind, name, sql in rows if " ".join(str(sql).split()) not in ours]
