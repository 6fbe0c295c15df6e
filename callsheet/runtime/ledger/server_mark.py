"""What a state folder remembers of its ledger on a server, lest a forgotten setting buys all again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from callsheet.runtime.ledger.records import LedgerError
from callsheet.runtime.store import atomic as disk
from callsheet.spec.disk_errors import explained
from callsheet.spec.project import LEDGER_MARK


@dataclass(frozen=True, slots=True)
class Mark:
    """identity: of the tables on the server. shown: where they are, without a password."""

    identity: str
    shown: str

    @classmethod
    def of(cls, state: Path) -> Mark | None:
        """The mark in a state folder, if there is one. Raises LedgerError for one that cannot be read."""
        path = state / LEDGER_MARK
        if not path.exists():
            return None
        try:
            found = json.loads(path.read_text("utf-8"))
            return cls(str(found["identity"]), str(found["shown"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LedgerError(
                f"{path} cannot be read, so nobody knows which ledger is this project's",
                "remove it if you know which one is, and name that",
            ) from error

    def write(self, state: Path) -> None:
        """Raises StoreError."""
        text = json.dumps({"identity": self.identity, "shown": self.shown})
        try:
            state.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise explained(error, state) from error
        disk.replace(state / LEDGER_MARK, [text.encode()])
