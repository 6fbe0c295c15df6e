"""Past runs of a project: a list of all, and one with its calls and what they cost."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.ledger import MICROS, Attempt, Run
from callsheet.runtime.workspace import Workspace
from callsheet.spec.document import Document
from callsheet.spec.suggest import suggest

PAYS: Final = ("SENDING", "UNKNOWN", "ACCEPTED", "RESULT", "STORED", "COMMITTED", "LOST")
"""States of requests that cost something, or may."""
FOLLOW_SECONDS: Final = 0.5
"""Seconds between two looks at the events of a run at work."""
AFTER: Final = 4
"""Looks after the end of a run, whose last event is written then; a killed one has none."""
LAST: Final = '{"event": "run_finished"'


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run. started: seconds since the epoch. status: how it ended, or "running" or "killed"; "done" also
    where a `resume` that had nothing to buy made what was left. calls: paid requests. usd: USD that were
    spent or are reserved. unpriced: how many of the calls it does not cover, since nobody knows their price.
    budget: USD it may spend, None for no limit. finished_by: the name of the run that resumed this one and is
    done, "" if there is none."""

    id: int
    name: str
    started: float
    status: str
    calls: int
    usd: float
    budget: float | None = None
    unpriced: int = 0
    finished_by: str = ""


@dataclass(frozen=True, slots=True)
class RunDetails(Document):
    """One run with its paid requests, oldest first."""

    summary: RunSummary
    attempts: tuple[Attempt, ...]


def runs(workspace: Workspace) -> list[RunSummary]:
    """All runs that had a ledger, newest first. Raises InputError when nothing was ever bought."""
    ledger = workspace.require_ledger()
    known = ledger.runs()
    later = finishers(known)
    return [_summary(workspace, run, ledger.attempts(run=run.id), later) for run in known]


def show(workspace: Workspace, name: str | None = None) -> RunDetails:
    """The run called `name`, or the newest. Raises InputError when there is none."""
    run = run_called(workspace, name)
    ledger = workspace.require_ledger()
    attempts = ledger.attempts(run=run.id)
    return RunDetails(_summary(workspace, run, attempts, finishers(ledger.runs())), tuple(attempts))


def events(workspace: Workspace, name: str | None = None) -> list[str]:
    """The recorded events of a run, each one line of JSON. Raises InputError when there is no such run."""
    return workspace.require_ledger().events(run_called(workspace, name).id)


def events_from(
    workspace: Workspace, name: str | None = None, start: int = 1, follow: bool = False
) -> Iterator[str]:
    """The recorded events of a run from the number `start` on, each one line of JSON. follow: go on until the
    run has ended. Raises InputError when there is no such run."""
    ledger, run = workspace.require_ledger(), run_called(workspace, name)
    read, after = 0, 0
    while True:
        at_work = workspace.at_work(run.id)
        lines = ledger.events(run.id)[read:]
        read += len(lines)
        yield from (line for line in lines if start <= 1 or _number(line) >= start)
        ended = any(line.startswith(LAST) for line in lines)
        if not follow or ended or (not at_work and after == AFTER):
            return
        after += not at_work
        time.sleep(FOLLOW_SECONDS)


def _number(line: str) -> int:
    """The number of a recorded event; 0 for one of the first version."""
    number = json.loads(line).get("number", 0)
    return number if isinstance(number, int) else 0


def run_called(workspace: Workspace, name: str | None) -> Run:
    """The run called `name` as the ledger has it, or the newest. Raises InputError when there is none."""
    known = workspace.require_ledger().runs()
    if not known:
        raise InputError("there are no runs yet", "callsheet run FILE starts one")
    found = known[0] if name is None else next((run for run in known if run.name == name), None)
    if found is None:
        raise InputError(f"there is no run {name}", suggest(name or "", [run.name for run in known], "runs"))
    return found


def finishers(known: Sequence[Run]) -> Mapping[int, Run]:
    """The number of each run that was resumed → the run that resumed it and is done. known: newest first."""
    done = {run.first: run for run in reversed(known) if run.status == "done"}
    found = ((run.id, done.get(run.first)) for run in known)
    return {number: last for number, last in found if last is not None and last.id > number}


def _summary(
    workspace: Workspace, run: Run, attempts: Sequence[Attempt], later: Mapping[int, Run]
) -> RunSummary:
    return RunSummary(
        id=run.id,
        name=run.name,
        started=run.started,
        status=run.status or ("running" if workspace.at_work(run.id) else "killed"),
        calls=len(attempts),
        usd=workspace.require_ledger().spent(run.id) / MICROS,
        budget=None if run.budget is None else run.budget / MICROS,
        unpriced=sum(attempt.price is None and attempt.state in PAYS for attempt in attempts),
        finished_by=later[run.id].name if run.id in later else "",
    )
