"""The ledger of a project on a server, as its commands and runs open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock
from typing import TypeVar

import psycopg

from callsheet.runtime.ledger.connection import Connection
from callsheet.runtime.ledger.health import Health
from callsheet.runtime.ledger.join import Joined
from callsheet.runtime.ledger.postgres.address import Address
from callsheet.runtime.ledger.postgres.join import join
from callsheet.runtime.ledger.postgres.keeper import is_held
from callsheet.runtime.ledger.postgres.ledger import PostgresLedger, maker
from callsheet.runtime.ledger.postgres.schema import MIGRATIONS
from callsheet.runtime.ledger.postgres.session import (
    LOST,
    READS,
    SERVER_TIMEOUTS,
    Session,
    explained,
    explaining,
)
from callsheet.runtime.ledger.postgres.tables import about, own, prepare
from callsheet.runtime.ledger.records import LedgerError

T = TypeVar("T")


class LedgerServer:
    """Implements `Books`. state: the folder of the project's state, which remembers its ledger."""

    def __init__(self, address: Address, state: Path) -> None:
        self._address = address
        self._state = state
        self._session: Session | None = None
        self._turn = RLock()

    @property
    def shown(self) -> str:
        return self._address.shown

    @property
    def exists(self) -> bool:
        with self._turn:
            if self._session is not None:
                return True
            with self._connected(READS) as session:
                return own(session, self._address, self._state) is not None

    def open(self, can_own: bool = False) -> object:
        with self._turn:
            if self._session is None:
                with explaining(self._address):
                    self._session = self._checked(Session(self._address, READS))
            return self._session

    def _checked(self, session: Session) -> Session:
        """A connection to the tables of this project, of the newest version. Raises LedgerError,
        psycopg.Error."""
        try:
            found = own(session, self._address, self._state)
            _require_newest(found.version if found else 0, self._address)
        except BaseException:
            session.close()
            raise
        return session

    def read(self, operation: Callable[[Connection], T]) -> T:
        return self._read(operation)

    def _read(self, operation: Callable[[Session], T]) -> T:
        """Once more on another connection, where the first one was lost since it was used."""
        with self._turn:
            for last in (False, True):
                self.open()
                assert self._session is not None
                try:
                    return operation(self._session)
                except LOST as error:
                    self.close()
                    if last:
                        raise explained(error, self._address) from error
                except psycopg.Error as error:
                    raise explained(error, self._address) from error
        raise AssertionError

    def ledger(self) -> PostgresLedger:
        with self._connected(SERVER_TIMEOUTS) as session:
            prepare(session, self._address, self._state)
        return PostgresLedger(self._address)

    def at_work(self, run: int) -> bool:
        return self._read(lambda session: is_held(session, run))

    def maker(self, run: int) -> str:
        return self._read(lambda session: maker(session, run))

    def health(self) -> Health | None:
        if not self.exists:
            return None
        found = self._read(lambda session: about(session, self._address))
        return Health(found.version if found else 0, len(MIGRATIONS), "")

    def take_over(self, source: Path) -> Joined:
        with self._connected(SERVER_TIMEOUTS) as session:
            prepare(session, self._address, self._state)
            return join(session, source)

    def shorten(self) -> int:
        """Nothing: the events of other drivers are not ours to leave out."""
        return 0

    def close(self) -> None:
        with self._turn:
            if self._session is not None:
                self._session.close()
                self._session = None

    @contextmanager
    def _connected(self, settings: str) -> Iterator[Session]:
        """A connection for one piece of work. Raises LedgerError."""
        with explaining(self._address), closing(Session(self._address, settings)) as session:
            yield session


def _require_newest(version: int, address: Address) -> None:
    if version < len(MIGRATIONS):
        raise LedgerError(
            f"the ledger at {address.shown} has tables of version {version}, not {len(MIGRATIONS)}",
            "a run brings them to it: callsheet run",
        )
