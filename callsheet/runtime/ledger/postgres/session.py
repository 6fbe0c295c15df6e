"""A connection to the server that the operations of the ledger can use, and what its errors mean."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import psycopg
from psycopg import errors, sql

from callsheet.runtime.ledger.postgres.address import Address
from callsheet.runtime.ledger.records import LedgerError

CONNECT_SECONDS: Final = 10
CLIENT_TIMEOUTS: Final = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""With these, this end notices within 15 s that the other one has vanished."""
SILENCE: Final = 15.0
"""Seconds for which the server may say nothing while it is asked. It may stand still though its machine
answers."""
AT_LENGTH: Final = 3600.0
"""The same for what changes all tables."""
SETTINGS: Final = """
SET search_path TO {schema};
SET synchronous_commit TO on;
SET default_transaction_isolation TO 'read committed';
SET statement_timeout TO '15s';
SET idle_in_transaction_session_timeout TO '15s'
"""
"""The last two let the server end what this end has given up, and free the locks of a driver that stands
still."""
READS: Final = "SET default_transaction_read_only TO on"
SERVER_TIMEOUTS: Final = """
SET tcp_keepalives_idle TO 5; SET tcp_keepalives_interval TO 3; SET tcp_keepalives_count TO 3;
SET tcp_user_timeout TO 15000
"""
"""With these, the server notices after 14 s that this end has vanished, and frees its locks."""
LOST: Final = (psycopg.OperationalError, psycopg.InterfaceError)
"""Errors after which nobody knows whether a transaction was committed, or which another try may not meet."""


class TimedConnection(psycopg.Connection[Any]):
    """Is given up when the server says nothing for `silence` seconds."""

    silence: float = SILENCE

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **named: Any) -> Any:
        return super().wait(self._timed(gen), *args, **named)

    def _timed(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """The steps of psycopg, which resumes them without news every tenth of a second, too. Raises
        psycopg.OperationalError."""
        since = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                news = yield wanted
                if news:
                    since = time.monotonic()
                elif time.monotonic() - since > self.silence:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"no answer for {self.silence:.0f} s")
                wanted = gen.send(news)
        except StopIteration as end:
            return end.value


class Session:
    """A connection with the tables of one project. Implements `Connection`."""

    def __init__(self, address: Address, settings: str = "") -> None:
        """settings: further statements. Raises psycopg.Error."""
        self.inner = TimedConnection.connect(
            **CLIENT_TIMEOUTS,  # type: ignore[arg-type]
            **{"application_name": "callsheet", **address.parameters},  # type: ignore[arg-type]
            autocommit=True,
        )
        schema = sql.Identifier(address.schema)
        self.inner.execute(sql.SQL(SETTINGS).format(schema=schema))
        if settings:
            self.inner.execute(settings)

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> psycopg.Cursor[Any]:
        return self.inner.execute(_translated(statement), [_clean(value) for value in values] or None)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> None:
        """psycopg takes three times as long for a single row in this way as in the other."""
        cleaned = [[_clean(value) for value in row] for row in rows]
        if len(cleaned) == 1:
            self.execute(statement, cleaned[0])
        elif cleaned:
            with self.inner.cursor() as cursor:
                cursor.executemany(_translated(statement), cleaned)

    @contextmanager
    def at_length(self) -> Iterator[None]:
        """A transaction that may take long. Raises psycopg.Error."""
        self.inner.silence = AT_LENGTH
        try:
            with self.inner.transaction():
                self.inner.execute("SET LOCAL statement_timeout TO 0")
                yield
        finally:
            self.inner.silence = SILENCE

    def close(self) -> None:
        self.inner.close()


@cache
def _translated(statement: str) -> Any:
    """A statement with the marks of psycopg."""
    return statement.replace("%", "%%").replace("?", "%s") if "?" in statement else statement


def _clean(value: Any) -> Any:
    """Postgres has no text with a zero in it."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) and "\0" in value else value


@contextmanager
def explaining(address: Address) -> Iterator[None]:
    """Raises LedgerError for every psycopg.Error inside."""
    try:
        yield
    except psycopg.Error as error:
        raise explained(error, address) from error


def explained(error: Exception, address: Address) -> LedgerError:
    """The error of the server, or of the way to it, as a message with a next step."""
    said = " ".join(_said(error).split()) or type(error).__name__
    match error:
        case errors.InsufficientPrivilege():
            step = _privilege(said)
        case errors.ReadOnlySqlTransaction():
            step = "it is a standby, or set to read only: name the server that takes writes"
        case errors.InvalidPassword() | errors.InvalidAuthorizationSpecification():
            step = "check user and password (PGPASSWORD, or ~/.pgpass)"
        case errors.InvalidCatalogName():
            step = "make the database: createdb NAME"
        case errors.DuplicateTable() | errors.UndefinedColumn() | errors.UndefinedTable():
            step = (
                "its tables are not those of callsheet: name another project (?project=NAME), or restore them"
            )
        case errors.DiskFull():
            step = "free some space there; what was recorded is kept"
        case _:
            step = _step(said)
    return LedgerError(f"the ledger at {address.shown} cannot be used: {said}", step)


def _said(error: Exception) -> str:
    """The words of the server, without the statement that it did not like."""
    return (isinstance(error, psycopg.Error) and error.diag.message_primary) or str(error)


def _privilege(said: str) -> str:
    """What to do without a right, by the words of the server."""
    if "must be owner" in said:
        return "only the role that made the tables may do this: name it in CALLSHEET_LEDGER"
    if "for database" in said:
        return "the owner of the database grants it: GRANT CREATE ON DATABASE …"
    return "the role that made the tables grants it: GRANT USAGE ON SCHEMA …, and rights to its tables"


def _step(said: str) -> str:
    """What to do, by the words of a failed connection, which has no code."""
    for word, step in (
        ("does not match host name", "name the server as its certificate does, in CALLSHEET_LEDGER"),
        ("certificate", "name the certificate of the server's authority: sslrootcert=FILE"),
        ("SSL", "the server needs TLS with a certificate that names its host (docs/scale.md)"),
        ("pg_hba.conf", "let this user in from this machine, in the server's pg_hba.conf"),
        ("password", "check user and password (PGPASSWORD, or ~/.pgpass)"),
        ("does not exist", "check user and database in CALLSHEET_LEDGER"),
    ):
        if word in said:
            return step
    return "check that the server runs and can be reached; what was recorded is kept"
