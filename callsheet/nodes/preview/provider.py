"""The preview provider: makes the outputs of any endpoint offline and for free."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from callsheet.errors import CallsheetError, NodeError
from callsheet.nodes.preview.answers import Known
from callsheet.spec.node import Job, NodeSpec, Outputs
from callsheet.spec.types import AUDIO, media_in

FEWEST: Final = 2
SEEN: Final = {"image", "video"}


class Preview:
    """Makes previews of any endpoint: drawn scenes, animatic clips, tones and plausible answers.

    The same request at the same address gives the same bytes. Jobs run in threads, since the libraries
    that draw and encode release the GIL. version: changes when the same request would give other bytes.
    known: what is known of the instances of a film.
    """

    name = "preview"
    version = "6"

    def __init__(self, known: Known | None = None) -> None:
        self.known = known or Known()
        self.limit = max(FEWEST, os.cpu_count() or FEWEST)
        self._pool = ThreadPoolExecutor(self.limit, thread_name_prefix="preview")

    @property
    def size(self) -> int:
        """The size that a person asked for, 0 for that of each model."""
        return self.known.size

    def renderer(self, spec: NodeSpec, address: str) -> str:
        """What makes the preview of the instance at `address`: the same text, the same bytes. A voice counts
        only for what sounds, a size only for what is seen."""
        voice = self.known.voice if spec.speech or AUDIO in spec.outputs.values() else ""
        seen = {medium.kind for output in spec.outputs.values() for medium in media_in(output)} & SEEN
        size = f"size {self.known.size}" if self.known.size and seen else ""
        return " ".join(filter(None, (self.name, self.version, self.known.digest(address), voice, size)))

    async def perform(self, job: Job) -> Outputs:
        """Make the outputs of `job`. A cancelled task stops its thread at the next frame.

        Raises NodeError (*local*) for input media that cannot be read, and when the run is stopped.
        """
        dropped = threading.Event()
        watched = replace(job, cancelled=lambda: dropped.is_set() or job.cancelled())
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._pool, _performed, watched, self.known
            )
        finally:
            dropped.set()


def _performed(job: Job, known: Known) -> Outputs:
    from callsheet.nodes.preview.perform import perform

    try:
        return perform(job, known)
    except CallsheetError:
        raise
    except FileNotFoundError as error:
        raise NodeError(
            f"{job.address} needs {error.filename}, which is not there",
            "local",
            "make it again, or check the path",
        ) from error
