"""What the verbs over past runs share: opening the ledger, finding runs and attempts, saying how they are."""

from __future__ import annotations

import time
from collections.abc import Sequence

from callsheet.errors import InputError
from callsheet.runtime.ledger import MICROS, Attempt, LedgerReader, Run
from callsheet.runtime.workspace import Workspace


def reader() -> LedgerReader:
    """The ledger of the project in the current folder, to read. Raises InputError when there is none."""
    return Workspace().require_ledger()


def find_run(runs: Sequence[Run], name: str | None) -> Run:
    """The run called `name`, or the newest. Raises InputError."""
    if not runs:
        raise InputError("there are no runs yet", "callsheet run FILE makes one")
    found = runs[0] if name is None else next((run for run in runs if run.name == name), None)
    if found is None:
        from callsheet.spec.suggest import suggest

        raise InputError(f"there is no run {name}", suggest(name or "", [run.name for run in runs], "runs"))
    return found


def status(run: Run) -> str:
    """How a run ended, or that it did not."""
    if run.status:
        return run.status
    return "running" if Workspace().owner() == run.pid else "killed"


def when(seconds: float) -> str:
    """A moment in the person's own time."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def usd(micros: int | None) -> str:
    from callsheet.cli.views.wording import money

    return "?" if micros is None else money(micros / MICROS)


def line(attempt: Attempt) -> str:
    """One attempt in one line."""
    parts = [attempt.address, attempt.state, attempt.endpoint, usd(attempt.actual or attempt.reserved)]
    parts += [f"request {attempt.request_id}"] if attempt.request_id else []
    parts += [attempt.error] if attempt.error else []
    return "  ".join(parts)
