"""A project while a run makes paid calls: its film locked for this process, with the ledger open."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar

from callsheet.dsl.graph import Instance
from callsheet.errors import NodeError, PlugInError
from callsheet.nodes import providers as registered
from callsheet.nodes.queue.protocol import ProviderQueue
from callsheet.runtime.calls.buyer import Buyer, CallOptions
from callsheet.runtime.calls.errors import NotInstalled
from callsheet.runtime.calls.packages import bought_with, record
from callsheet.runtime.calls.received import RECEIVED, sweep
from callsheet.runtime.calls.recover import recover
from callsheet.runtime.calls.store_files import Results, StoreFiles
from callsheet.runtime.graph.uses import Used
from callsheet.runtime.ledger import (
    LIVE,
    Attempt,
    Books,
    Forbidden,
    Ledger,
    NewRun,
    Run,
)
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.os_lock import InUse
from callsheet.runtime.store.project_lock import RETRY_SECONDS, films_owned, project_owned
from callsheet.runtime.store.run_locks import RunLocks
from callsheet.spec import shell
from callsheet.spec.node import NodeSpec, Specs

T = TypeVar("T")
OPENING_SECONDS: Final = 0.02
"""Seconds between two looks whether another process has opened the ledger."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for under a key. used: None when nobody knows."""

    spec: NodeSpec
    used: Used | None


@dataclass(frozen=True, slots=True)
class Project:
    """The open ledger, the store and the queues of a project that this process owns, or of a film of it.

    absent: providers whose requests are open here and that cannot be
    used, each with what is wrong with it, "" for one that is not installed.
    asked: key → the spec of the node that asks for it, and what is used of its outputs. The outputs of a
    request to a language model are not known from its endpoint alone.
    """

    ledger: Ledger
    store: Store
    specs: Specs
    queues: Mapping[str, ProviderQueue]
    absent: Mapping[str, str] = field(default_factory=dict)
    asked: dict[str, Asked] = field(default_factory=dict)

    def queue(self, attempt: Attempt) -> ProviderQueue:
        """The queue that an attempt was sent to. Raises NotInstalled."""
        queue = self.queues.get(attempt.provider)
        if queue is None:
            package = bought_with(self.store.root, attempt.provider)
            raise NotInstalled(attempt, package, self.absent.get(attempt.provider, ""))
        return queue

    def files(self, queue: ProviderQueue, folder: Path) -> StoreFiles:
        """Where results from `queue` are stored. folder: for downloads that are under way."""

        def read(attempt: Attempt) -> Mapping[str, object]:
            return queue.outputs(self.spec(attempt), attempt.result, attempt.request_id)

        return StoreFiles(self.store, Results(self.spec, read, self.used), folder)

    def spec(self, attempt: Attempt) -> NodeSpec:
        """Of the endpoint that an attempt was sent to. Raises NodeError when nobody knows it any more."""
        asked = self.asked.get(attempt.key)
        spec = asked.spec if asked else self.specs.find(attempt.endpoint)
        if spec is None:
            raise NodeError(
                f"{attempt.endpoint} is not known here any more, so its result cannot be read",
                "local",
                "install the package or take up the model again: "
                + shell.command(["callsheet", "models", "add", attempt.endpoint]),
            )
        return spec

    def used(self, attempt: Attempt) -> Used | None:
        """What is used of the outputs of an attempt; None when nobody here knows."""
        asked = self.asked.get(attempt.key)
        return asked.used if asked else None

    def buyers(
        self, folder: Path, options: CallOptions, uses: Callable[[str], Used | None]
    ) -> dict[str, Buyer]:
        """A buyer for each provider. folder: for downloads. uses: address → what is used of its outputs."""

        def on_key(key: str, instance: Instance) -> None:
            used, before = uses(instance.address), self.asked.get(key)
            if before is not None and (used is None or before.used is None):
                used = None
            elif before is not None and used is not None and before.used is not None:
                used |= before.used
            self.asked[key] = Asked(instance.spec, used)

        options = replace(options, on_key=on_key)
        return {
            name: Buyer(queue, self.ledger, self.files(queue, folder), options)
            for name, queue in self.queues.items()
        }


@contextlib.asynccontextmanager
async def opened(
    books: Books,
    store: Store,
    providers: tuple[str, ...],
    waiting: Callable[[InUse], bool],
    places: Collection[Path] = (),
) -> AsyncIterator[Project]:
    """Own the project and open its ledger; what a killed process left in doubt is UNKNOWN then.

    store: where results go; it lies in the folder of the project's state. providers: those whose queues are
    needed; every one there is when none is named. waiting: asked again and again while another process owns
    it, whether to go on waiting for its end; it gets what says so. places: what this run alone may write,
    while others of the project go on beside it; without any, no other run of this folder is at work.
    Raises InUse when another process owns it, StoreError when it cannot be written.
    """
    from callsheet.nodes.registry import Registry

    state = store.root
    locks = RunLocks(state)
    async with _alone(state, waiting, places), contextlib.AsyncExitStack() as stack:
        async with _opening(locks):
            store.prepare()
            record(state, providers)
            ledger = await _once_free(books.ledger, waiting)
            stack.push_async_callback(ledger.close)
            if not places:
                await ledger.settle()
            await recover(ledger)
            await sweep(state / RECEIVED, ledger)
            locks.sweep()
        queues: dict[str, ProviderQueue] = {}
        absent: dict[str, str] = {}
        for name in providers or await _concerned(ledger):
            try:
                queues[name] = registered.queue_of(name, state / RECEIVED)
            except PlugInError as error:
                if providers:
                    raise
                absent[name] = error.message if registered.package_of(name) else ""
            else:
                stack.push_async_callback(queues[name].close)
        yield Project(ledger, store, Registry(), queues, absent)


async def _concerned(ledger: Ledger) -> tuple[str, ...]:
    """Every provider that there is, and those that open requests were sent to."""
    live = {attempt.provider for attempt in await ledger.attempts(*LIVE)}
    return tuple(dict.fromkeys((*registered.every_provider(), *sorted(live))))


@contextlib.asynccontextmanager
async def _alone(
    state: Path, waiting: Callable[[InUse], bool], places: Collection[Path]
) -> AsyncIterator[None]:
    with contextlib.ExitStack() as stack:

        def owned() -> None:
            stack.enter_context(films_owned(state, places) if places else project_owned(state))

        await _once_free(owned, waiting)
        yield


async def _once_free(take: Callable[[], T], waiting: Callable[[InUse], bool]) -> T:
    """What `take` gives when no other process is in its way. Raises InUse when `waiting` returns False."""
    while True:
        try:
            return take()
        except InUse as error:
            if not waiting(error):
                raise
        await asyncio.sleep(RETRY_SECONDS)


@contextlib.asynccontextmanager
async def _opening(locks: RunLocks) -> AsyncIterator[None]:
    """One process at a time makes the ledger, brings it to the newest version, and looks what is in doubt."""
    with contextlib.ExitStack() as stack:
        while not stack.enter_context(locks.opening()):
            stack.close()
            await asyncio.sleep(OPENING_SECONDS)
        yield


async def start_run(project: Project, pipeline: str, new: NewRun) -> Run:
    """Begin a run, named after its pipeline and numbered: `lighthouse-3`. new: its name is not looked at."""
    number = 1 + sum(run.name.rpartition("-")[0] == pipeline for run in await project.ledger.runs())
    while True:
        try:
            return await project.ledger.start_run(replace(new, name=f"{pipeline}-{number}"))
        except Forbidden:
            if not any(run.name == f"{pipeline}-{number}" for run in await project.ledger.runs()):
                raise
            number += 1
