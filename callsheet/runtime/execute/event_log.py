"""Writes the events of a run into the ledger."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Final

from callsheet.runtime.events import Event, NodeProgress, NodeWaiting, Stream, to_json
from callsheet.runtime.ledger import Ledger

WRITE_SECONDS: Final = 0.5
"""Seconds between two writes; the attempts themselves are written at once, elsewhere."""


class Journal:
    """Writes the events of `stream` into the ledger every half second, and the rest at the end of `async
    with`."""

    def __init__(self, ledger: Ledger, run: int, stream: Stream) -> None:
        self._ledger, self._run = ledger, run
        self._lines: list[str] = []
        self._task: asyncio.Task[None] | None = None
        stream.add_reader(self._note)

    def _note(self, event: Event) -> None:
        if not isinstance(event, NodeProgress | NodeWaiting):
            self._lines.append(to_json(event))

    async def __aenter__(self) -> Journal:
        self._task = asyncio.create_task(self._write_now_and_then())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._write()

    async def _write_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            await self._write()

    async def _write(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            await self._ledger.log(self._run, lines)
