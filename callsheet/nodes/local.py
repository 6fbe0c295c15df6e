"""Runs local operations on this machine."""

from __future__ import annotations

import asyncio
import os

from callsheet.errors import NodeError
from callsheet.nodes.media.codec.ffmpeg import failures_told
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.nodes.plugins.call import in_own_thread
from callsheet.spec.node import Job, Outputs


class Local:
    """Runs local operations and nodes of plug-ins, each in a thread, at most one per core at once."""

    name = "local"

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit or os.cpu_count() or 1

    async def perform(self, job: Job) -> Outputs:
        """Run a job. Raises NodeError (*local*) that says what is wrong with which file."""
        if (foreign := job.spec.perform) is not None:
            return await in_own_thread(lambda: foreign(job))
        return await asyncio.to_thread(perform, job)


def perform(job: Job) -> Outputs:
    """Run a job in this thread. Raises NodeError (*local*)."""
    operation = OPERATIONS.get(job.spec.uses)
    if operation is None:
        raise NodeError(f"{job.spec.uses} is no local operation", "bug")
    with failures_told(f"{job.address}: {job.spec.uses}"):
        return operation.run(job)
