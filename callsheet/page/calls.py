"""The paid calls of one film, from the ledger of its project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from callsheet.page.document.instance import Bought
from callsheet.runtime.ledger import Attempt, LedgerReader, Run
from callsheet.runtime.runs import PAYS, finishers
from callsheet.runtime.workspace import Workspace

COUNTS: Final = (*PAYS, "FAILED")
"""States of requests that cost something, or may."""


@dataclass(frozen=True)
class Calls:
    """runs: of the film, newest first; every: their requests, oldest first. ledger: None where nothing was
    ever bought. working: the numbers of the runs that a process makes now."""

    ledger: LedgerReader | None = None
    runs: tuple[Run, ...] = ()
    every: tuple[Attempt, ...] = ()
    working: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def of(cls, workspace: Workspace, film: str) -> Calls:
        """The calls of the film with this name. Raises LedgerError for a ledger that cannot be read."""
        ledger = workspace.ledger_reader()
        if ledger is None:
            return cls()
        runs = tuple(run for run in ledger.runs() if run.series == f"{film}-")
        known = {run.id for run in runs}
        every = tuple(attempt for attempt in ledger.attempts() if attempt.run in known)
        working = frozenset(run.id for run in runs if not run.status and workspace.at_work(run.id))
        return cls(ledger, runs, every, working)

    @property
    def paid(self) -> tuple[Attempt, ...]:
        """Those that cost something, or may, as `callsheet costs` counts them."""
        return tuple(attempt for attempt in self.every if attempt.state in COUNTS)

    def of_run(self, run: Run) -> list[Attempt]:
        """The requests of a run, oldest first."""
        return self._by_run.get(run.id, [])

    def status(self, run: Run) -> str:
        """How a run ended, or `running`, or `killed`."""
        return run.status or ("running" if run.id in self.working else "killed")

    def bought(self, key: str) -> Bought | None:
        """The newest call that gave the result of a request, by its key."""
        attempt = self._stored.get(key)
        if attempt is None:
            return None
        at = attempt.ended or attempt.resulted or attempt.created
        return Bought(self.names[attempt.run], at, attempt.price, attempt.request_id)

    @cached_property
    def names(self) -> Mapping[int, str]:
        """Number of a run → its name."""
        return {run.id: run.name for run in self.runs}

    @cached_property
    def finishers(self) -> Mapping[int, Run]:
        """Number of a run that was resumed → the run that did so and is done."""
        return finishers(self.runs)

    @cached_property
    def _by_run(self) -> Mapping[int, list[Attempt]]:
        return grouped(self.every)

    @cached_property
    def _stored(self) -> Mapping[str, Attempt]:
        return {attempt.key: attempt for attempt in self.every if attempt.state == "COMMITTED"}


def grouped(attempts: Sequence[Attempt]) -> dict[int, list[Attempt]]:
    """Number of a run → its requests."""
    found: dict[int, list[Attempt]] = {}
    for attempt in attempts:
        found.setdefault(attempt.run, []).append(attempt)
    return found
