"""Whether a ledger is whole, and of which version it is. Changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.runtime.ledger.database import FAILURES, explained
from callsheet.runtime.ledger.schema import MIGRATIONS

SECONDS: Final = 5.0
"""How long another process's lock is waited for."""


@dataclass(frozen=True, slots=True)
class Health:
    """version: of its tables; newest: the one that this callsheet writes. damage: what SQLite says is wrong,
    "" for nothing."""

    version: int
    newest: int
    damage: str


def health_of(path: Path) -> Health:
    """The health of the ledger at `path`. Raises LedgerError for a file that cannot be read."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, timeout=SECONDS, uri=True)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except FAILURES as error:
        raise explained(error, path) from error
    return Health(int(version), len(MIGRATIONS), "" if found == "ok" else str(found))
