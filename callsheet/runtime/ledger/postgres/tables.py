"""The tables of a project on the server: made, migrated, and refused where they are another project's."""

from __future__ import annotations

import platform
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from callsheet.runtime.ledger.postgres.address import Address
from callsheet.runtime.ledger.postgres.schema import MIGRATIONS
from callsheet.runtime.ledger.postgres.session import Session
from callsheet.runtime.ledger.records import LedgerError
from callsheet.runtime.ledger.server_mark import Mark
from callsheet.runtime.store.os_lock import InUseForNow
from callsheet.spec.project import LEDGER_MARK

THERE: Final = "SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = 'about'"
ABOUT: Final = sql.SQL("SELECT version, identity, made_by FROM {}.about")
WRITABLE: Final = (
    "SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only') = 'on',"
    " has_table_privilege('attempts', 'INSERT') AND has_table_privilege('attempts', 'UPDATE')"
)
TAKE: Final = "SELECT pg_try_advisory_lock(hashtextextended(?, 0))"
GIVE_BACK: Final = "SELECT pg_advisory_unlock(hashtextextended(?, 0))"


@dataclass(frozen=True, slots=True)
class About:
    """version: of the tables. identity: tells these tables from any others. made_by: by which folder, and on
    which machine."""

    version: int
    identity: str
    made_by: str


def about(session: Session, address: Address) -> About | None:
    """What the server says of the tables of a project; None where there are none.

    Raises LedgerError for tables of a newer version, psycopg.Error.
    """
    if session.execute(THERE, (address.schema,)).fetchone() is None:
        return None
    found = About(
        *session.inner.execute(ABOUT.format(sql.Identifier(address.schema))).fetchone() or (0, "", "")
    )
    if found.version > len(MIGRATIONS):
        raise LedgerError(
            f"the ledger at {address.shown} was written by a newer callsheet"
            f" (version {found.version}; known: {len(MIGRATIONS)})",
            "update callsheet",
        )
    return found


def prepare(session: Session, address: Address, state: Path) -> About:
    """Make the tables, or bring them to the newest version; one driver at a time does. state: the folder of
    the project's state, which remembers its ledger.

    Raises LedgerError where they cannot be written, and for tables of another project; InUseForNow while
    another driver does it; psycopg.Error.
    """
    found = own(session, address, state)
    if found is None or found.version < len(MIGRATIONS):
        with _alone(session, address):
            found = _migrated(session, address, state, own(session, address, state))
    _refuse_unwritable(session, address)
    if Mark.of(state) is None:
        Mark(found.identity, address.shown).write(state)
    return found


def own(session: Session, address: Address, state: Path) -> About | None:
    """The same as `about`, of the project whose state is in the folder `state`. Raises LedgerError for tables
    of another one, and psycopg.Error."""
    found = about(session, address)
    _refuse_another(found, Mark.of(state), address)
    return found


@contextmanager
def _alone(session: Session, address: Address) -> Iterator[None]:
    """Inside, no other driver makes or changes the tables. Raises InUseForNow while one does."""
    name = (f"callsheet {address.schema}",)
    if session.execute(TAKE, name).fetchone() != (True,):
        raise InUseForNow(
            f"another driver is making the tables at {address.shown}", "wait for it; then try again"
        )
    try:
        yield
    finally:
        with suppress(psycopg.Error):  # it ends with the connection
            session.execute(GIVE_BACK, name)


def _refuse_another(found: About | None, mark: Mark | None, address: Address) -> None:
    """Raises LedgerError for tables that are not those of this project."""
    if mark is not None and (found is None or found.identity != mark.identity):
        raise LedgerError(
            f"the ledger at {address.shown} is not the one of this folder, which is {mark.shown}",
            f"name that one; if it is lost, remove {LEDGER_MARK} from the state folder, and what only it knew"
            " may be bought again",
        )
    if mark is None and found is not None and not address.named:
        raise LedgerError(
            f"the server has a project {address.project} already, made by {found.made_by}",
            f"if it is this one, say so: …?project={address.project}; else choose another name",
        )


def _migrated(session: Session, address: Address, state: Path, before: About | None) -> About:
    """The tables as they are then; those that are the newest already stay."""
    if before is not None and before.version == len(MIGRATIONS):
        return before
    with session.at_length():
        if before is None:
            schema = sql.Identifier(address.schema)
            session.inner.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        for statements in MIGRATIONS[before.version if before else 0 :]:
            session.inner.execute(statements)
        made_by = before.made_by if before else f"{state.resolve().parent} on {platform.node()}"
        found = About(len(MIGRATIONS), before.identity if before else uuid.uuid4().hex, made_by)
        session.execute("DELETE FROM about")
        session.execute("INSERT INTO about VALUES (?, ?, ?)", (found.version, found.identity, found.made_by))
    return found


def _refuse_unwritable(session: Session, address: Address) -> None:
    standby, read_only, granted = session.execute(WRITABLE).fetchone() or (True, True, False)
    if standby or read_only or not granted:
        why = "is a standby" if standby else "is set to read only" if read_only else "may only be read by you"
        raise LedgerError(
            f"the ledger at {address.shown} {why}",
            "name the server that takes writes, or a user who may: GRANT SELECT, INSERT, UPDATE"
            f' ON ALL TABLES IN SCHEMA "{address.schema}"',
        )
