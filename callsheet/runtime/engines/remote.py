"""Makes jobs by an engine: what a worker of this machine is to the run."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from callsheet.errors import NodeError
from callsheet.runtime.engines.engine import Engine, Watch
from callsheet.runtime.engines.parts import KeptParts, shares
from callsheet.runtime.engines.place import Place
from callsheet.runtime.engines.task import (
    Answer,
    Maker,
    Task,
    encoded_parameters,
    encoded_parts,
    no_answer,
    program,
)
from callsheet.runtime.engines.travels import travels
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, Made, NodeSpec, Outputs, Worker
from callsheet.spec.values import leaves, map_leaves

T = TypeVar("T")
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
        answer = await self._stopping(job, self._answered(job))
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
            asked=None if _parts_of(job) else (),
        )

    async def _answered(self, job: Job) -> Answer:
        """The answer of a worker; what it lacks is made first. Raises NodeError, StoreError."""
        task, kept = self._task(job), _parts_of(job)
        answer = await self._performed(task, job, job.progress)
        if kept is None:
            return answer
        seconds = 0.0
        if answer.missing:
            parts, seconds = await self._made(task, answer.missing, job, kept)
            task = replace(task, parts=encoded_parts(parts), asked=())
            answer = await self._performed(task, job, job.progress)
        if answer.parts:
            await asyncio.to_thread(self._kept, answer, job, kept)
        return replace(answer, seconds=answer.seconds + seconds)

    async def _performed(self, task: Task, job: Job, progress: Callable[[float], None]) -> Answer:
        watch = Watch(progress, lambda what: self._waits(job.address, what))
        answer = await self._engine.perform(task, watch)
        answer.require()
        return answer

    async def _made(
        self, task: Task, missing: tuple[str, ...], job: Job, kept: KeptParts
    ) -> tuple[Mapping[str, Artifact], float]:
        """The parts with these keys: those that the store has, and all others made by as many workers as
        there are, in how many seconds of work."""
        there = {key: part for key in missing if (part := kept.find(key)) is not None}
        await asyncio.to_thread(self._put, list(there.values()))
        left = [key for key in missing if key not in there]
        groups = shares(left, self._engine.limit) if left else []
        done = [0.0] * len(groups)

        async def some(number: int) -> tuple[Mapping[str, Artifact], float]:
            def progress(fraction: float) -> None:
                done[number] = fraction
                job.progress(sum(done))

            answer = await self._performed(replace(task, asked=groups[number]), job, progress)
            return await asyncio.to_thread(self._kept, answer, job, kept), answer.seconds

        made = await _all([some(number) for number in range(len(groups))])
        for parts, _ in made:
            there |= parts
        return there, sum(seconds for _, seconds in made)

    def _kept(self, answer: Answer, job: Job, kept: KeptParts) -> dict[str, Artifact]:
        """The parts that a worker made, in the store of the project."""
        found = {key: answer.decoded(part, self._place.path_of) for key, part in answer.parts.items()}
        return {
            key: kept.keep(key, self._place.taken(part, lambda: job.workdir))
            for key, part in found.items()
            if isinstance(part, Artifact)
        }

    async def _stopping(self, job: Job, performing: Awaitable[Answer]) -> Answer:
        """The answer; the work is called back when the job is to stop."""
        work: asyncio.Future[Answer] = asyncio.ensure_future(performing)
        try:
            while not (await asyncio.wait({work}, timeout=LOOK))[0]:
                if job.cancelled():
                    raise NodeError(f"{job.address} was stopped", "local", "run again to make it")
            return work.result()
        finally:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await work

    def _outputs(self, job: Job, answer: Answer) -> Outputs:
        """What a worker made, each file verified. Raises NodeError."""

        def taken(leaf: object) -> Made | object:
            return self._place.taken(leaf, lambda: job.workdir) if isinstance(leaf, Artifact) else leaf

        outputs = answer.decoded(answer.outputs, self._place.path_of)
        if not isinstance(outputs, dict):
            raise no_answer(answer.where)
        return {name: map_leaves(value, taken) for name, value in outputs.items()}


def _parts_of(job: Job) -> KeptParts | None:
    """The parts that the store keeps for a job; None where nothing is kept."""
    parts: object = job.parts
    return parts if isinstance(parts, KeptParts) else None


async def _all(work: Sequence[Coroutine[object, object, T]]) -> list[T]:
    """What all of them return. When one fails, the others are called back, and its error is raised."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
