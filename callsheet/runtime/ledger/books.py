"""Where the ledger of a project is: the one door through which it is read and written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from callsheet.runtime.ledger.connection import Connection
from callsheet.runtime.ledger.protocol import Ledger

T = TypeVar("T")


class Books(Protocol):
    """Implemented by `LedgerFile`. All methods raise LedgerError."""

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
        """The ledger, for the process that owns the project or a film of it. What it lacks is made."""
        ...

    def at_work(self, run: int) -> bool:
        """Whether a process makes the run with this number now."""
        ...

    def maker(self, run: int) -> str:
        """Who makes a run, for a person: its name, and where."""
        ...

    def close(self) -> None:
        """Close them. They are opened again when they are read again."""
        ...
