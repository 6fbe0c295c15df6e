"""One scenario: a few calls, several processes with faults and crashes, then none; and the rules that must
hold."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar, cast

from callsheet.dsl.graph import Options
from callsheet.errors import CallsheetError, InputError, NodeError
from callsheet.nodes.queue.protocol import QueueError
from callsheet.nodes.queue.result import outputs
from callsheet.runtime import keys
from callsheet.runtime.calls import reconcile
from callsheet.runtime.calls.breaker import Breaker
from callsheet.runtime.calls.call import Caller, SubmitRetry
from callsheet.runtime.calls.clock import Clock, Uptime
from callsheet.runtime.calls.fetch import Fetcher
from callsheet.runtime.calls.order import Order
from callsheet.runtime.calls.other_runs import OtherRuns
from callsheet.runtime.calls.patience import FetchRetry
from callsheet.runtime.calls.recover import recover, unfetched
from callsheet.runtime.calls.slots import Slots, SubmitLimit
from callsheet.runtime.calls.store_files import Results
from callsheet.runtime.calls.submit import Submitter
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.execute.retry import Pauses, falls_back, tried
from callsheet.runtime.ledger import UNFETCHED, Attempt, Ledger, NewRun, micros
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import INTEGER, VIDEO, Field, ListOf
from callsheet.testing.simulation.loop import VirtualLoop
from callsheet.testing.simulation.parts import Kind, LedgerDisk, SimulatedFiles
from callsheet.testing.simulation.process import Process
from callsheet.testing.simulation.provider import LAG, LONGEST, PRICE, Server, SimulatedQueue

T = TypeVar("T")
EPOCH: Final = 1_700_000_000.0
QUIET_SECONDS: Final = reconcile.GRACE + LONGEST + LAG
"""Seconds without faults between processes; requests in doubt can be resolved by then."""

SOON: Final = LONGEST + 110.0
"""Seconds that a process lasts at most once the provider does what it should: a request, and a minute for
results that nobody can read."""

QUIET_DAYS: Final = 6 * 86400.0
"""Seconds before the last processes; by then no host of files is in trouble any more."""

LAST_PROCESSES: Final = 6
"""One process looks for a request in doubt, the next finds that it is absent or that its result is gone, a
person gives that up, and the next buys it again."""

DATES: Final = (0.0, 0.0, 0.0, 3600.0, -3600.0, -3600.0, 400 * 86400.0, -400 * 86400.0)
"""Seconds that the date of the machine may be wrong, in any process."""


SPEC: Final = NodeSpec(
    "model", "simulated", "text-to-video", {}, {"clips": ListOf(VIDEO), "seed": INTEGER}, lambda _: {}
)
USED: Final = frozenset({("clips", 0)})
"""The film uses the clips, and not the seed."""


class Machine:
    """The computer on which all processes run. Its date may be wrong, it may be started anew, and on some its
    uptime means nothing to another process."""

    def __init__(self, rng: Random, now: Callable[[], float]) -> None:
        self._rng, self._now = rng, now
        self._tells = rng.random() < 0.7
        self._wrong = 0.0
        self._boots = 0

    def wake(self, wrong: bool) -> None:
        """Another process begins."""
        self._wrong = self._rng.choice(DATES) if wrong else 0.0
        self._boots += not self._tells or self._rng.random() < 0.2

    def date(self) -> float:
        return self._now() + self._wrong

    def uptime(self) -> Uptime:
        return Uptime(f"boot {self._boots}", self._now())


class RuleBroken(AssertionError):
    """A rule was broken; the text says which one, and by which request."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of one scenario."""

    seed: int
    crashes: int
    posts: int
    committed: int
    unknown: int
    found: int
    absent: int


def simulate(seed: int, ledger: Kind = "sqlite", loop: VirtualLoop | None = None) -> Summary:
    """Run the scenario of `seed`; the same seed gives the same scenario. Raises RuleBroken."""
    mine = loop or VirtualLoop()
    try:
        return Scenario(seed, ledger, mine).run()
    except RuleBroken as error:
        raise RuleBroken(f"seed {seed} ({ledger}): {error}") from None
    finally:
        if loop is None:
            mine.close()


