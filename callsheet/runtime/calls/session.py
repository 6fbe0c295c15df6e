"""A project while a run makes paid calls: locked by this process, with its ledger open."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from callsheet.errors import InputError
from callsheet.nodes import providers as registered
from callsheet.nodes.queue.protocol import ProviderQueue
from callsheet.runtime.calls import SubmitLimit, recover
from callsheet.runtime.calls.buyer import Buyer, CallOptions, Refuse
from callsheet.runtime.calls.fetch import OnStatus
from callsheet.runtime.calls.store_files import StoreFiles
from callsheet.runtime.ledger import Attempt, LedgerFile, NewRun, Run, SqliteLedger
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.project_lock import RETRY_SECONDS, project_owned
from callsheet.spec.node import NodeSpec, Specs
from callsheet.spec.types import Type


@dataclass(frozen=True, slots=True)
class Project:
    """The open ledger, the store and the queues of a project that this process owns.

    specs_by_key: key → the spec of the node that asks for it. The outputs of a request to a language model
    are not known from its endpoint alone.
    """

    ledger: SqliteLedger
    store: Store
    specs: Specs
    queues: Mapping[str, ProviderQueue]
    specs_by_key: dict[str, NodeSpec] = field(default_factory=dict)

    def files(self, queue: ProviderQueue, folder: Path) -> StoreFiles:
        """Where results from `queue` are stored. folder: for downloads that are under way."""

        def output_types(attempt: Attempt) -> Mapping[str, Type]:
            return self.spec(attempt).outputs

        def read(attempt: Attempt) -> Mapping[str, object]:
            return queue.outputs(self.spec(attempt), attempt.result, attempt.request_id)

        return StoreFiles(self.store, output_types, read, folder)

    def spec(self, attempt: Attempt) -> NodeSpec:
        spec = self.specs_by_key.get(attempt.key) or self.specs.find(attempt.endpoint)
        assert spec is not None, f"{attempt.endpoint} was bought, so it was known"
        return spec

    def buyers(
        self, run: Run, folder: Path, limit: int, on_status: OnStatus, refuse: Refuse
    ) -> dict[str, Buyer]:
        """A buyer for each provider. limit: instances in progress at once, at each of them. refuse: as in
        `CallOptions`."""
        on_key = self.specs_by_key.__setitem__
        options = CallOptions(run.id, limit, SubmitLimit(), on_status, on_key, refuse)
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
