"""What is in the way of a film: what failed in its last run, and what waits for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from callsheet.page.calls import Calls
from callsheet.page.document.failure import Failure
from callsheet.runtime.events import NodeBlocked, NodeFailed, NodeFellBack, RunFinished
from callsheet.runtime.ledger import Run
from callsheet.runtime.plan.forecast import Forecast
from callsheet.spec import shell

WAITS: Final = ("blocked", "declined", "unknown")
"""Actions of a plan in which a person has to do something first."""


def failures(
    calls: Calls, run: Run | None, forecasts: Sequence[Forecast], places: Mapping[str, int], film: str
) -> tuple[Failure, ...]:
    """What failed in `run`, and then what waits for a person now. film: the path of the pipeline."""
    made = {f.step.address for f in forecasts if f.action == "reuse"}
    found = list(_of_run(calls, run, places, made, film)) if run is not None else []
    return (*found, *_waiting(forecasts, places, film))


def _of_run(
    calls: Calls, run: Run, places: Mapping[str, int], made: set[str], film: str
) -> Iterator[Failure]:
    assert calls.ledger is not None
    for event in map(json.loads, calls.ledger.events(run.id)):
        failure = _failure(event, run.name, places)
        if failure is not None:
            address = str(event.get("address", ""))
            yield Failure(
                failure.kind,
                failure.message,
                failure.next,
                failure.instance,
                run.name,
                settled=address in made,
            )
    if calls.status(run) == "killed":
        step = shell.command(["callsheet", "resume", run.name])
        yield Failure("killed", "the run was killed; what it bought is not lost", step, run=run.name)


def _failure(event: Mapping[str, Any], run: str, places: Mapping[str, int]) -> Failure | None:
    place = places.get(str(event.get("address", "")))
    message, step = str(event.get("message", "")), str(event.get("next_step", ""))
    match event.get("event"):
        case NodeFailed.event:
            return Failure(str(event.get("kind", "failed")), message, step, place, run)
        case NodeFellBack.event:
            told = f"{message}; {event.get('to')} was tried instead"
            return Failure(str(event.get("kind", "failed")), told, "", place, run)
        case NodeBlocked.event:
            return Failure("blocked", f"{event.get('cause')} failed, which it needs", "", place, run)
        case RunFinished.event if message:
            return Failure("run", message, step, None, run)
    return None


def _waiting(forecasts: Sequence[Forecast], places: Mapping[str, int], film: str) -> Iterator[Failure]:
    """A step that waits because of another one that waits is not told: mending the first mends it."""
    waits = {f.step.address for f in forecasts if f.action in WAITS or f.held}
    for f in forecasts:
        held = f.held and f.action == "reuse"
        if not held and (f.action not in WAITS or waits.intersection(f.step.needs)):
            continue
        kind = "approve" if held else f.action
        reason = f.reason or ("it waits for an approval" if held else f"it is {f.action}")
        yield Failure(kind, reason, _next(kind, f.step.address, film), places.get(f.step.address))


def _next(kind: str, address: str, film: str) -> str:
    match kind:
        case "approve":
            return shell.command(["callsheet", "approve", film, address])
        case "declined":
            return shell.command(["callsheet", "retake", film, address])
        case "unknown":
            return "callsheet reconcile"
    return shell.command(["callsheet", "explain", film, address])
