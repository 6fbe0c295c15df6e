"""A project while a run makes paid calls: locked by this process, with its ledger open."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from callsheet.dsl.graph import Instance
from callsheet.errors import InputError, NodeError
from callsheet.nodes import providers as registered
from callsheet.nodes.queue.protocol import ProviderQueue
from callsheet.runtime.calls import recover
from callsheet.runtime.calls.buyer import Buyer, CallOptions
from callsheet.runtime.calls.store_files import Results, StoreFiles
from callsheet.runtime.graph.uses import Used
from callsheet.runtime.ledger import Attempt, LedgerFile, NewRun, Run, SqliteLedger
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.project_lock import RETRY_SECONDS, project_owned
from callsheet.spec.node import NodeSpec, Specs


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for under a key. used: None when nobody knows."""

    spec: NodeSpec
    used: Used | None


@dataclass(frozen=True, slots=True)
class Project:
    """The open ledger, the store and the queues of a project that this process owns.

    asked: key → the spec of the node that asks for it, and what is used of its outputs. The outputs of a
    request to a language model are not known from its endpoint alone.
    """

    ledger: SqliteLedger
    store: Store
    specs: Specs
    queues: Mapping[str, ProviderQueue]
    asked: dict[str, Asked] = field(default_factory=dict)

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
                f"install the package or take up the model again (callsheet models add {attempt.endpoint})",
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
    file: LedgerFile, store: Store, providers: tuple[str, ...], waiting: Callable[[], bool]
) -> AsyncIterator[Project]:
    """Own the project and open its ledger; what a killed process left in doubt is UNKNOWN then.

    store: where results go; it lies in the folder of the ledger. providers: those whose queues are needed;
    every one there is when none is named. waiting: asked again and again while another process owns it,
    whether to go on waiting for its end.
    Raises InputError when another process owns it, StoreError when it cannot be written.
    """
    from callsheet.nodes.registry import Registry

    async with _alone(file.path.parent, waiting):
        store.prepare()
        ledger = SqliteLedger(file.writer())
        queues: dict[str, ProviderQueue] = {}
        try:
            for name in providers or registered.every_provider():
                queues[name] = registered.queue_of(name)
            await recover(ledger)
            yield Project(ledger, store, Registry(), queues)
        finally:
            for queue in queues.values():
                await queue.close()
            await ledger.close()


@contextlib.asynccontextmanager
async def _alone(state: Path, waiting: Callable[[], bool]) -> AsyncIterator[None]:
    with contextlib.ExitStack() as stack:
        while True:
            try:
                stack.enter_context(project_owned(state))
                break
            except InputError:
                if not waiting():
                    raise
            await asyncio.sleep(RETRY_SECONDS)
        yield


async def start_run(project: Project, pipeline: str, new: NewRun) -> Run:
    """Begin a run, named after its pipeline and numbered: `lighthouse-3`. new: its name is not looked at."""
    number = 1 + sum(run.name.rpartition("-")[0] == pipeline for run in await project.ledger.runs())
    return await project.ledger.start_run(replace(new, name=f"{pipeline}-{number}"))
