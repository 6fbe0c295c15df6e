"""Who makes the paid instances of a run: each is bought once, by its key, and kept in the ledger."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from callsheet.dsl.graph import Instance
from callsheet.errors import NodeError
from callsheet.nodes.queue.protocol import Accepted, BeforeSend, Outcome, Outgoing, Refused
from callsheet.nodes.queue.request_queue import RequestQueue
from callsheet.runtime.calls import (
    Breaker,
    Bringer,
    Caller,
    Gate,
    Order,
    Patience,
    Retry,
    Submitter,
    Surroundings,
)
from callsheet.runtime.calls.fetch import Tell
from callsheet.runtime.calls.protocol import Bought
from callsheet.runtime.calls.rate_limits import Limits
from callsheet.runtime.calls.store_files import StoreShelf
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.ledger import MICROS, Attempt, Ledger, Upload
from callsheet.spec.media import Artifact
from callsheet.spec.node import NodeSpec

TOO_MANY: Final = 429
Wants = Callable[[str, NodeSpec], None]


def _untold(_: str, __: NodeSpec) -> None: ...


class Buyer:
    """Buys from one provider for one run. limit: instances under way at once. wants: is told, before anything
    is bought under a key, for which spec it is."""

    def __init__(
        self,
        queue: RequestQueue,
        ledger: Ledger,
        shelf: StoreShelf,
        gate: Gate,
        run: int,
        limit: int,
        tell: Tell,
        around: Surroundings | None = None,
        retry: Retry | None = None,
        patience: Patience | None = None,
        wants: Wants = _untold,
    ) -> None:
        self.name = queue.name
        self.wants = wants
        self.limit = limit
        self.queue = queue
        self.shelf = shelf
        self.run = run
        self.around = around or Surroundings()
        self.limits = Limits(limit, limit)
        breaker = Breaker(queue.name)
        watched = Watched(queue, self.limits, self.around)
        bringer = Bringer(watched, ledger, shelf, self.around, patience or Patience(), tell)
        self.caller = Caller(Submitter(watched, ledger, gate, breaker), bringer, self.around, retry)
        self.uploaded = Uploaded(ledger, queue.name, self.around.now)
        self.media = queue.media_urls(self.uploaded.urls)
        self._paid: set[int] = set()

    async def buy(self, instance: Instance, params: Mapping[str, object], key: str, stop: Stop) -> Bought:
        """Buy an instance, or take what was bought before under the same key.

        Raises NodeError: *unknown* when nobody knows whether an earlier request was accepted, and when the
        run is being stopped (what is accepted is fetched by the next run). Raises StoreError.
        """
        self.wants(key, instance.spec)
        buying = asyncio.ensure_future(self._attempt(instance, params, key))
        loop = asyncio.get_running_loop()
        stop.when_requested(lambda: loop.call_soon_threadsafe(buying.cancel))
        try:
            attempt = await buying
        except asyncio.CancelledError:
            if not stop.requested:
                raise
            raise NodeError("stopped; what was accepted is fetched by the next run", "local") from None
        return await self._bought(attempt)

    async def _attempt(self, instance: Instance, params: Mapping[str, object], key: str) -> Attempt:
        refresh = instance.options.cache in ("refresh", "off")
        found = None if refresh else await self.caller.find(key)
        if found is not None and self._answers(found, instance.spec):
            return found
        order = await self._order(instance, params, key, refresh or found is not None)
        await self._room(order.endpoint)
        self.limits.started(self.name, order.endpoint)
        try:
            return await self.caller.call(order)
        finally:
            self.limits.finished(self.name, order.endpoint)

    def _answers(self, found: Attempt, spec: NodeSpec) -> bool:
        """Whether a result that came home has what the node declares; nobody may have looked at that yet."""
        if spec.declares is None:
            return True
        try:
            self.queue.outputs(spec, found.result, found.request_id)
        except NodeError:
            return False
        return True

    async def _order(
        self, instance: Instance, params: Mapping[str, object], key: str, refresh: bool
    ) -> Order:
        self.caller.breaker.check(instance.spec.uses)
        inputs = dict(digests(params))
        await self.uploaded.recall(inputs.values())
        before = dict(self.uploaded.urls)
        outgoing = await self.queue.outgoing(instance.spec, params, self.media)
        await self.uploaded.keep(before)
        return Order(
            key=key,
            spec=instance.spec,
            endpoint=outgoing.endpoint,
            body=json.loads(outgoing.body),
            run=self.run,
            address=instance.address,
            usd=price(instance.spec, params),
            take=instance.take.number,
            inputs=inputs,
            refresh=refresh,
        )

    async def _room(self, endpoint: str) -> None:
        """Wait until the provider takes one more."""
        while not self.limits.is_open(self.name, endpoint, self.around.now()):
            pause = self.limits.opens_at(self.name, endpoint) - self.around.now()
            await self.around.sleep(max(0.05, pause))

    async def _bought(self, attempt: Attempt) -> Bought:
        kept = await self.caller.ledger.kept(attempt.id)
        outputs = await asyncio.to_thread(self.shelf.outputs, attempt, kept)
        now = attempt.run == self.run and attempt.id not in self._paid
        self._paid.add(attempt.id)
        return Bought(outputs, not now, attempt.spent / MICROS if now else 0.0)


class Watched:
    """A queue whose acceptances and refusals are told to the limits."""

    def __init__(self, queue: RequestQueue, limits: Limits, around: Surroundings) -> None:
        self.name, self.recovery = queue.name, queue.recovery
        self.status, self.result, self.cancel = queue.status, queue.result, queue.cancel
        self.upload, self.download, self.find, self.close = (
            queue.upload,
            queue.download,
            queue.find,
            queue.close,
        )
        self._queue, self._limits, self._around = queue, limits, around

    async def submit(self, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
        outcome = await self._queue.submit(outgoing, before_send)
        if isinstance(outcome, Accepted):
            self._limits.accepted(self.name, outgoing.endpoint)
        elif isinstance(outcome, Refused) and outcome.status == TOO_MANY:
            self._limits.refused(self.name, outgoing.endpoint, self._around.now(), outcome.retry_after)
        return outcome


class Uploaded:
    """Where our files are at a provider: looked up in the ledger before a request, kept there after."""

    def __init__(self, ledger: Ledger, provider: str, now: Callable[[], float]) -> None:
        self.urls: dict[str, str] = {}
        self._ledger, self._provider, self._now = ledger, provider, now
        self._kept: set[str] = set()

    async def recall(self, wanted: Iterable[str]) -> None:
        """Take the URLs of these digests from the ledger."""
        for digest in set(wanted) - self._kept:
            if found := await self._ledger.upload(digest, self._provider):
                self.urls[digest] = found.url
            self._kept.add(digest)

    async def keep(self, before: Mapping[str, str]) -> None:
        """Write down what was uploaded since `before`."""
        for digest, url in list(self.urls.items()):
            if before.get(digest) != url:
                await self._ledger.uploaded(Upload(digest, self._provider, url, self._now()))


def price(spec: NodeSpec, params: Mapping[str, object]) -> float | None:
    """USD that a call is expected to cost; None when nobody knows."""
    return spec.price.usd(params, spec.facts(params)) if spec.price else None


def digests(value: object, place: str = "") -> list[tuple[str, str]]:
    """(parameter path, digest) of every media value inside parameters."""
    match value:
        case Artifact():
            return [(place, value.digest)]
        case Mapping():
            return [d for n, v in value.items() for d in digests(v, f"{place}.{n}" if place else str(n))]
        case list():
            return [d for i, v in enumerate(value) for d in digests(v, f"{place}[{i}]")]
    return []
