"""Completes coroutines for callers that do not await: in an event loop of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

T = TypeVar("T")


def complete(work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns, after it ended."""
    return outside_of_loops(lambda: asyncio.run(work))


def outside_of_loops(function: Callable[[], T]) -> T:
    """Call a function that starts an event loop. Where a loop is running already, as in a notebook, it gets a
    thread, with the same permissions."""
    if not _loop_is_running():
        return function()
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(copy_context().run, function).result()


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
