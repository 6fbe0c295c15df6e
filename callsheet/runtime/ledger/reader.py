"""What can be read of a ledger."""

from __future__ import annotations

from pathlib import Path

from callsheet.runtime.ledger import operations
from callsheet.runtime.ledger.books import Books
from callsheet.runtime.ledger.ledger_file import LedgerFile
from callsheet.runtime.ledger.records import Attempt, Billed, Frozen, Kept, Run
from callsheet.runtime.ledger.states import State


class LedgerReader:
    """Reads a ledger, also while another process writes; from any thread. Raises LedgerError."""

    def __init__(self, books: Books | Path) -> None:
        """books: where they are; a path is that of a file."""
        self._books: Books = LedgerFile(books) if isinstance(books, Path) else books
        self._books.open()

    def at_work(self, run: int) -> bool:
        """Whether a process makes the run with this number now."""
        return self._books.at_work(run)

    def maker(self, run: int) -> str:
        """Who makes a run, for a person: its name, and where."""
        return self._books.maker(run)

    def runs(self) -> list[Run]:
        """All runs, newest first."""
        return self._books.read(operations.runs)

    def attempts(self, *states: State, run: int | None = None) -> list[Attempt]:
        """Attempts in any of `states` (all, when none is named), oldest first."""
        return self._books.read(lambda c: operations.attempts(c, states, run))

    def committed(self, key: str) -> Attempt | None:
        """The newest attempt of `key` whose result is stored."""
        return self._books.read(lambda c: operations.committed(c, key))

    def last(self, key: str) -> Attempt | None:
        """The newest attempt of `key`, in any state."""
        return self._books.read(lambda c: operations.last(c, key))

    def newest(self, address: str, series: str) -> Attempt | None:
        """The newest attempt of an instance whose result is stored, with any key. series: what the names
        of the runs begin with."""
        return self._books.read(lambda c: operations.newest(c, address, series))

    def committed_at(self, address: str) -> list[Attempt]:
        """Every attempt of an instance whose result is stored, newest first."""
        return self._books.read(lambda c: operations.committed_at(c, address))

    def knows(self, attempt: Attempt) -> bool:
        """Whether an attempt of another ledger is in this one, too."""
        return self._books.read(lambda c: operations.knows(c, attempt.token, attempt.request_id))

    def kept(self, attempt: int) -> list[Kept]:
        """The files of an attempt's result."""
        return self._books.read(lambda c: operations.kept(c, attempt))

    def addresses(self, series: str) -> set[str]:
        """Every instance that has a stored result. series: what the names of the runs begin with."""
        return self._books.read(lambda c: operations.addresses(c, series))

    def durations(self, endpoint: str, last: int = 50) -> list[float]:
        """Seconds from accepted to known result, of the newest calls to an endpoint."""
        return self._books.read(lambda c: operations.durations(c, endpoint, last))

    def billed(self, last: int) -> list[Billed]:
        """The newest bills of calls whose result is stored."""
        return self._books.read(lambda c: operations.billed(c, last))

    def events(self, run: int) -> list[str]:
        """The events of a run, each one line of JSON."""
        return self._books.read(lambda c: operations.events(c, run))

    def spent(self, run: int) -> int:
        """Micro-dollars that count for a run."""
        return self._books.read(lambda c: operations.spent(c, run))

    def counted(self, first: int | None, series: str) -> int:
        """Micro-dollars that count for a budget of the run numbered `first`, and of those that go on from it;
        None for a run that is still to begin. series: what the names of all runs of the film begin with."""
        return self._books.read(lambda c: operations.counted(c, first, series))

    def spent_since(self, since: float) -> int:
        """Micro-dollars of everything that was asked for since then (seconds since the epoch)."""
        return self._books.read(lambda c: operations.spent_since(c, since))

    def frozen(self, key: str, output: str) -> Frozen | None:
        """The output of a call that extended the graph of the newest run that used it."""
        return self._books.read(lambda c: operations.frozen(c, key, output))

    def close(self) -> None:
        self._books.close()
