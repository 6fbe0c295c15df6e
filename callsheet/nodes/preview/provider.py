"""The provider that makes everything, offline and for nothing."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from callsheet.errors import CallsheetError, NodeError
from callsheet.spec.node import Job, Outputs

FEWEST: Final = 2


class Preview:
    """Performs any endpoint of the catalogue as an animatic: cards, clips, tones and plausible answers.

    The same request at the same address gives the same bytes. Jobs run in threads: the libraries that
    draw and encode let others work meanwhile. version: changes whenever the same request would look
    different.
    """

    name = "preview"
    version = "1"

    def __init__(self) -> None:
        self.limit = max(FEWEST, os.cpu_count() or FEWEST)
        self._pool = ThreadPoolExecutor(self.limit, thread_name_prefix="preview")

    async def perform(self, job: Job) -> Outputs:
        """The outputs of `job`. A cancelled task stops its thread at the next frame.

        Raises NodeError (*local*) for a given medium that cannot be read and when the run is stopped.
        """
        dropped = threading.Event()
        watched = replace(job, cancelled=lambda: dropped.is_set() or job.cancelled())
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, _performed, watched)
        finally:
            dropped.set()


def _performed(job: Job) -> Outputs:
    from callsheet.nodes.preview.perform import perform

    try:
        return perform(job)
    except CallsheetError:
        raise
    except FileNotFoundError as error:
        raise NodeError(
            f"{job.address} needs {error.filename}, which is not there",
            "local",
            "make it again, or check the path",
        ) from error
