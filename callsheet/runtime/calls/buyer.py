"""Makes the paid instances of a run at one provider: each is bought once per key and kept in the ledger."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from callsheet.dsl.graph import Instance
from callsheet.errors import NodeError
from callsheet.nodes.providers import OWN
from callsheet.nodes.queue.protocol import BeforeSend, Outcome, Outgoing, ProviderQueue
from callsheet.nodes.queue.request_body import MediaUrls
from callsheet.runtime.calls.breaker import Breaker
from callsheet.runtime.calls.call import Caller
from callsheet.runtime.calls.clock import Clock
from callsheet.runtime.calls.digests import digests
from callsheet.runtime.calls.fetch import Fetcher
from callsheet.runtime.calls.order import Order
from callsheet.runtime.calls.other_runs import OtherRuns
from callsheet.runtime.calls.patience import FetchRetry
from callsheet.runtime.calls.protocol import PaidResult
from callsheet.runtime.calls.questions import OnWaiting
from callsheet.runtime.calls.rate_limits import Limits
from callsheet.runtime.calls.slots import Slots, SubmitLimit
from callsheet.runtime.calls.store_files import StoreFiles
from callsheet.runtime.calls.submit import Submitter
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.ledger import Attempt, Ceiling, Ledger, Upload
from callsheet.spec.node import NodeSpec
from callsheet.spec.price.quote import quote

OnKey = Callable[[str, Instance], None]
Refuse = Callable[[str, bool], None]


def _ignore(*_: object) -> None: ...


@dataclass(frozen=True, slots=True)
class CallOptions:
    """How one run makes its calls.

    run: its number in the ledger. limit: instances in progress at once. submit_limit: shared by all providers
    of the run. on_waiting: called with what a request waits for. on_key: called with a key and the instance
    that asks for it before anything is bought under that key. refuse: called with a key that nothing is known
    of yet, and whether its result is wanted once more; raises NodeError where nothing may be bought under it.
    pay_again: buy what was paid for and whose files cannot be had any more. webhook: the URL that providers
    call when a request is over, "" for none. patience: how often results are asked for, if not as usual.
    beside: other runs of the project may be at work. ceiling: what all runs of the project may spend
    together.
    """

    run: int
    limit: int = 1
    submit_limit: SubmitLimit = field(default_factory=SubmitLimit)
    on_waiting: OnWaiting = _ignore
    on_key: OnKey = _ignore
    refuse: Refuse = _ignore
    pay_again: bool = False
    webhook: str = ""
    patience: FetchRetry | None = None
    beside: bool = False
    ceiling: Ceiling | None = None


class Buyer:
    """Buys instances from one provider for one run."""

    def __init__(self, queue: ProviderQueue, ledger: Ledger, files: StoreFiles, options: CallOptions) -> None:
        self.name = queue.name
        self.limit = options.limit
        self.run = options.run
        self.queue = queue
        self.files = files
        self.clock = Clock()
        self._on_key = options.on_key
        self._refuse = options.refuse
        slots = Slots(queue.name, Limits(options.limit, options.limit), options.submit_limit)
        called = CalledQueue(queue, options.webhook)
        submitter = Submitter(called, ledger, slots, Breaker(queue.name), trusted=queue.name in OWN)
        patience = options.patience or FetchRetry()
        fetcher = Fetcher(called, ledger, files, self.clock, patience, options.on_waiting)
        others = _others(ledger, self.clock, options)
        self.caller = Caller(submitter, fetcher, self.clock, None, options.pay_again, others, options.ceiling)
        self.uploads = Uploads(ledger, queue.name, self.clock.now)
        self.media = MediaUrls(queue.upload, queue.is_there, self.uploads.urls)
        self._paid: set[int] = set()

    async def buy(self, instance: Instance, params: Mapping[str, object], key: str, stop: Stop) -> PaidResult:
        """Buy an instance, or take what was bought before under the same key.

        Raises NodeError: *unknown* when nobody knows whether an earlier request was accepted, and when the
        run is being stopped (what is accepted is fetched by the next run). Raises StoreError.
        """
        self._on_key(key, instance)
        buying = asyncio.ensure_future(self._attempt(instance, params, key))
        loop = asyncio.get_running_loop()

        def end() -> None:
            loop.call_soon_threadsafe(buying.cancel)

        stop.when_requested(end)
        try:
            attempt = await buying
        except asyncio.CancelledError:
            if not stop.requested:
                raise
            raise NodeError("stopped; what was accepted is fetched by the next run", "local") from None
        finally:
            stop.no_more(end)
        return await self._bought(attempt)

    async def _attempt(self, instance: Instance, params: Mapping[str, object], key: str) -> Attempt:
        refresh = instance.options.cache in ("refresh", "off")
        found = None if refresh else await self.caller.find(key, instance.address)
        if found is not None and self._has_declared_outputs(found, instance.spec):
            return found
        self._refuse(key, refresh)
        order = await self._order(instance, params, key, refresh or found is not None)
        return await self.caller.call(order)

    def _has_declared_outputs(self, found: Attempt, spec: NodeSpec) -> bool:
        """Whether a result that was fetched earlier has the outputs that the node declares now."""
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
        inputs = digests(params)
        await self.uploads.recall(inputs.values())
        before = dict(self.uploads.urls)
        outgoing = await self.queue.outgoing(instance.spec, params, self.media)
        await self.uploads.record(before)
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

    async def _bought(self, attempt: Attempt) -> PaidResult:
        kept = await self.caller.ledger.kept(attempt.id)
        if self.files.knows(kept):
            outputs, flaws = self.files.outputs(attempt, kept)
        else:
            outputs, flaws = await asyncio.to_thread(self.files.outputs, attempt, kept)
        now = attempt.run == self.run and attempt.id not in self._paid
        self._paid.add(attempt.id)
        return PaidResult(outputs, not now, attempt.price if now else 0.0, flaws)


def _others(ledger: Ledger, clock: Clock, options: CallOptions) -> OtherRuns | None:
    """The runs that may be at work beside this one."""
    if not options.beside:
        return None
    return OtherRuns(ledger, options.run, clock, options.on_waiting)


class CalledQueue:
    """A queue with which a webhook goes along. webhook: its URL, "" for none."""

    def __init__(self, queue: ProviderQueue, webhook: str = "") -> None:
        self.name, self.recovery = queue.name, queue.recovery
        self.status, self.result, self.cancel = queue.status, queue.result, queue.cancel
        self.upload, self.download, self.find, self.close = (
            queue.upload,
            queue.download,
            queue.find,
            queue.close,
        )
        self.provider_time = queue.provider_time
        self._queue, self._webhook = queue, webhook

    async def submit(self, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
        return await self._queue.submit(replace(outgoing, webhook=self._webhook), before_send)


class Uploads:
    """URLs of our files at one provider: read from the ledger before a request, recorded there after it."""

    def __init__(self, ledger: Ledger, provider: str, now: Callable[[], float]) -> None:
        self.urls: dict[str, str] = {}
        self._ledger, self._provider, self._now = ledger, provider, now
        self._kept: set[str] = set()

    async def recall(self, wanted: Iterable[str]) -> None:
        """Read the URLs of these digests from the ledger."""
        for digest in set(wanted) - self._kept:
            if found := await self._ledger.upload(digest, self._provider):
                self.urls[digest] = found.url
            self._kept.add(digest)

    async def record(self, before: Mapping[str, str]) -> None:
        """Record in the ledger what was uploaded since `before`."""
        for digest, url in list(self.urls.items()):
            if before.get(digest) != url:
                await self._ledger.uploaded(Upload(digest, self._provider, url, self._now()))


def price(spec: NodeSpec, params: Mapping[str, object]) -> float | None:
    """USD that a call is expected to cost; None when nobody knows."""
    return quote(spec, params).high
