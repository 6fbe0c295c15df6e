"""One scenario: a few calls, several processes with faults and crashes, then none; and the rules that must
hold."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar, cast

from callsheet.errors import CallsheetError
from callsheet.nodes.queue.protocol import QueueError
from callsheet.runtime import keys
from callsheet.runtime.calls import (
    Breaker,
    Caller,
    Clock,
    Fetcher,
    FetchRetry,
    Order,
    SubmitLimit,
    SubmitRetry,
    Submitter,
    reconcile,
    recover,
    unfetched,
)
from callsheet.runtime.ledger import Attempt, Ledger, NewRun, micros
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import INTEGER, VIDEO, Field
from callsheet.testing.simulation.loop import VirtualLoop
from callsheet.testing.simulation.parts import Kind, LedgerDisk, SimulatedFiles
from callsheet.testing.simulation.process import Process
from callsheet.testing.simulation.provider import LAG, LONGEST, PRICE, Server, SimulatedQueue

T = TypeVar("T")
EPOCH: Final = 1_700_000_000.0
QUIET_SECONDS: Final = reconcile.GRACE + LONGEST + LAG
"""Seconds without faults before the last processes; requests in doubt can be resolved by then."""

LAST_PROCESSES: Final = 4
"""One process may resolve a request in doubt, the next find its result gone, and the next buy it again."""


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
    """The calls, the server and the disks of one seed."""

    def __init__(self, seed: int, ledger: Kind, loop: VirtualLoop) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.loop = loop
        self.start = loop.time()
        self.disk = LedgerDisk(ledger, self.now)
        self.server = Server(
            Random(seed + 1),
            self.now,
            faults=self.rng.choice((0.0, 0.05, 0.1, 0.2)),
            recovery=self.rng.choice(("listing", "listing", "listing", "none")),
            watch=self._watch,
        )
        self.blobs: dict[str, str] = {}
        self.orders = self._orders()
        self.budget = self._budget()
        self.crashes = 0

    def now(self) -> float:
        return EPOCH + self.loop.time() - self.start

    def run(self) -> Summary:
        try:
            for _ in range(self.rng.randint(1, 5)):
                self._run_process(Process.random(self.rng))
                self.loop.jump(self.rng.choice((0.0, 5.0, 120.0, QUIET_SECONDS)))
            self.server.faults = 0.0
            for _ in range(LAST_PROCESSES):
                self.loop.jump(QUIET_SECONDS)
                self._run_process(Process(None, None, None))
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

    def _run_process(self, process: Process) -> None:
        process.run(self._work(process), self.loop)
        self.crashes += process.dead

    async def _work(self, process: Process) -> None:
        ledger = self.disk.open_for(process, self.rng)
        await recover(ledger)
        submit_limit, breaker = SubmitLimit(), Breaker("simulated")
        callers = [self._caller(ledger, process, submit_limit, breaker) for _ in range(2)]
        await self._reconciled(ledger, callers[0])
        run = await self._run(ledger)
        asked = [order for order in self.orders if not self.server.faults or self.rng.random() < 0.8]
        rest = await self._not_asked(ledger, asked)
        work = [callers[0].call(_of(run, order)) for order in asked]
        work += [callers[1].call(_of(run, order)) for order in asked if self.rng.random() < 0.3]
        work += [callers[0].finish(attempt) for attempt in rest]
        for outcome in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, CallsheetError):
                raise outcome

    async def _reconciled(self, ledger: Ledger, caller: Caller) -> None:
        try:
            await reconcile.reconcile(ledger, caller.submitter.queue, self.now())
        except QueueError:
            return

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
        self, ledger: Ledger, process: Process, submit_limit: SubmitLimit, breaker: Breaker
    ) -> Caller:
        files: dict[Path, str] = {}
        queue = SimulatedQueue(self.server, process, files)
        clock = Clock(self.now, asyncio.sleep, self.rng)
        results = SimulatedFiles(self.blobs, files, process)
        submitter = Submitter(queue, ledger, submit_limit, breaker)
        return Caller(submitter, Fetcher(queue, ledger, results, clock, FetchRetry()), clock, SubmitRetry())

    def _watch(self, what: str, request_id: str) -> None:
        """Check that a request id is on the disk before it is used, and a result before its file is
        fetched."""
        found = _at_once(self.disk.on_disk().owner(request_id))
        if found is None:
            raise RuleBroken(f"{what} of {request_id}, which is not in the ledger")
        if what == "download" and not found.result:
            raise RuleBroken(f"a file of {request_id} is fetched, but its result is not in the ledger")

    async def _summary(self) -> Summary:
        ledger = self.disk.on_disk()
        attempts = await ledger.attempts()
        self._nothing_twice(attempts)
        self._nothing_lost(attempts)
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
        """No more requests were accepted than there are calls, and failures that were asked for again."""
        posts = Counter(str(request.body["prompt"]) for request in self.server.requests.values())
        allowed = Counter(str(order.body["prompt"]) for order in self.orders)
        prompts = {order.key: str(order.body["prompt"]) for order in self.orders}
        allowed.update(prompts[attempt.key] for attempt in attempts if attempt.state == "FAILED")
        for prompt, count in posts.items():
            if count > allowed[prompt]:
                raise RuleBroken(f"{prompt}: {count} requests accepted, {allowed[prompt]} at most are right")

    def _nothing_lost(self, attempts: Sequence[Attempt]) -> None:
        """Each accepted request is in the ledger or in doubt; none whose result was good counts as failed."""
        known = {attempt.request_id: attempt for attempt in attempts if attempt.request_id}
        doubtful = {attempt.body for attempt in attempts if attempt.state == "UNKNOWN"}
        for request in self.server.requests.values():
            attempt = known.get(request.id)
            if attempt is None and _canonical(request.body) not in doubtful:
                raise RuleBroken(f"{request.id} was accepted, and nothing in the ledger says so")
            if attempt and attempt.state == "FAILED" and request.good and request.lasts:
                raise RuleBroken(f"{request.id} was good, but counts as failed: {attempt.error}")

    def _within_budget(self) -> None:
        spent = PRICE * len(self.server.requests)
        if self.budget is not None and spent > self.budget:
            raise RuleBroken(f"${spent:.2f} were spent of ${self.budget:.2f}")

    async def _kept_whole(self, ledger: Ledger, attempts: Sequence[Attempt]) -> None:
        for attempt in attempts:
            if attempt.state == "COMMITTED":
                kept = await ledger.kept(attempt.id)
                contents = [self.blobs.get(k.digest) for k in kept]
                if contents != [self.server.requests[attempt.request_id].media]:
                    raise RuleBroken(f"{attempt.address} is committed, but its files are {contents}")

    def _all_settled(self, attempts: Sequence[Attempt]) -> None:
        """In the end each call is done, in doubt for a reason, or over the budget."""
        last = {attempt.key: attempt for attempt in attempts}
        for order in self.orders:
            state = last[order.key].state if order.key in last else "never asked"
            done = any(a.key == order.key and a.state == "COMMITTED" for a in attempts)
            doubtful = state == "UNKNOWN" and self._may_stay_in_doubt(last[order.key], attempts)
            if not done and not doubtful and self.budget is None:
                raise RuleBroken(f"{order.address} is {state} in the end")
            if state in ("INTENT", "SENDING", "ACCEPTED", "RESULT", "STORED"):
                raise RuleBroken(f"{order.address} is {state} in the end")

    def _may_stay_in_doubt(self, attempt: Attempt, attempts: Sequence[Attempt]) -> bool:
        twins = sum(other.body == attempt.body for other in attempts)
        return self.server.recovery == "none" or twins > 1


def _canonical(body: Mapping[str, object]) -> str:
    return keys.canonical(dict(body)).decode()


def _at_once(work: Coroutine[Any, Any, T]) -> T:
    """The value of a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as ended:
        return cast(T, ended.value)
    raise RuntimeError("it waits")


def _order(number: int, take: int, seeded: bool) -> Order:
    inputs = {"seed": Field(INTEGER)} if seeded else {}
    spec = NodeSpec("model", "simulated", "text-to-video", inputs, {"video": VIDEO}, lambda _: {})
    key = f"key-{number}-{take}"
    return Order(key, spec, "model", {"prompt": f"shot {number}"}, 0, f"clip[{number}]", PRICE, take)


def _of(run: int, order: Order) -> Order:
    return Order(order.key, order.spec, order.endpoint, order.body, run, order.address, order.usd, order.take)
