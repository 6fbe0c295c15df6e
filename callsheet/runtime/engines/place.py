"""Where the media of tasks are: a place that the driver and every worker reach, with files by digest."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from callsheet.errors import NodeError
from callsheet.runtime.store import atomic as disk
from callsheet.spec.media import Artifact
from callsheet.spec.node import Made

NOT_SHARED: Final = (
    "let the workers reach the same store: a folder under the same path, or --store with a URL"
)
"""What to do where a worker lacks a file."""


class Place(Protocol):
    """Files by digest. location: for a task. Methods may be called from several threads.

    `put`: the file of `artifact` is there afterwards, for a worker. `path_of`: where its file would be on
    this machine. `path`: the same, after it was read from the place if need be. `keep`: a file that a job
    made is in the place afterwards. `taken`: a file that a worker kept, for the driver, which verifies it;
    folder: an empty one for it. `forget`: nobody needs the file any more. `workdir`: an empty folder for a
    job. All raise NodeError (*local*) or StoreError.
    """

    location: str

    def put(self, artifact: Artifact) -> None: ...
    def path_of(self, digest: str, suffix: str) -> Path: ...
    def path(self, digest: str, suffix: str) -> Path: ...
    def keep(self, made: Made) -> Artifact: ...
    def taken(self, artifact: Artifact, folder: Callable[[], Path]) -> Made: ...
    def forget(self, artifact: Artifact) -> None: ...
    def workdir(self) -> contextlib.AbstractContextManager[Callable[[], Path]]: ...


def verified(path: Path, digest: str, what: str) -> None:
    """Raises NodeError (*local*) where the file has other bytes; it is removed then, or where it is not
    there."""
    try:
        if disk.digest(path) == digest:
            return
        path.unlink(missing_ok=True)
        said = f"{what} is damaged: its bytes are others than were asked for"
    except OSError:
        said = f"{what} is not in the store"
    raise NodeError(said, "local", "run again: it is made or fetched once more")
