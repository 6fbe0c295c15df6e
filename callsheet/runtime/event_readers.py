"""Readers of a run's events: the log, the guard around a view, and what tells that a run was aborted."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from types import TracebackType
from typing import Final

from callsheet.errors import CallsheetError, PipelineError, StoreError
from callsheet.runtime.events import (
    Emit,
    Event,
    NodeBlocked,
    NodeFailed,
    NodeFellBack,
    NodeFinished,
    NodeGate,
    NodeInterrupted,
    NodeWaiting,
    RunAborted,
    RunFinished,
    RunNote,
    RunStarted,
    Trouble,
)
from callsheet.spec.json_documents import DiagnosticJson

LOG: Final = logging.getLogger("callsheet")
LOG.addHandler(logging.NullHandler())  # without one, Python would print warnings to standard error


LOUD: Final = (RunFinished, RunAborted, RunNote, NodeFailed, NodeFellBack, NodeWaiting)
"""Events that may be more than information."""


def log(event: Event) -> None:
    """Write an event to the logger `callsheet`: failures as warnings or errors, the main steps as INFO, the
    rest as DEBUG."""
    if isinstance(event, LOUD) or LOG.isEnabledFor(logging.INFO):
        level, text = _entry(event)
        LOG.log(level, "%s: %s", event.run, text)


def _entry(event: Event) -> tuple[int, str]:
    match event:
        case RunStarted():
            return logging.INFO, f"{event.mode} of {event.path} begins, {event.total} instances"
        case RunFinished():
            level = logging.INFO if event.status in ("done", "waiting") else logging.WARNING
            return level, f"{event.status}, {event.made} made, ${event.usd:.2f} {event.message}".rstrip()
        case RunAborted():
            return logging.ERROR, f"aborted: {event.message}"
        case RunNote():
            return logging.WARNING, event.message
        case NodeFinished():
            return logging.INFO, f"{event.address} is made by {event.uses} in {event.seconds:.1f} s"
        case NodeFailed():
            level = logging.ERROR if event.kind == "bug" else logging.WARNING
            return level, f"{event.address} failed ({event.kind}): {event.message}"
        case NodeFellBack():
            return logging.WARNING, f"{event.address} falls back to {event.to}: {event.message}"
        case NodeWaiting(trouble=trouble) if trouble:
            return logging.WARNING, f"{event.address} waits: {trouble}"
        case NodeBlocked() | NodeGate() | NodeInterrupted():
            return logging.INFO, f"{event.address}: {event.event}"
    return logging.DEBUG, repr(event)


class Guarded:
    """Calls `view` with each event. What it raises does not end the run; it is logged and noted once."""

    def __init__(self, view: Emit) -> None:
        self._view = view
        self.notes: tuple[str, ...] = ()

    def __call__(self, event: Event) -> None:
        try:
            self._view(event)
        except Exception as error:
            if not self.notes:
                LOG.exception("what shows the run failed at %s; the run goes on", event.event)
                said = f"{type(error).__name__}: {error}"
                self.notes = (f"what shows the run failed at {event.event} ({said}); the run went on",)


class Aborting:
    """Passes events on. Where the `with` block raises, a last event says so: `run_aborted`."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._last: Event | None = None

    def __call__(self, event: Event) -> None:
        self._last = event
        self._emit(event)

    def __enter__(self) -> Aborting:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception) or isinstance(self._last, RunFinished):
            return
        run, number = (self._last.run, self._last.number) if self._last else ("", 0)
        last = replace(aborted(error), run=run, time=round(time.time(), 3), number=number + 1)
        log(last)
        Guarded(self._emit)(last)


def aborted(error: Exception) -> RunAborted:
    """The event that says what was raised."""
    match error:
        case PipelineError():
            return RunAborted("pipeline", error.message, diagnostics=_diagnostics(error))
        case CallsheetError():
            kind: Trouble = "store" if isinstance(error, StoreError) else "input"
            return RunAborted(kind, error.message, error.next_step)
        case OSError():
            return RunAborted("store", str(error))
    return RunAborted("bug", f"{type(error).__name__}, a bug in callsheet", "look at the traceback")


def _diagnostics(error: PipelineError) -> tuple[DiagnosticJson, ...]:
    return tuple(diagnostic.to_json() for diagnostic in error.diagnostics)
