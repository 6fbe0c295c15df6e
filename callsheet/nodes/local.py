"""Runs local operations on this machine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media.codec.ffmpeg import failures_told
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.nodes.plugins.call import in_own_thread
from callsheet.nodes.plugins.secrets import variables
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, NodeSpec, Outputs
from callsheet.spec.values import LocalFile, leaves

SHORT: Final = 4_000
"""Characters of all texts together that are worked on at once, without a thread."""


class Local:
    """Runs local operations and nodes of plug-ins, at most one per core at once, each in a thread; but what
    takes less time than a thread, at once.

    preview: it is part of a preview. A node that asks a service is not called then; see `is_called`.
    """

    name = "local"

    def __init__(self, limit: int | None = None, preview: bool = False) -> None:
        self.limit = limit or os.cpu_count() or 1
        self.preview = preview

    async def perform(self, job: Job) -> Outputs:
        """Run a job. Raises NodeError (*local*) that says what is wrong with which file."""
        if (foreign := job.spec.perform) is not None:
            return await self._foreign(job, foreign)
        if is_instant(job):
            return perform(job)
        return await asyncio.to_thread(perform, job)

    async def _foreign(self, job: Job, function: Callable[[Job], Outputs]) -> Outputs:
        if not self.preview:
            return await in_own_thread(lambda: function(job))
        previewed = replace(job, preview=True)
        if (stand_in := job.spec.stand_in) is not None:
            return await in_own_thread(lambda: stand_in(previewed))
        if is_called(job.spec, job.params):
            return await in_own_thread(lambda: function(previewed))
        from callsheet.nodes.preview.provider import Preview

        return await Preview().perform(job)


def is_instant(job: Job) -> bool:
    """Whether a job takes less time than a thread for it: it works on short texts, and reads no file."""
    if job.spec.task != "text":
        return False
    found = [*leaves(job.params, object)]
    files = any(isinstance(leaf, Artifact | LocalFile) for leaf in found)
    return not files and sum(len(leaf) for leaf in found if isinstance(leaf, str)) <= SHORT


def is_called(spec: NodeSpec, params: object) -> bool:
    """Whether a preview calls a node of a plug-in: one that has a key, or costs money, asks a service."""
    return spec.price is None and not variables(spec, params)


def perform(job: Job) -> Outputs:
    """Run a job in this thread. Raises NodeError (*local*)."""
    operation = OPERATIONS.get(job.spec.uses)
    if operation is None:
        raise NodeError(f"{job.spec.uses} is no local operation", "bug")
    with failures_told(f"{job.address}: {job.spec.uses}"):
        return operation.run(job)
