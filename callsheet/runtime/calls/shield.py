"""Lets work that must not be interrupted end before a cancellation takes effect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from callsheet.errors import StoreError

T = TypeVar("T")


async def shielded(work: Coroutine[Any, Any, T], seconds: float, withdraw: Callable[[], None]) -> T:
    """Await `work`. When cancelled, call `withdraw` and give `work` so many `seconds` to end by itself; a
    second cancellation ends the wait. What is not over then is cancelled, and its clean-up is awaited.

    Raises what `work` raises, and CancelledError when cancelled. A StoreError comes before a CancelledError:
    a write that failed must be reported.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        withdraw()
        await _ended(task, seconds)
        if not task.cancelled() and isinstance(error := task.exception(), StoreError):
            raise error from None
        raise


async def _ended(task: asyncio.Future[Any], seconds: float) -> None:
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
