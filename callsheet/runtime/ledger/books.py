"""Where the ledger of a project is: the one door through which it is read and written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from callsheet.runtime.ledger.connection import Connection
from callsheet.runtime.ledger.health import Health
from callsheet.runtime.ledger.join import Joined
from callsheet.runtime.ledger.protocol import Ledger

T = TypeVar("T")


class Books(Protocol):
    """Implemented by `LedgerFile`, and by `LedgerServer` for Postgres. All methods raise LedgerError."""

    @property
    def shown(self) -> str:
        """Where they are, for people."""
        ...

    @property
    def exists(self) -> bool:
        """Whether anything was ever bought in this project."""
        ...

    def open(self, can_own: bool = False) -> object:
        """Open them to read, if they are not open. can_own: `ledger` may follow."""
        ...

    def read(self, operation: Callable[[Connection], T]) -> T:
        """The result of `operation`, which only reads; from any thread."""
        ...

    def ledger(self) -> Ledger:
        """The ledger, for the process that owns the project or a film of it. What it lacks is made. Raises
        InUseForNow while another process does that."""
        ...

    def at_work(self, run: int) -> bool:
        """Whether a process makes the run with this number now."""
        ...

    def maker(self, run: int) -> str:
        """Who makes a run, for a person: its name, and where."""
        ...

    def health(self) -> Health | None:
        """Whether they are whole, and of which version; None where nothing was ever bought."""
        ...

    def take_over(self, source: Path) -> Joined:
        """Take what the ledger in the file `source` has, all or nothing; a second time does nothing. The
        caller owns both. Raises LiveInBoth."""
        ...

    def shorten(self) -> int:
        """Leave out of old runs what they only reused; the caller owns the project. Returns bytes saved."""
        ...

    def close(self) -> None:
        """Close them. They are opened again when they are read again."""
        ...
