"""Makes jobs by an engine: what a worker of this machine is to the run."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from callsheet.errors import NodeError
from callsheet.runtime.engines.engine import Engine, Watch
from callsheet.runtime.engines.place import Place
from callsheet.runtime.engines.task import Answer, Maker, Task, encoded_parameters, program
from callsheet.runtime.engines.travels import travels
from callsheet.runtime.store.output_codec import decoded
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, NodeSpec, Outputs, Worker
from callsheet.spec.values import leaves, map_leaves

LOOK: Final = 0.25
"""Seconds between two looks at whether a job is to stop."""


class Remote:
    """A worker whose jobs `engine` carries out, with media in `place`. maker: carries out what does not
    travel; see `travels`. waits: takes an address and what its task waits for."""

    def __init__(
        self, maker: Worker, engine: Engine, place: Place, waits: Callable[[str, str], None] = lambda *_: None
    ) -> None:
        self.name = maker.name
        self.version = str(getattr(maker, "version", ""))
        self.renderer: Callable[[NodeSpec, str], str] | None = getattr(maker, "renderer", None)
        self._maker, self._engine, self._place, self._waits = maker, engine, place, waits
        self._room = asyncio.Semaphore(maker.limit)

    @property
    def limit(self) -> int:
        """How many jobs it takes at once; more when workers join."""
        return self._engine.limit

    async def perform(self, job: Job) -> Outputs:
        """Raises NodeError, StoreError."""
        if not travels(job, self._maker):
            async with self._room:
                return await self._maker.perform(job)
        artifacts = list(leaves(job.params, Artifact))
        if artifacts:
            await asyncio.to_thread(self._put, artifacts)
        answer = await self._stopping(job, self._engine.perform(self._task(job), self._watch(job)))
        answer.require()
        job.made_by(answer.where, answer.seconds)
        for sentence in answer.told:
            job.tell(sentence)
        return await asyncio.to_thread(self._outputs, job, answer)

    def _put(self, artifacts: list[Artifact]) -> None:
        for artifact in artifacts:
            self._place.put(artifact)

    def _task(self, job: Job) -> Task:
        maker: Maker = "local" if self.name == "local" else "preview"
        params, size = encoded_parameters(job.params), getattr(self._maker, "size", 0)
        return Task(
            program(),
            maker,
            job.spec.provider,
            job.spec.uses,
            job.address,
            params,
            self._place.location,
            size,
        )

    def _watch(self, job: Job) -> Watch:
        return Watch(job.progress, lambda what: self._waits(job.address, what))

    async def _stopping(self, job: Job, performing: object) -> Answer:
        """The answer; the work is called back when the job is to stop."""
        work: asyncio.Future[Answer] = asyncio.ensure_future(performing)  # type: ignore[call-overload]
        try:
            while not (await asyncio.wait({work}, timeout=LOOK))[0]:
                if job.cancelled():
                    raise NodeError(f"{job.address} was stopped", "local", "run again to make it")
            return work.result()
        finally:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError, NodeError):
                await work

    def _outputs(self, job: Job, answer: Answer) -> Outputs:
        """What a worker made, each file verified. Raises NodeError."""

        def taken(leaf: object) -> object:
            return self._place.taken(leaf, lambda: job.workdir) if isinstance(leaf, Artifact) else leaf

        try:
            outputs = decoded(answer.outputs, self._place.path_of)
        except (ValueError, TypeError, KeyError, RecursionError):
            outputs = None
        if not isinstance(outputs, dict):
            raise NodeError(f"{answer.where} gave an answer that is none", "local", "run it again")
        return {name: map_leaves(value, taken) for name, value in outputs.items()}
