"""Work in a thread that nobody has to wait for: foreign code may hang."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_own_thread(work: Callable[[], T]) -> T:
    """What `work` gives. When the caller is cancelled the thread is left to itself; it holds no process."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = outcome(work)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, daemon=True, name="plug-in").start()
    return await done


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` gives in a thread of its own. Raises what it raises, and TimeoutError after `seconds`."""
    found: list[tuple[T | None, BaseException | None]] = []
    thread = threading.Thread(target=lambda: found.append(outcome(work)), daemon=True, name="plug-in")
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError
    result, error = found[0]
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


def outcome(work: Callable[[], T]) -> tuple[T | None, BaseException | None]:
    """(result, None) or (None, error)."""
    try:
        return work(), None
    except BaseException as error:
        return None, error
