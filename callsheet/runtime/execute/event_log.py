"""Writes the events of a run into the ledger."""

from __future__ import annotations

from typing import Final

from callsheet.runtime.events import Event, NodeProgress, NodeWaiting, Stream, to_json
from callsheet.runtime.execute.repeated import Repeated
from callsheet.runtime.ledger import Ledger

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
