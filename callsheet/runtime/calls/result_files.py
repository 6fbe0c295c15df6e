"""Where the media files of a result are stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from callsheet.runtime.ledger import Attempt, Kept
from callsheet.spec.types import MediaKind


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """A media file that a result names. place: where in the result ("images[0]"). needed: whether the
    pipeline uses the output that it belongs to. checked: whether the provider's content filter saw it."""

    place: str
    kind: MediaKind
    url: str
    needed: bool = True
    checked: bool = False


class ResultFiles(Protocol):
    """Lists the files of a result and stores them. Implemented by `StoreFiles`, and by fakes in tests."""

    def expected(self, attempt: Attempt, without: Collection[str] = ()) -> Sequence[ExpectedFile]:
        """The media in `attempt.result`, but for the places that the content filter stopped (`without`).

        Raises ModelFailed when by the provider's word there is nothing, and QueueError when something that
        the pipeline uses is missing.
        """
        ...

    def named(self, attempt: Attempt) -> Sequence[ExpectedFile]:
        """All media in `attempt.result`, whatever is missing. Raises QueueError when it cannot be read."""
        ...

    def download_path(self, file: ExpectedFile) -> Path:
        """A new path for a download."""
        ...

    async def keep(self, file: ExpectedFile, path: Path) -> Kept:
        """Verify the file at `path` and keep it for good; `path` may be gone then.

        Raises Stopped for the black picture of a content filter, NodeError when it is not the media it should
        be, StoreError when the disk cannot take it.
        """
        ...

    async def holds(self, kept: Kept) -> bool:
        """Whether the file is still there, unharmed."""
        ...