class Scenario:
    """The calls, the machine, the server and the disks of one seed."""

    def __init__(self, seed: int, ledger: Kind, loop: VirtualLoop) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.loop = loop
        self.start = loop.time()
        self.machine = Machine(self.rng, self.now)
        self.disk = LedgerDisk(ledger, self.machine.date)
        self.server = Server(
            Random(seed + 1),
            self.now,
            faults=self.rng.choice((0.0, 0.05, 0.1, 0.2)),
            recovery=self.rng.choice(("listing", "listing", "listing", "none")),
            tells_time=self.rng.random() < 0.7,
            watch=self._watch,
        )
        self.blobs: dict[str, str] = {}
        self.orders = self._orders()
        self.others = {order.key: _other(order) for order in self.orders}
        self.budget = self._budget()
        self.crashes = 0
        self.longest = 0.0
        self.naming = False

    def now(self) -> float:
        return EPOCH + self.loop.time() - self.start

    def run(self) -> Summary:
        try:
            for _ in range(self.rng.randint(1, 5)):
                self._run_process(Process.random(self.rng))
                self.loop.jump(self.rng.choice((0.0, 5.0, 120.0, QUIET_SECONDS)))
            self._lose_a_file(0.5)
            self.server.faults = 0.0
            self.loop.jump(QUIET_DAYS)
            for number in range(LAST_PROCESSES):
                self.loop.jump(QUIET_SECONDS)
                since = self.loop.time()
                self._run_process(Process(None, None, None), gives_up=number == 2)
                self.longest = max(self.longest, self.loop.time() - since)
            return self.loop.run_until_complete(self._summary())
        finally:
            self.disk.close()

    def _orders(self) -> list[Order]:
        """A few calls. Some models take a seed; some calls are the same but for their take."""
        orders = []
        for number in range(self.rng.randint(1, 5)):
            seeded = self.rng.random() < 0.5
            takes = 2 if self.rng.random() < 0.15 else 1
            for take in range(1, takes + 1):
                orders.append(_order(number, take, seeded))
        return orders

    def _budget(self) -> float | None:
        return self.rng.choice((None, None, 1.0, 2.0, 3.0)) if self.rng.random() < 0.7 else None

    def _run_process(self, process: Process, gives_up: bool = False) -> None:
        self.machine.wake(wrong=bool(self.server.faults))
        self._lose_a_file(3 * self.server.faults)
        process.run(self._work(process, gives_up), self.loop)
        self.crashes += process.dead

    def _lose_a_file(self, probability: float) -> None:
        """Somebody deletes a file from the store."""
        if self.blobs and self.rng.random() < probability:
            del self.blobs[self.rng.choice(sorted(self.blobs))]

    async def _work(self, process: Process, gives_up: bool) -> None:
        ledger = self.disk.open_for(process, self.rng)
        await recover(ledger)
        submit_limit, breaker = SubmitLimit(), Breaker("simulated")
        callers = [self._caller(ledger, process, submit_limit, breaker) for _ in range(2)]
        await self._reconciled(ledger, callers[0])
        if gives_up:
            await self._given_up(ledger)
        run = await self._run(ledger)
        asked = [order for order in self.orders if not self.server.faults or self.rng.random() < 0.8]
        rest = await self._not_asked(ledger, asked)
        work: list[Awaitable[object]] = [self._made(callers[0], run, order) for order in asked]
        work += [self._made(callers[1], run, order) for order in asked if self.rng.random() < 0.3]
        work += [callers[0].finish(attempt) for attempt in rest]
        for outcome in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, CallsheetError):
                raise outcome

    async def _made(self, caller: Caller, run: int, order: Order) -> None:
        """As a run makes it: with `retry`, and with another model when this one fails."""
        options = Options(attempts=1 + order.take)
        try:
            await tried(options, lambda: caller.call(_of(run, order)), Pauses(Stop()))
        except NodeError as error:
            if not falls_back(error):
                raise
            await caller.call(_of(run, self.others[order.key]))

    async def _reconciled(self, ledger: Ledger, caller: Caller) -> None:
        """Look up what is in doubt; now and then a person names a request, not always the right one."""
        queue = caller.submitter.queue
        with suppress(QueueError):
            await reconcile.reconcile(ledger, queue, caller.clock)
        for attempt in await ledger.attempts("UNKNOWN"):
            if self.server.faults and self.rng.random() < 0.6:
                named = self.rng.choice([*self.server.requests, "r0"])
                self.naming = True
                with suppress(QueueError, InputError):
                    await reconcile.adopt(ledger, queue, attempt, named)
                self.naming = False

    async def _given_up(self, ledger: Ledger) -> None:
        """A person gives up what the provider no longer has, and some of what can never be used."""
        for attempt in await unfetched(ledger):
            request = self.server.requests[attempt.request_id]
            if not request.lasts or (not request.usable and self.rng.random() < 0.5):
                await reconcile.declare_lost(ledger, attempt)

    async def _run(self, ledger: Ledger) -> int:
        """All processes continue one run."""
        for run in await ledger.runs():
            return run.id
        budget = None if self.budget is None else micros(self.budget)
        return (await ledger.start_run(NewRun("run", "film.yaml", budget))).id

    async def _not_asked(self, ledger: Ledger, asked: Sequence[Order]) -> list[Attempt]:
        keys = {order.key for order in asked}
        return [attempt for attempt in await unfetched(ledger) if attempt.key not in keys]

    def _caller(
        self,
        ledger: Ledger,
        process: Process,
        submit_limit: SubmitLimit,
        breaker: Breaker,
        others: Callable[[Clock], OtherRuns] | None = None,
    ) -> Caller:
        files: dict[Path, str] = {}
        queue = SimulatedQueue(self.server, process, files)
        clock = Clock(self.machine.date, asyncio.sleep, self.rng, self.machine.uptime)
        results = Results(lambda _: SPEC, lambda a: outputs(a.result, SPEC.outputs), lambda _: USED)
        kept = SimulatedFiles(results, self.blobs, files, process)
        submitter = Submitter(
            queue, ledger, Slots(queue.name, gate=submit_limit), breaker, uptime=self.machine.uptime
        )
        fetcher = Fetcher(queue, ledger, kept, clock, FetchRetry())
        return Caller(submitter, fetcher, clock, SubmitRetry(), others=others(clock) if others else None)

    def _watch(self, what: str, request_id: str) -> None:
        """An id is on the disk before anything is asked about it; a result, before a file of it is."""
        found = at_once(self.disk.on_disk().owner(request_id))
        if found is None and not self.naming:
            raise RuleBroken(f"{what} of {request_id}, which is not in the ledger")
        if found and what == "download" and not found.result:
            raise RuleBroken(f"a file of {request_id} is fetched, but its result is not in the ledger")

    async def _summary(self) -> Summary:
        ledger = self.disk.on_disk()
        attempts = await ledger.attempts()
        self._nothing_twice(attempts)
        self._nothing_in_its_place(attempts)
        self._nothing_lost(attempts)
        self._nothing_awaited(attempts)
        self._within_budget()
        await self._kept_whole(ledger, attempts)
        self._all_settled(attempts)
        states = Counter(attempt.state for attempt in attempts)
        found = sum(attempt.decision.startswith("found") for attempt in attempts)
        posts = len(self.server.requests)
        return Summary(
            self.seed, self.crashes, posts, states["COMMITTED"], states["UNKNOWN"], found, states["ABSENT"]
        )

    def _nothing_twice(self, attempts: Sequence[Attempt]) -> None:
        """As many requests were accepted as there are calls, and as failed or were given up by a person."""
        posts = Counter(str(request.body["prompt"]) for request in self.server.requests.values())
        prompts = {order.key: str(order.body["prompt"]) for order in self.orders}
        prompts |= {other.key: str(other.body["prompt"]) for other in self.others.values()}
        allowed = Counter(prompts.values())
        allowed.update(prompts[a.key] for a in attempts if a.state in ("FAILED", "LOST"))
        for prompt, count in posts.items():
            if count > allowed[prompt]:
                raise RuleBroken(f"{prompt}: {count} requests accepted, {allowed[prompt]} at most are right")

    def _nothing_in_its_place(self, attempts: Sequence[Attempt]) -> None:
        """Another model is asked only where this one was refused or failed, by the provider's word."""
        sent = {request.body["prompt"]: request.sent for request in self.server.requests.values()}
        for attempt in attempts:
            request = self.server.requests.get(attempt.request_id)
            other = self.others.get(attempt.key)
            if request is None or other is None or attempt.state in ("FAILED", "LOST"):
                continue
            if request.sent < sent.get(other.body["prompt"], 0.0):
                raise RuleBroken(f"another model was asked, though {request.id} was accepted before")

    def _nothing_lost(self, attempts: Sequence[Attempt]) -> None:
        """Each accepted request is in the ledger, or its call is in doubt; none has failed, unless the
        provider says so; and what it still has is here, if it can be used at all."""
        known = {attempt.request_id: attempt for attempt in attempts if attempt.request_id}
        doubtful = {attempt.body for attempt in attempts if attempt.state == "UNKNOWN"}
        for request in self.server.requests.values():
            attempt = known.get(request.id)
            if attempt is None:
                if _canonical(request.body) not in doubtful:
                    raise RuleBroken(f"{request.id} was accepted, and nothing in the ledger says so")
                continue
            if attempt.state == "FAILED" and request.good:
                raise RuleBroken(f"{request.id} was good, but counts as failed: {attempt.error}")
            if attempt.state in UNFETCHED and request.usable and request.lasts:
                raise RuleBroken(f"{request.id} is there, but was not fetched: {attempt.error}")

    def _nothing_awaited(self, attempts: Sequence[Attempt]) -> None:
        """Nobody waits for what the provider says that it failed, nor long for what nobody can read."""
        for attempt in attempts:
            request = self.server.requests.get(attempt.request_id)
            if attempt.state in UNFETCHED and request and request.lasts and not request.good:
                raise RuleBroken(f"{request.id} failed ({request.shape}), and is still waited for")
        if self.longest > SOON:
            raise RuleBroken(f"a run without faults took {self.longest:.0f} s")

    def _within_budget(self) -> None:
        spent = PRICE * len(self.server.requests)
        if self.budget is not None and spent > self.budget:
            raise RuleBroken(f"${spent:.2f} were spent of ${self.budget:.2f}")

    async def _kept_whole(self, ledger: Ledger, attempts: Sequence[Attempt]) -> None:
        """What is committed is of the right request, and here unless the store lost it and its host too."""
        for attempt in attempts:
            if attempt.state == "COMMITTED":
                request = self.server.requests[attempt.request_id]
                if not request.usable or _canonical(request.body) != attempt.body:
                    raise RuleBroken(f"{attempt.address} is committed with {request.shape} of {request.body}")
                contents = [self.blobs.get(k.digest) for k in await ledger.kept(attempt.id)]
                asked_again = attempt.key in self.others and request.lasts
                if contents != [request.media] and (asked_again or contents != [None]):
                    raise RuleBroken(f"{attempt.address} is committed, but its files are {contents}")

    def _all_settled(self, attempts: Sequence[Attempt]) -> None:
        """In the end each call is done, in doubt or kept for a reason, or does not fit into the budget."""
        last = {attempt.key: attempt for attempt in attempts}
        for order in self.orders:
            attempt = last.get(order.key)
            state = attempt.state if attempt else "never asked"
            keys = (order.key, self.others[order.key].key)
            done = any(a.key in keys and a.state == "COMMITTED" for a in attempts)
            doubtful = attempt and state == "UNKNOWN" and self._may_stay_in_doubt(attempt, attempts)
            kept = attempt and state in UNFETCHED and not self.server.requests[attempt.request_id].usable
            if not (done or doubtful or kept) and self.budget is None:
                raise RuleBroken(f"{order.address} is {state} in the end")
            if state in ("INTENT", "SENDING", "STORED"):
                raise RuleBroken(f"{order.address} is {state} in the end")

    def _may_stay_in_doubt(self, attempt: Attempt, attempts: Sequence[Attempt]) -> bool:
        """There is no listing, another one asked for the same, nothing tells how long ago it was sent, or the
        date was wrong when one like it was."""
        twins = sum(other.body == attempt.body for other in attempts)
        alike = [r for r in self.server.requests.values() if _canonical(r.body) == attempt.body]
        sent = attempt.sending or 0.0
        undated = sent < EPOCH or any(abs(request.sent - sent) > reconcile.SKEW for request in alike)
        return self.server.recovery == "none" or twins > 1 or not self.server.tells_time or undated


def _canonical(body: Mapping[str, object]) -> str:
    return keys.canonical(dict(body)).decode()


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """The value of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as ended:
        return cast(T, ended.value)
    raise RuntimeError("it waits")


def _order(number: int, take: int, seeded: bool) -> Order:
    spec = replace(SPEC, inputs={"seed": Field(INTEGER)}) if seeded else SPEC
    key = f"key-{number}-{take}"
    return Order(key, spec, "model", {"prompt": f"shot {number}"}, 0, f"clip[{number}]", PRICE, take)


def _other(order: Order) -> Order:
    """The same, asked of another model."""
    body = {"prompt": f"other {order.key}"}
    return replace(order, key=f"other-{order.key}", body=body, address=f"other {order.address}")


def _of(run: int, order: Order) -> Order:
    return replace(order, run=run)
