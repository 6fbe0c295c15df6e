"""Takes everything that a ledger in a file has into one on a server; see `callsheet.runtime.ledger.join`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from callsheet import failpoints
from callsheet.runtime.ledger.database import FAILURES, open_to_read
from callsheet.runtime.ledger.database import explained as file_explained
from callsheet.runtime.ledger.join import BEGIN, Join, Joined
from callsheet.runtime.ledger.postgres.session import Session


class ServerJoin(Join):
    """To a server. Other drivers wait meanwhile."""

    @contextmanager
    def any_state(self) -> Iterator[None]:
        """Without the trigger; its owner may leave it out. Raises psycopg.Error."""
        self.here.execute(f"ALTER TABLE attempts DISABLE TRIGGER {BEGIN}")
        yield
        self.here.execute(f"ALTER TABLE attempts ENABLE TRIGGER {BEGIN}")


def join(session: Session, source: Path) -> Joined:
    """Take what the ledger at `source` has, all or nothing. Raises LiveInBoth, LedgerError, psycopg.Error."""
    try:
        with closing(open_to_read(source)) as there, session.at_length():
            joined = ServerJoin(session, there).all()
            failpoints.reach("adopt.before_commit")
    except FAILURES as error:
        raise file_explained(error, source) from error
    return joined
