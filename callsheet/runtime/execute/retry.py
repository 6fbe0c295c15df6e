"""The `timeout` and `retry` of a node."""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from callsheet.dsl.graph import Instance, Options
from callsheet.errors import FALLS, NodeError
from callsheet.runtime.calls.errors import CallError
from callsheet.runtime.calls.protocol import PaidResult
from callsheet.runtime.cancellation import Stop
from callsheet.spec.node import Job, Outputs, Worker

LONGEST_WAIT: Final = 3600.0
"""Seconds between two attempts at most."""
GRACE: Final = 1.0
"""Seconds that a job whose time is over has to end by itself."""

T = TypeVar("T")


class TimedOut(NodeError):
    """The timeout of an instance is over. No alternative replaces it, since a request that was accepted can
    still be fetched."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """What the time between attempts depends on.

    stop: ends a pause at once. told: gets the seconds before each one, and the error of the last attempt.
    clock: in seconds, never goes back.
    """

    stop: Stop
    told: Callable[[float, NodeError], None] = lambda seconds, error: None
    clock: Callable[[], float] = time.monotonic


async def tried(options: Options, once: Callable[[], Awaitable[T]], pauses: Pauses) -> T:
    """Call `once`, again as often as `retry` says, while it fails in a way that `retry` names.

    Between two calls it waits as long as `retry` says. Raises the error of the last call.
    """
    began, wait, stop = pauses.clock(), options.pause.delay, pauses.stop
    within = math.inf if options.pause.within is None else options.pause.within
    for _ in range((options.attempts or 1) - 1):
        try:
            return await once()
        except NodeError as error:
            over = pauses.clock() - began + wait > within
            if error.kind not in options.retried or stop.requested or over or is_paid_for(error):
                raise
            if wait:
                pauses.told(wait, error)
                if await _stopped_within(wait, stop):
                    raise
        wait = min(wait * options.pause.backoff, LONGEST_WAIT)
    return await once()


def is_paid_for(error: NodeError) -> bool:
    """Whether a request was accepted, or may have been, and its result may still come: nothing is bought in
    its place."""
    return isinstance(error, CallError) and error.attempt.state not in ("REJECTED", "FAILED")


async def _stopped_within(seconds: float, stop: Stop) -> bool:
    """Wait. Returns whether the run was asked to stop before the time was over."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()

    def told() -> None:
        loop.call_soon_threadsafe(asked.set)

    stop.when_requested(told)
    try:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asked.wait(), seconds)
    finally:
        stop.no_more(told)
    return asked.is_set()


def falls_back(error: Exception) -> bool:
    """Whether an alternative may replace an instance that failed with `error`: the provider refused it or
    failed.

    Not after a rejected API key, and not while a request is in progress.
    """
    if not isinstance(error, NodeError) or isinstance(error, TimedOut):
        return False
    if is_paid_for(error):
        return False
    return error.kind in FALLS and not error.about_account


async def performed(provider: Worker, job: Job, seconds: float | None) -> Outputs:
    """What `provider` makes of `job`. After `seconds` the job is asked to stop, and one second later it is
    cancelled.

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
    """The result of `buying` within the timeout of `instance`. A request that was accepted is kept, and
    fetched by the next run.

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
