"""Executes a plan: starts instances, waits for them, and emits events."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import ChainMap
from collections.abc import Callable, Mapping
from typing import Final

from callsheet.dsl.graph import Instance
from callsheet.errors import CallsheetError, Kind, NodeError, StoreError
from callsheet.runtime.calls.protocol import PaidProvider
from callsheet.runtime.events import (
    Emit,
    NodeBlocked,
    NodeFailed,
    NodeFellBack,
    NodeFinished,
    NodeGate,
    NodeIncomplete,
    NodeInterrupted,
    NodeProgress,
    NodeSkipped,
    NodeStarted,
    RunNote,
)
from callsheet.runtime.execute.announcement import run_grew, run_reused
from callsheet.runtime.execute.declined import Declined
from callsheet.runtime.execute.instance import Done, InstanceRunner
from callsheet.runtime.execute.placeholder import MissingInstance
from callsheet.runtime.execute.repeated import Repeated
from callsheet.runtime.execute.retry import falls_back
from callsheet.runtime.execute.scheduler_input import added_work, provider_of, scheduler_of
from callsheet.runtime.execute.tally import Tally
from callsheet.runtime.execute.user_paths import approve, shown
from callsheet.runtime.graph.arguments import Results
from callsheet.runtime.lock.author import now
from callsheet.runtime.plan.dynamic_graph import AddedInstances
from callsheet.runtime.plan.forecast import Forecast, due, reused_later, to_do
from callsheet.runtime.prepare import Prepared
from callsheet.runtime.remote_store.offer import Purchase
from callsheet.spec.node import Worker
from callsheet.spec.types import NOTHING

REMEMBER: Final = 0.25
"""Seconds after which the results that were made are on the disk, at the latest."""
WORTH: Final = 0.1
"""Seconds of work after which they are written at once: a killed process loses no more of it."""
EVERY: Final = 0.1
"""Seconds between two progress events of one instance."""


class Progress:
    """Takes the progress of a job from any thread, and reports it at most every 0.1 seconds."""

    def __init__(
        self,
        address: str,
        loop: asyncio.AbstractEventLoop,
        tell: Callable[[tuple[str, float]], None],
    ) -> None:
        self._address = address
        self._loop = loop
        self._tell = tell
        self._last = float("-inf")

    def __call__(self, fraction: float) -> None:
        now = time.monotonic()
        if now - self._last < EVERY or not 0 <= fraction <= 1 or self._loop.is_closed():
            return
        self._last = now
        self._loop.call_soon_threadsafe(self._tell, (self._address, float(round(fraction, 3))))


Outcome = Done | CallsheetError


class Executor:
    """Makes every step of a plan that is not reused, each as soon as everything it needs is made.

    providers: name in `NodeSpec.provider` → who makes it, paid providers included; two names may share one.
    runner: makes one instance. Failures of instances are in the tally and in the events. An exception of
    `emit` itself stops the run and is raised.

    Raises InputError if a provider is missing.
    """

    def __init__(
        self,
        prepared: Prepared,
        providers: Mapping[str, Worker | PaidProvider],
        runner: InstanceRunner,
        emit: Emit,
    ) -> None:
        forecasts = prepared.plan.forecasts
        self.later = {f.step.address: f for f in reused_later(forecasts)}
        steps = [f.step for f in (*to_do(forecasts), *self.later.values())]
        there = (f for f in forecasts if f.action == "reuse")
        self.reused = [f for f in there if f.step.address not in self.later]
        self._spare = len(forecasts) - len(steps) - len(self.reused)
        self.steps = {step.address: step for step in steps}
        self.graph = prepared.graph
        self.instances = self.graph.instances
        self.declined = Declined({f.step.address: f.reason for f in forecasts if f.action == "declined"})
        self.providers = {**providers, self.declined.name: self.declined}
        begun = {
            f.step.address: f.alternative for f in forecasts if f.alternative and f.step.address in self.steps
        }
        self.assigned = {address: self._provider(address, begun.get(address, 0)) for address in self.steps}
        self.dynamic = prepared.dynamic
        self.gates = prepared.gates
        self._listen = prepared.remote.listen
        self.runner = runner
        usd, unpriced = due(forecasts, whole=prepared.options.preview)
        self.tally = Tally(total=len(forecasts), planned=usd, unpriced=unpriced)
        self.scheduler = scheduler_of(
            steps,
            self.graph,
            self.assigned,
            self.providers,
            self._held(),
            begun,
            settled={*self.later, *self.declined.reasons},
        )
        self._emit = emit
        self._added: dict[str, AddedInstances] = {}
        self._active: dict[str, tuple[asyncio.Task[None], float]] = {}
        self._happened: asyncio.Queue[tuple[str, Outcome | float] | None] = asyncio.Queue()
        self._deadline: float | None = None

    async def run(self, grace: float) -> Tally:
        """Run to the end, or until `grace` seconds after `runner.stop` was requested."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(self._happened.put_nowait, None)

        def tell(message: str) -> None:
            with contextlib.suppress(RuntimeError):  # the run is over, and says at its end what is left
                loop.call_soon_threadsafe(self._emit, RunNote(message))

        self.runner.stop.when_requested(wake)
        self._listen(tell)
        remembering = Repeated(self._remember_meanwhile, REMEMBER)
        remembering.start()
        try:
            self._reuse()
            while not self.scheduler.done:
                for provider in self.providers.values():
                    self.scheduler.widen(provider.name, provider.limit)
                for address in self.scheduler.ready():
                    self._start(address)
                if not await self._take(grace):
                    break
        finally:
            await self._abandon()
            await remembering.stop()
            self._remember()
        self.tally.waiting = len(self.scheduler.behind)
        self.tally.spare = self._spare + len(self.scheduler.unasked)
        self.tally.interrupted = self.runner.stop.requested
        return self.tally

    def look_again(self) -> None:
        """Look at once what may start, since a provider takes more. To be called in the event loop."""
        self._happened.put_nowait(None)

    def _provider(self, address: str, way: int) -> Worker | PaidProvider:
        """Who makes an instance; what is only published takes a place on this machine."""
        if address in self.declined.reasons:
            return self.declined
        if address in self.later:
            return self.providers["local"]
        return provider_of(self.instances[address].as_alternative(way), self.providers)

    def _held(self) -> list[str]:
        """The reused results that a person has to approve before later nodes may use them."""
        found = ((f.step.address, f.outputs) for f in self.reused)
        return [a for a, outputs in found if self.gates.closed(self.instances[a], outputs)]

    def _reuse(self) -> None:
        """Publish the results of earlier runs, and emit their events."""
        shown_files = {found.step.address: self._reused(found) for found in self.reused}
        if shown_files:
            self._emit(run_reused((found.step for found in self.reused), shown_files))
        for found in self.reused:
            self._gate(found.step.address, found.outputs or {}, shown_files[found.step.address])

    def _reused(self, found: Forecast) -> tuple[str, ...]:
        """Record one result of an earlier run. Returns its files under out/."""
        address, outputs = found.step.address, found.outputs or {}
        self.tally.results[address] = outputs
        self.tally.keys[address] = found.key
        self.tally.reused += 1
        if found.alternative:
            self.tally.ways[address] = found.alternative
        instance = self.instances[address].as_alternative(found.alternative)
        return tuple(map(shown, self.runner.show(instance, outputs, found.key, self.tally.results)))

    def _gate(self, address: str, outputs: Mapping[str, object], files: tuple[str, ...]) -> bool:
        """Whether later nodes have to wait for an approval of this result; emits the state of the
        approval."""
        gate = self.gates.at(self.instances[address], outputs)
        if gate is None:
            return False
        next_step = "" if gate == "open" else approve(self.graph, (address,))
        event = NodeGate(address, gate, files, next_step)
        self._emit(event)
        if gate != "open":
            self.tally.held.append(event)
        return gate != "open"

    def _start(self, address: str) -> None:
        instance = self._instance(address)
        self.scheduler.started(address)
        maker = instance.spec.provider if address in self.later else self.assigned[address].name
        self._emit(NodeStarted(address, instance.spec.uses, maker))
        if lost := self._lost(address):
            placeholder = instance.options.missing == "placeholder"
            self._emit(NodeIncomplete(address, tuple(lost), placeholder))
        self._active[address] = (asyncio.create_task(self._make(address)), time.monotonic())

    async def _make(self, address: str) -> None:
        progress = Progress(address, asyncio.get_running_loop(), self._happened.put_nowait)
        outcome: Outcome
        instance = self._instance(address)
        try:
            results = await self._results(instance)
            if (found := self.later.get(address)) is not None:
                outcome = await self.runner.publish_again(instance, found.outputs or {}, found.key, results)
            else:
                outcome = await self.runner.make(instance, self.assigned[address], results, progress)
            await self._let_grow(instance, outcome)
        except CallsheetError as error:
            outcome = error
        self._happened.put_nowait((address, outcome))

    async def _let_grow(self, instance: Instance, done: Done) -> None:
        """Find out in a thread which instances these outputs add. Raises NodeError, StoreError."""
        if not self.dynamic.can_grow:
            return
        if self.gates.closed(instance, done.outputs):
            self.dynamic.unapproved.add(instance.address)
        try:
            added = await self.dynamic.finished(instance.address, done.outputs, done.key)
        except (NodeError, StoreError):
            self.tally.paid(done.usd)
            raise
        if added is not None:
            await asyncio.to_thread(self.runner.out.grow, added.graph, self.dynamic.graph)
            self._added[instance.address] = added

    def _grow(self, added: AddedInstances) -> None:
        """Add new instances to the run."""
        self.graph, self.instances = added.graph, added.graph.instances
        new = {step.address: step for step in added.steps}
        self.steps |= new
        self.assigned |= {a: provider_of(self.instances[a], self.providers) for a in new}
        self.tally.total += len(new)
        self.tally.planned += sum(step.usd or 0.0 for step in added.steps)
        self.tally.unpriced += sum(step.usd is None for step in added.steps)
        self._emit(run_grew(added, self.tally))
        for address in added.skipped:
            self._emit(NodeSkipped(address))
        for blocked in self.scheduler.add(
            added_work(added, self.assigned, self.providers, self.scheduler.states)
        ):
            self._blocked(blocked, self.scheduler.causes[blocked])

    def _blocked(self, address: str, cause: str) -> None:
        self.tally.blocked += 1
        self._emit(NodeBlocked(address, cause))

    async def _results(self, instance: Instance) -> Results:
        """All results so far, with placeholders for those that `instance` tolerates to be missing."""
        if not (lost := self._lost(instance.address)):
            return self.tally.results
        if instance.options.missing == "skip":
            return ChainMap(self.tally.results, dict.fromkeys(lost, NOTHING))  # type: ignore[arg-type]
        placeholders = {one.address: await self.runner.placeholders(one) for one in map(self._loss, lost)}
        return ChainMap(self.tally.results, placeholders)

    def _lost(self, address: str) -> list[str]:
        """The failed or blocked instances among those that `address` needs and tolerates to be missing."""
        states = self.scheduler.states
        return [a for a in self._instance(address).tolerates if states.get(a) in ("failed", "blocked")]

    def _loss(self, address: str) -> MissingInstance:
        cause = self.scheduler.causes.get(address, address)
        failure = next(f for f in self.tally.failures if f.address == cause)
        reason = f"{failure.kind}: {failure.message}"
        reason = reason if cause == address else f"needs {cause}, {reason}"
        return MissingInstance(address, self.instances[address].spec, self.steps[address].facts, reason)

    async def _take(self, grace: float) -> bool:
        """Wait for the next outcome or progress, and handle it. Returns False when the grace period is
        over."""
        if self.runner.stop.requested and self._deadline is None:
            self.scheduler.stop()
            self._deadline = time.monotonic() + grace
        try:
            happened = await self._next()
        except TimeoutError:
            return False
        match happened:
            case (address, float(fraction)):
                self._progressed(address, fraction)
            case (address, outcome):
                self._end(address, outcome)
                if self.runner.cache.unwritten >= WORTH:
                    await self._remember_meanwhile()
        return True

    async def _next(self) -> tuple[str, Outcome | float] | None:
        """What happens next. Raises TimeoutError when the grace period is over."""
        if self._deadline is None:
            return await self._happened.get()
        async with asyncio.timeout(self._deadline - time.monotonic()):
            return await self._happened.get()

    def _end(self, address: str, outcome: Outcome) -> None:
        seconds = round(time.monotonic() - self._active.pop(address)[1], 3)
        if isinstance(outcome, Done):
            self._finished(address, outcome, seconds)
        elif self.runner.stop.requested and not isinstance(outcome, StoreError):
            self.scheduler.failed(address)
            self._emit(NodeInterrupted(address, seconds))
        elif not self._falls_back(address, outcome, seconds):
            self._failed(address, outcome, seconds)

    def _finished(self, address: str, done: Done, seconds: float) -> None:
        self.tally.results[address] = done.outputs
        self.tally.keys[address] = done.key
        if number := self.scheduler.way[address]:
            self.tally.ways[address] = number
        if not done.reused:
            self.tally.spent[address] = done.usd
        self.runner.publish(done.key, done.outputs, self._purchase(address, done))
        self.tally.reused += done.reused
        files = tuple(shown(path) for path in done.files)
        self.tally.paid(done.usd)
        uses = self._instance(address).spec.uses
        usd, unpriced = done.usd or 0.0, done.usd is None
        self._emit(
            NodeFinished(address, uses, seconds, usd, files, done.reused, unpriced, done.warnings, done.where)
        )
        if (added := self._added.pop(address, None)) is not None:
            self._grow(added)
        if self._gate(address, done.outputs, files):
            self.scheduler.held(address)
        else:
            self.scheduler.finished(address)

    def _purchase(self, address: str, done: Done) -> Purchase | None:
        """How a result was bought, as far as this run knows; None for what was made here."""
        if done.components is None:
            return None
        film, uses, anew = self.runner.out.graph.name, self._instance(address).spec.uses, not done.reused
        usd = done.usd if anew else None
        return Purchase(address, film, uses, done.components, usd, now() if anew else "", anew)

    def _instance(self, address: str) -> Instance:
        """The instance as it is made now; after a fallback, that is an alternative."""
        return self.instances[address].as_alternative(self.scheduler.way[address])

    def _falls_back(self, address: str, error: CallsheetError, seconds: float) -> bool:
        """Whether an alternative replaces the failed attempt; if so, it is scheduled."""
        before = self._instance(address).spec.uses
        kind = error.kind if isinstance(error, NodeError) else "local"
        if not falls_back(error) or not self.scheduler.turned(address, kind):
            return False
        self._turn(address, before, kind, error.message, seconds)
        return True

    def _turn(self, address: str, before: str, kind: Kind, message: str, seconds: float = 0.0) -> None:
        instance = self._instance(address)
        self.assigned[address] = provider_of(instance, self.providers)
        self._emit(NodeFellBack(address, before, seconds, kind, message, instance.spec.uses))

    def _failed(self, address: str, error: CallsheetError, seconds: float) -> None:
        failure = NodeFailed(
            address=address,
            uses=self._instance(address).spec.uses,
            seconds=seconds,
            kind=error.kind if isinstance(error, NodeError) else "local",
            message=error.message,
            next_step=error.next_step,
            report=error.report if isinstance(error, NodeError) else "",
        )
        self.tally.failures.append(failure)
        self._emit(failure)
        if isinstance(error, StoreError):
            self._break(error)
        for blocked in self.scheduler.failed(address):
            self._blocked(blocked, address)
        for other, way in self.scheduler.rerouted:
            before = self.instances[other].as_alternative(way).spec.uses
            self._turn(other, before, failure.kind, f"it needs {address}")

    async def _remember_meanwhile(self) -> None:
        """Write the cache to the disk, while the run goes on."""
        try:
            await asyncio.to_thread(self.runner.cache.flush)
        except StoreError as error:
            self._break(error)
            self._happened.put_nowait(None)

    def _remember(self) -> None:
        """Write the cache to the disk."""
        try:
            self.runner.cache.flush()
        except StoreError as error:
            self._break(error)

    def _break(self, error: StoreError) -> None:
        self.tally.broken = error
        self.scheduler.stop()

    def _progressed(self, address: str, fraction: float) -> None:
        if address in self._active:
            self._emit(NodeProgress(address, fraction))

    async def _abandon(self) -> None:
        """Cancel the jobs that still run, after the grace period or an internal error."""
        self.tally.stuck = len(self._active)
        tasks = [task for task, _ in self._active.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while not self._happened.empty():
            match self._happened.get_nowait():
                case (address, StoreError() as error) if address in self._active:
                    self._failed(address, error, round(time.monotonic() - self._active.pop(address)[1], 3))
        for address, (_, since) in self._active.items():
            if self.runner.stop.requested:
                self._emit(NodeInterrupted(address, round(time.monotonic() - since, 3)))
        self._active.clear()
