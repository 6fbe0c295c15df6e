"""One paid call, from an order to files in the store, through every crash in between."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from callsheet import failpoints
from callsheet.errors import Kind, NodeError
from callsheet.nodes.queue.protocol import NotSent, Outcome, Refused
from callsheet.runtime.calls.breaker import Breaker
from callsheet.runtime.calls.clock import Clock
from callsheet.runtime.calls.errors import CallError, NotFetched, Unknown
from callsheet.runtime.calls.fetch import Fetcher
from callsheet.runtime.calls.order import Order, intent
from callsheet.runtime.calls.other_runs import OtherRuns, newest
from callsheet.runtime.calls.questions import accepted
from callsheet.runtime.calls.slots import Slot, is_refused
from callsheet.runtime.calls.submit import Submitter
from callsheet.runtime.ledger import FREE, LIVE, Attempt, Ceiling, Forbidden, Ledger, Moved


@dataclass(frozen=True, slots=True)
class SubmitRetry:
    """What was provably not accepted may be sent again, as a new attempt: `tries` in all, with pauses that
    double from `first` to `cap` seconds, and at least what the provider asks for.

    For what was refused as one too many (429), the limits decide when that is. It is given up when the
    provider has accepted nothing for a minute, of no one's requests.
    """

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
        slots = self.submitter.slots
        async with self._locks.setdefault(order.key, asyncio.Lock()), slots.slot(order.endpoint) as slot:
            while True:
                try:
                    async with self._alone_with(order.key, order.address, slot) as newest:
                        return await self._judged(order, slot, newest)
                except (Moved, Forbidden):
                    if not await self._is_others(order.key, order.run):
                        raise

    async def find(self, key: str, address: str = "") -> Attempt | None:
        """The attempt bought under `key`, fetched now if it is still in progress; None if there is none.
        address: of the instance that asks.

        Raises Unknown, CallError, StoreError.
        """
        async with self._locks.setdefault(key, asyncio.Lock()):
            while True:
                try:
                    async with self._alone_with(key, address) as newest:
                        return await self._found(key, newest)
                except Forbidden:
                    if self.others is None or not await self._is_others(key, self.others.run):
                        raise

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

    async def _judged(self, order: Order, slot: Slot, newest: Attempt | None) -> Attempt:
        """What `call` gives, judged by the newest attempt of the key. Raises Moved and Forbidden when another
        run was quicker: then it has to be judged again."""
        if newest is not None and newest.state not in LIVE:
            found = await self.ledger.committed(order.key)
            if found and await self._is_enough(order, found):
                return found
        await slot.take()
        return await self.finish(await self._accepted(order, slot, newest))

    async def _found(self, key: str, newest: Attempt | None) -> Attempt | None:
        if newest is None or newest.state == "INTENT":
            return None
        if newest.state in ("SENDING", "UNKNOWN"):
            raise Unknown(newest)
        if newest.state in LIVE:
            return await self.finish(newest)
        found = await self.ledger.committed(key)
        return found if found and await self._restored(found) else None

    async def cancel(self, attempt: Attempt) -> Attempt:
        """Cancel an attempt. What was accepted may still be billed, so its price stays counted.

        Raises NodeError when it is too late, or when its outcome is unknown.
        """
        if attempt.state == "ACCEPTED":
            await self.submitter.queue.cancel(attempt.endpoint, accepted(attempt))
        elif attempt.state != "INTENT":
            raise NodeError(f"{attempt.address} is {attempt.state}: it cannot be cancelled", "local")
        return await self.ledger.advance(attempt.id, "CANCELLED", before=attempt.state)

    @asynccontextmanager
    async def _alone_with(
        self, key: str, address: str, slot: Slot | None = None
    ) -> AsyncIterator[Attempt | None]:
        """Gives the newest attempt of `key`, None if there is none; inside, no other run works on it. slot:
        is given back when another run has to be waited for, which may need one of those that wait here."""
        if self.others is None:
            yield await newest(self.ledger, key)
            return
        async with self.others.left(key, address, slot.give_back if slot else None) as found:
            yield found

    async def _is_others(self, key: str, run: int) -> bool:
        """Whether another run has begun the same request in the meantime, or was done with it."""
        live = await self.ledger.live(key)
        return self.others is not None and (live is None or live.run != run)

    async def _is_enough(self, order: Order, found: Attempt) -> bool:
        """Whether an earlier attempt serves `order`; when refreshing, only one of this run does."""
        return not (order.refresh and found.run != order.run) and await self._restored(found)

    async def _restored(self, found: Attempt) -> bool:
        """Whether the files of an attempt are in the store, fetched again if need be; False where they cannot
        be had and a person said that it may be paid again. Raises NotFetched."""
        try:
            await self.fetcher.restore(found)
        except NotFetched:
            if self.pay_again:
                return False
            raise
        return True

    async def _accepted(self, order: Order, slot: Slot, newest: Attempt | None) -> Attempt:
        """An attempt of `order`, accepted: the newest one where it is live, or a new one. Raises Unknown
        where the reply proves nothing; CallError or Moved where another process found it and ended it."""
        attempt = newest
        if attempt is not None and attempt.state == "INTENT" and attempt.run != order.run:
            attempt = await self.ledger.advance(attempt.id, "CANCELLED", before="INTENT")
        if attempt is None or attempt.state not in LIVE:
            attempt = await self._intended(order, attempt)
        if attempt.state == "INTENT":
            attempt = await self._sent(order, slot, attempt)
        if attempt.state in ("SENDING", "UNKNOWN"):
            raise Unknown(attempt)
        if attempt.state == "FAILED":
            raise CallError(attempt, attempt.error, cast(Kind, attempt.error_kind))
        if attempt.state not in LIVE:
            raise Moved(f"{attempt.address} is {attempt.state} by now (attempt {attempt.number})")
        return attempt

    async def _intended(self, order: Order, after: Attempt | None) -> Attempt:
        """A new attempt of `order`. after: the newest one, which was judged. Raises Moved, OverBudget."""
        self.breaker.check(order.endpoint)
        failpoints.reach("call.before_intent")
        seen = None if after is None else (after.number, after.state)
        attempt = await self.ledger.intend(intent(order, self.clock.rng), seen, self.ceiling)
        failpoints.reach("call.after_intent")
        return attempt

    async def _sent(self, order: Order, slot: Slot, attempt: Attempt) -> Attempt:
        """Send the attempt; when it was provably not accepted, send again, as long as `retry` allows it."""
        for tried in itertools.count(1):
            attempt, outcome = await self.submitter.submit(attempt, slot)
            if attempt.state == "UNKNOWN":
                self.breaker.failed("unknown", attempt.error, attempt.endpoint)
            if attempt.state not in FREE:
                return attempt
            if is_refused(outcome):
                if slot.is_hopeless:
                    why = "it has no room, and has accepted nothing for a minute or longer"
                    self.breaker.trip(why, outcome.kind, "run again later", attempt.endpoint)
                    break
            elif _worth_repeating(outcome) and tried < self.retry.tries:
                await self.clock.sleep(self.retry.pause(tried, outcome, self.clock.rng.random()))
            else:
                break
            await slot.take()
            attempt = await self._intended(order, attempt)
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
