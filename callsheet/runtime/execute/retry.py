"""A node's `timeout` and `retry`: work within its time, and again if it may be tried again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeVar

from callsheet.dsl.graph import Instance, Options
from callsheet.errors import Kind, NodeError
from callsheet.runtime.calls.errors import CallError
from callsheet.runtime.calls.protocol import PaidResult
from callsheet.runtime.cancellation import Stop
from callsheet.spec.node import Job, Outputs, Worker

FALLS: Final[frozenset[Kind]] = frozenset({"rejected", "unavailable", "failed"})
GRACE: Final = 1.0
"""Seconds that a job whose time is over has to end by itself."""

T = TypeVar("T")


class TimedOut(NodeError):
    """The time of an instance is over. What a provider accepted by then is not given up, so nothing takes its
    place."""


async def tried(options: Options, once: Callable[[], Awaitable[T]], stop: Stop) -> T:
    """What `once` gives, called as often as the node's `retry` says while the kind of failure is among those
    that it names.

    Raises what the last call raised.
    """
    for _ in range((options.attempts or 1) - 1):
        try:
            return await once()
        except NodeError as error:
            if error.kind not in options.retried or stop.requested:
                raise
    return await once()


def falls_back(error: Exception) -> bool:
    """Whether another way may take the place of one that ended like this: the provider said no, or failed. A
    key that is not accepted is no reason to make something else, nor is a request that is under way."""
    if not isinstance(error, NodeError) or isinstance(error, TimedOut):
        return False
    if isinstance(error, CallError) and error.attempt.state not in ("REJECTED", "FAILED"):
        return False
    return error.kind in FALLS and not error.about_account


async def performed(provider: Worker, job: Job, seconds: float | None) -> Outputs:
    """What `provider` makes of `job` within `seconds`; after them the job is asked to stop, then let go.

    Raises NodeError (*failed*) when the time is over, and what the provider raises.
    """
    if seconds is None:
        return await provider.perform(job)
    late = threading.Event()
    watched = replace(job, cancelled=lambda: late.is_set() or job.cancelled())
    work = asyncio.ensure_future(provider.perform(watched))
    try:
        if not await _ended(work, seconds):
            late.set()
            await _ended(work, GRACE)
            raise _overdue(seconds, "raise its timeout, or ask for less")
        return work.result()
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def bought(buying: Awaitable[PaidResult], instance: Instance) -> PaidResult:
    """What comes of `buying` within the time of `instance`; nothing that was paid for is given up.

    Raises NodeError (*failed*) when the time is over, and what `buying` raises.
    """
    limit = asyncio.timeout(instance.options.timeout)
    try:
        async with limit:
            return await buying
    except TimeoutError:
        if not limit.expired():
            raise
        raise _overdue(
            instance.options.timeout, "run again: what the provider accepted is fetched, not paid again"
        ) from None


async def _ended(work: asyncio.Future[Outputs], seconds: float | None) -> bool:
    done, _ = await asyncio.wait({work}, timeout=seconds)
    return bool(done)


def _overdue(seconds: float | None, next_step: str) -> NodeError:
    return TimedOut(f"it was not done within its timeout of {seconds:g} s", "failed", next_step)
