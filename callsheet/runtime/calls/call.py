"""One paid call, from an order to files in the store, through every crash in between."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass

from callsheet import failpoints
from callsheet.errors import NodeError
from callsheet.nodes.queue.protocol import NotSent, Outcome, Refused
from callsheet.runtime.calls.breaker import Breaker
from callsheet.runtime.calls.clock import Clock
from callsheet.runtime.calls.errors import CallError, NotFetched, Unknown
from callsheet.runtime.calls.fetch import Fetcher
from callsheet.runtime.calls.order import Order, intent
from callsheet.runtime.calls.other_runs import OtherRuns
from callsheet.runtime.calls.questions import accepted
from callsheet.runtime.calls.submit import Submitter
from callsheet.runtime.ledger import AlreadyLive, Attempt, Ceiling, Ledger


@dataclass(frozen=True, slots=True)
class SubmitRetry:
    """What was provably not accepted may be sent again, as a new attempt: `tries` in all, with pauses that
    double from `first` to `cap` seconds, and at least what the provider asks for."""

    tries: int = 5
    first: float = 1.0
    cap: float = 60.0

    def pause(self, tried: int, outcome: Outcome, jitter: float) -> float:
        """Seconds before the next try. jitter: 0 to 1."""
        asked = outcome.retry_after if isinstance(outcome, Refused) else None
        return max(min(self.cap, self.first * 2.0 ** (tried - 1)) * (0.5 + jitter), min(asked or 0.0, 600.0))


class Caller:
    """Makes paid calls to one provider. pay_again: what was paid for, and whose files cannot be had any more,
    is bought anew. others: runs that may be at work on the same requests; None where there are none.
    ceiling: what all runs of the project may spend together."""

    def __init__(
        self,
        submitter: Submitter,
        fetcher: Fetcher,
        clock: Clock,
        retry: SubmitRetry | None = None,
        pay_again: bool = False,
        others: OtherRuns | None = None,
        ceiling: Ceiling | None = None,
    ) -> None:
        self.submitter = submitter
        self.fetcher = fetcher
        self.clock = clock
        self.retry = retry or SubmitRetry()
        self.pay_again = pay_again
        self.others = others
        self.ceiling = ceiling
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def ledger(self) -> Ledger:
        return self.fetcher.ledger

    @property
    def breaker(self) -> Breaker:
        return self.submitter.breaker

    async def call(self, order: Order) -> Attempt:
        """The COMMITTED attempt of `order`: bought now, continued where an earlier run stopped, or found.

        Raises OverBudget, Unknown, CallError, NodeError when the breaker is tripped, and StoreError.
        """
        async with self._locks.setdefault(order.key, asyncio.Lock()):
            while True:
                try:
                    async with self._alone_with(order.key, order.address):
                        if found := await self._bought(order):
                            return found
                        return await self.finish(await self._accepted(order))
                except AlreadyLive:
                    if not await self._is_others(order):
                        raise

    async def find(self, key: str, address: str = "") -> Attempt | None:
        """The attempt bought under `key`, fetched now if it is still in progress; None if there is none.
        address: of the instance that asks.

        Raises Unknown, CallError, StoreError.
        """
        async with self._locks.setdefault(key, asyncio.Lock()), self._alone_with(key, address):
            live = await self.ledger.live(key)
            if live is None:
                found = await self.ledger.committed(key)
                return None if found is None else await self._restored(found)
            if live.state in ("SENDING", "UNKNOWN"):
                raise Unknown(live)
            return None if live.state == "INTENT" else await self.finish(live)

    async def finish(self, attempt: Attempt) -> Attempt:
        """Fetch the result of an accepted attempt: COMMITTED then. Raises CallError, StoreError."""
        try:
            done = await self.fetcher.fetch(attempt)
        except CallError as error:
            if error.attempt.state == "FAILED":
                message = error.attempt.error.replace(attempt.request_id, "…")
                self.breaker.failed(error.kind, message, attempt.endpoint)
            raise
        self.breaker.succeeded(attempt.endpoint)
        return done

    async def cancel(self, attempt: Attempt) -> Attempt:
        """Cancel an attempt. What was accepted may still be billed, so its price stays counted.

        Raises NodeError when it is too late, or when its outcome is unknown.
        """
        if attempt.state == "ACCEPTED":
            await self.submitter.queue.cancel(attempt.endpoint, accepted(attempt))
        elif attempt.state != "INTENT":
            raise NodeError(f"{attempt.address} is {attempt.state}: it cannot be cancelled", "local")
        return await self.ledger.advance(attempt.id, "CANCELLED")

    def _alone_with(self, key: str, address: str) -> AbstractAsyncContextManager[None]:
        """Inside, no other run works on the request `key`."""
        return self.others.left(key, address) if self.others else nullcontext()

    async def _is_others(self, order: Order) -> bool:
        """Whether another run has begun the same request in the meantime, or was done with it."""
        live = await self.ledger.live(order.key)
        return self.others is not None and (live is None or live.run != order.run)

    async def _bought(self, order: Order) -> Attempt | None:
        """An earlier attempt whose files are in the store; when refreshing, only one of this run counts."""
        if await self.ledger.live(order.key) is not None:
            return None
        found = await self.ledger.committed(order.key)
        if found is None or (order.refresh and found.run != order.run):
            return None
        return await self._restored(found)

    async def _restored(self, found: Attempt) -> Attempt | None:
        """An attempt whose files are in the store, fetched again if need be; None where they cannot be had
        and a person said that it may be paid again. Raises NotFetched."""
        try:
            await self.fetcher.restore(found)
        except NotFetched:
            if self.pay_again:
                return None
            raise
        return found

    async def _accepted(self, order: Order) -> Attempt:
        """The live attempt of `order`, accepted: the one there is, or a new one."""
        attempt = await self.ledger.live(order.key)
        if attempt is not None and attempt.state == "INTENT" and attempt.run != order.run:
            await self.ledger.advance(attempt.id, "CANCELLED")
            attempt = None
        if attempt is None:
            attempt = await self._intended(order)
        if attempt.state == "INTENT":
            attempt = await self._sent(order, attempt)
        if attempt.state in ("SENDING", "UNKNOWN"):
            raise Unknown(attempt)
        return attempt

    async def _intended(self, order: Order) -> Attempt:
        self.breaker.check(order.endpoint)
        failpoints.reach("call.before_intent")
        attempt = await self.ledger.intend(intent(order, self.clock.rng), self.ceiling)
        failpoints.reach("call.after_intent")
        return attempt

    async def _sent(self, order: Order, attempt: Attempt) -> Attempt:
        """Send the attempt; when it was provably not accepted, send again, up to `retry.tries` times."""
        for tried in range(1, self.retry.tries + 1):
            attempt, outcome = await self.submitter.submit(attempt)
            if attempt.state == "UNKNOWN":
                self.breaker.failed("unknown", attempt.error, attempt.endpoint)
            if attempt.state != "REJECTED":
                return attempt
            if not _worth_repeating(outcome) or tried == self.retry.tries:
                break
            await self.clock.sleep(self.retry.pause(tried, outcome, self.clock.rng.random()))
            attempt = await self._intended(order)
        raise self._rejected(attempt, outcome)

    def _rejected(self, attempt: Attempt, outcome: Outcome) -> CallError:
        kind = outcome.kind if isinstance(outcome, Refused) else "unavailable"
        next_step = outcome.next_step if isinstance(outcome, Refused) else "check the network and run again"
        self.breaker.failed(kind, attempt.error, attempt.endpoint)
        error = CallError(attempt, attempt.error, kind, next_step)
        error.about_account = isinstance(outcome, Refused) and bool(outcome.stop)
        return error


def _worth_repeating(outcome: Outcome) -> bool:
    match outcome:
        case NotSent():
            return True
        case Refused(kind="unavailable", stop=""):
            return True
    return False
