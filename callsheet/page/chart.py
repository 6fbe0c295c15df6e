"""The time chart of a run: who waited, worked and was paid, and when; from its events and its requests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from callsheet.page.calls import COUNTS, Calls
from callsheet.page.document.run import Bar, RunView
from callsheet.runtime.events import (
    NodeBlocked,
    NodeFailed,
    NodeFinished,
    NodeInterrupted,
    NodeStarted,
    RunReused,
)
from callsheet.runtime.ledger import MICROS, Attempt, Run

ENDS = {
    NodeFinished.event: "made",
    NodeFailed.event: "failed",
    NodeBlocked.event: "blocked",
    NodeInterrupted.event: "interrupted",
}
"""Event → the outcome that it tells."""


@dataclass(slots=True)
class Work:
    """What the events say of one instance."""

    started: float | None = None
    ended: float | None = None
    outcome: str = ""


@dataclass(slots=True)
class Told:
    """What the events of a run say. work: address → what was done. reused: addresses that were there
    before."""

    work: dict[str, Work] = field(default_factory=dict)
    reused: set[str] = field(default_factory=set)


def summary(calls: Calls, run: Run) -> RunView:
    """A run without its chart."""
    attempts = [attempt for attempt in calls.of_run(run) if attempt.state in COUNTS]
    later = calls.finishers.get(run.id)
    return RunView(
        name=run.name,
        started=run.started,
        status=calls.status(run),
        seconds=None if run.finished is None else round(run.finished - run.started, 3),
        calls=len(attempts),
        usd=dollars(attempt.spent for attempt in attempts),
        unpriced=sum(attempt.price is None for attempt in attempts),
        budget=None if run.budget is None else run.budget / MICROS,
        finished_by="" if later is None else later.name,
    )


def chart(
    calls: Calls, run: Run, places: Mapping[str, int], needs: Mapping[str, Sequence[str]]
) -> tuple[tuple[Bar, ...], tuple[tuple[float, float], ...]]:
    """The bars of a run, and what was spent by when.

    places: address → index of the instance. needs: address → what it is made from.
    """
    assert calls.ledger is not None
    told = read(map(json.loads, calls.ledger.events(run.id)))
    attempts = calls.of_run(run)
    own: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        own.setdefault(attempt.address, []).append(attempt)
    bars = [
        _bar(places[address], work, own.get(address, []), _ready(address, told, needs, run), run)
        for address, work in told.work.items()
        if address in places
    ]
    bars += [Bar(places[a], 0.0, outcome="reused") for a in sorted(told.reused) if a in places]
    return tuple(bars), tuple(_paid(attempts, run))


def read(events: Iterable[Mapping[str, Any]]) -> Told:
    """What events, as JSON values, say of the instances, in the order in which work began."""
    told = Told()
    for event in events:
        name, address = event.get("event"), str(event.get("address", ""))
        if name == RunReused.event:
            told.reused.update(event.get("files", ()))
        elif name == NodeFinished.event and event.get("reused"):
            told.reused.add(address)
            told.work.pop(address, None)
        elif name == NodeStarted.event:
            told.work[address] = Work(float(event["time"]))
        elif name in ENDS:
            work = told.work.setdefault(address, Work())
            work.ended, work.outcome = float(event["time"]), ENDS[name]
    return told


def _ready(address: str, told: Told, needs: Mapping[str, Sequence[str]], run: Run) -> float:
    """When the last of what an instance needs was there; the beginning of the run, if all was before it."""
    ends = (told.work[need].ended for need in needs.get(address, ()) if need in told.work)
    return max((end for end in ends if end is not None), default=run.started)


def _bar(place: int, work: Work, attempts: Sequence[Attempt], ready: float, run: Run) -> Bar:
    last = attempts[-1] if attempts else None
    ready = ready if work.started is None else min(ready, work.started)
    return Bar(
        instance=place,
        ready=_since(run, ready),
        started=_maybe(run, work.started),
        ended=_maybe(run, work.ended),
        sent=_maybe(run, last.accepted if last else None),
        fetched=_maybe(run, last.resulted if last else None),
        outcome=work.outcome,
        usd=None if any(a.price is None for a in attempts) else dollars(a.spent for a in _paying(attempts)),
        attempts=len(attempts),
    )


def _paid(attempts: Sequence[Attempt], run: Run) -> Iterator[tuple[float, float]]:
    """Each moment at which a request was accepted that costs something, and the sum until then."""
    spent = 0
    for attempt in sorted(_paying(attempts), key=lambda a: a.accepted or a.created):
        if attempt.spent:
            spent += attempt.spent
            yield _since(run, attempt.accepted or attempt.created), spent / MICROS


def _paying(attempts: Iterable[Attempt]) -> Iterator[Attempt]:
    return (attempt for attempt in attempts if attempt.state in COUNTS)


def dollars(amounts: Iterable[int]) -> float:
    """Micro-dollars, added up, in USD."""
    return sum(amounts) / MICROS


def _since(run: Run, moment: float) -> float:
    return round(max(0.0, moment - run.started), 3)


def _maybe(run: Run, moment: float | None) -> float | None:
    return None if moment is None else _since(run, moment)
