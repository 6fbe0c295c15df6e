"""Writes the events of a run into the ledger."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Final

from callsheet.nodes.queue.protocol import Status
from callsheet.runtime.events import Event, NodeProgress, NodeWaiting, Stream, to_json
from callsheet.runtime.ledger import Attempt, Ledger

WRITE_SECONDS: Final = 0.5
"""Seconds between two writes; the attempts themselves are written at once, elsewhere."""


class Journal:
    """Writes the events of `stream` into the ledger every half second, and the rest at the end of `async
    with`."""

    def __init__(self, ledger: Ledger, run: int, stream: Stream) -> None:
        self._ledger, self._run, self._stream = ledger, run, stream
        self._lines: list[str] = []
        self._told: dict[str, NodeWaiting] = {}
        self._task: asyncio.Task[None] | None = None
        stream.add_reader(self._note)

    def _note(self, event: Event) -> None:
        if not isinstance(event, NodeProgress | NodeWaiting):
            self._lines.append(to_json(event))

    def waiting(self, attempt: Attempt, status: Status) -> None:
        """Emit the status of a request in progress, if it changed."""
        if status.state == "completed":
            return
        event = NodeWaiting(attempt.address, status.state, status.position)
        if self._told.get(attempt.address) != event:
            self._told[attempt.address] = event
            self._stream(event)

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
