"""Writes the events of a run, and its end, into the ledger."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Final

from callsheet.errors import CallsheetError
from callsheet.runtime.events import Event, NodeProgress, NodeWaiting, Stream, to_json
from callsheet.runtime.execute.repeated import Repeated
from callsheet.runtime.ledger import Books, Ledger, Run
from callsheet.spec.event_loop import complete

WRITE_SECONDS: Final = 0.5
"""Seconds between two writes; the attempts themselves are written at once, elsewhere."""


class Journal:
    """Writes the events of `stream` into the ledger every half second, and the rest at the end of `async
    with`."""

    def __init__(self, ledger: Ledger, run: int, stream: Stream) -> None:
        self._ledger, self._run = ledger, run
        self._lines: list[str] = []
        self._repeated = Repeated(self._write, WRITE_SECONDS)
        stream.add_reader(self._note)

    def _note(self, event: Event) -> None:
        if not isinstance(event, NodeProgress | NodeWaiting):
            self._lines.append(to_json(event))

    async def __aenter__(self) -> Journal:
        self._repeated.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._repeated.stop()
        await self._write()

    async def _write(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            await self._ledger.log(self._run, lines)


def log_last(books: Books, event: Event) -> None:
    """Write the last event of a run, which is emitted when its journal is closed. It takes the connection of
    the run. Where that is not possible, the log of the run ends without it."""

    async def write(ledger: Ledger) -> None:
        run = next((run.id for run in await ledger.runs() if run.name == event.run), None)
        if run is not None:
            await ledger.log(run, [to_json(event)])

    _written(books, write)


def log_done(books: Books, run: Run) -> None:
    """Record that `run`, which was stopped, is done: it was resumed, and nothing was left to buy, so that the
    resuming run is not in the ledger. Where the ledger cannot be written, the run stays as it is."""
    _written(books, lambda ledger: ledger.finish_run(run.id, "done"))


def _written(books: Books, write: Callable[[Ledger], Coroutine[object, object, None]]) -> None:
    async def opened() -> None:
        ledger = books.ledger()
        try:
            await write(ledger)
        finally:
            await ledger.close()

    with suppress(CallsheetError):
        complete(opened())
