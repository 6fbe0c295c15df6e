"""Passes messages to every page that is open, as server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator
from typing import Any, Final

BEAT_SECONDS: Final = 15.0
"""Seconds after which something is sent where nothing happens, so that a page that left is noticed."""
GATHER_SECONDS: Final = 0.02
"""Messages that come within this time are sent together."""
MOST_WAITING: Final = 200
"""Parcels that wait for a page that takes none; after that it has to read everything anew."""
RETRY: Final = b"retry: 1000\n\n"
AGAIN: Final = b"event: again\ndata: {}\n\n"


class Hub:
    """Messages for pages. `tell` may be called from any thread; `listen` belongs to the event loop.

    What a run told so far is kept, so that a page that opens later sees it from its beginning.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[tuple[str, str]] = []
        self._planned = False
        self._pages: set[asyncio.Queue[bytes]] = set()
        self._run: list[bytes] = []

    def tell(self, kind: str, value: Any) -> None:
        """Send `value` as JSON to every page. kind: of the event."""
        self.tell_text(kind, json.dumps(value, ensure_ascii=False))

    def tell_text(self, kind: str, text: str) -> None:
        """As `tell`, of what is JSON in one line already."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: no page is left
            self._loop.call_soon_threadsafe(self._take, kind, text)

    def forget_run(self) -> None:
        """A new run begins: pages that open from now on see that one alone."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._run.clear)

    async def listen(self) -> AsyncGenerator[bytes, None]:
        """What a page is sent, without an end."""
        queue: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self._flush()
        begin = RETRY + b"".join(self._run)
        self._pages.add(queue)
        try:
            yield begin
            while True:
                yield await _next(queue)
        finally:
            self._pages.discard(queue)

    def _take(self, kind: str, text: str) -> None:
        self._waiting.append((kind, text))
        if not self._planned:
            self._planned = True
            self._loop.call_later(GATHER_SECONDS, self._flush)

    def _flush(self) -> None:
        self._planned = False
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        parts = [(kind, _framed(kind, text)) for kind, text in waiting]
        self._run += [part for kind, part in parts if kind == "run"]
        parcel = b"".join(part for _, part in parts)
        for queue in self._pages:
            _put(queue, parcel)


async def _next(queue: asyncio.Queue[bytes]) -> bytes:
    """What comes next; after a while without anything, a comment."""
    try:
        async with asyncio.timeout(BEAT_SECONDS):
            return await queue.get()
    except TimeoutError:
        return b": \n\n"


def _put(queue: asyncio.Queue[bytes], parcel: bytes) -> None:
    """A page that takes nothing for long is told to read everything anew."""
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        parcel = AGAIN
    queue.put_nowait(parcel)


def _framed(kind: str, text: str) -> bytes:
    return f"event: {kind}\ndata: {text}\n\n".encode("utf-8", "replace")
