"""The run that a page started: one at a time, in a thread of its own, told to every page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import Context
from typing import Any, Final

from callsheet.errors import CallsheetError, PipelineError
from callsheet.review.hub import Hub
from callsheet.review.message import Refusal
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.crash_report import report
from callsheet.runtime.events import Event, NodeProgress, NodeWaiting, RunStarted, to_json
from callsheet.runtime.execute.result import Result

Execute = Callable[[Callable[[Event], None], Stop], Result]
"""Prepares and executes a run; gives its events to the first argument, and ends early for the second."""
STOP_SECONDS: Final = 30.0
"""How long the end of the server waits for a run that was asked to stop."""


class Work:
    """At most one run at a time. context: what the command allows counts in its thread, too. then: called at
    the end of each run. ended: takes the result of each run that came to an end."""

    def __init__(self, hub: Hub, context: Context, then: Callable[[], None]) -> None:
        self._hub, self._context, self._then = hub, context, then
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = Stop()
        self._is_preview = False
        self.ended: Callable[[Result], None] = lambda result: None

    @property
    def busy(self) -> bool:
        """Whether a run goes on."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, execute: Execute) -> dict[str, Any]:
        """Start a run, and wait until it has begun. Returns its first event as JSON values.

        Raises Refusal while another one goes on, and what `execute` raises before anything is made.
        """
        with self._lock:
            if self.busy:
                raise Refusal(409, "a run of this page goes on", "wait for its end, or stop it")
            self._stop = Stop()
            begun: Future[dict[str, Any]] = Future()
            self._thread = threading.Thread(
                target=self._context.copy().run, args=(self._run, execute, self._stop, begun), daemon=True
            )
            self._thread.start()
        return begun.result()

    def stop(self) -> bool:
        """Ask the run to stop, as Ctrl-C does. Returns whether one goes on."""
        self._stop.request()
        return self.busy

    def end_of_preview(self) -> None:
        """Wait for the end of the run that goes on; a preview is stopped."""
        if self._thread is not None and self.busy:
            if self._is_preview:
                self._stop.request()
            self._thread.join()

    def close(self) -> None:
        """Stop the run, and wait for it: what a provider accepted is in the ledger, and the next run fetches
        it."""
        if self._thread is not None and self.stop():
            self._thread.join(STOP_SECONDS)

    def _run(self, execute: Execute, stop: Stop, begun: Future[dict[str, Any]]) -> None:
        def tell(event: Event) -> None:
            if isinstance(event, RunStarted):
                self._hub.forget_run()
                self._is_preview = event.mode == "preview"
                begun.set_result({"run": event.run, "mode": event.mode, "total": event.total})
            kind = "progress" if isinstance(event, NodeProgress | NodeWaiting) else "run"
            self._hub.tell_text(kind, to_json(event))

        try:
            result = execute(tell, stop)
            for note in result.notes:
                self._hub.tell("note", {"text": note})
            self.ended(result)
        except BaseException as error:
            if not begun.done():
                begun.set_exception(error)
            else:
                self._hub.tell("failed", failure_of(error))
        finally:
            if not begun.done():
                begun.set_exception(Refusal(409, "the run ended before it began", "try again"))
            self._then()


def failure_of(error: BaseException) -> dict[str, str]:
    """An error for a person, as JSON values."""
    if isinstance(error, PipelineError):
        return {"error": str(error), "help": "correct the file"}
    if isinstance(error, CallsheetError | Refusal):
        return {"error": error.message, "help": error.next_step}
    if isinstance(error, KeyboardInterrupt):
        return {"error": "the run was interrupted", "help": "what was sent is fetched by the next run"}
    return {"error": "this is a bug in callsheet", "help": "report it", "report": report(error)}
