"""Where the media files of a result are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from callsheet.runtime.ledger import Attempt, Kept
from callsheet.spec.types import MediaKind


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """A media file that a result names. place: where in the result ("images[0]")."""

    place: str
    kind: MediaKind
    url: str


class ResultFiles(Protocol):
    """Lists the files of a result and stores them. Implemented by `StoreFiles`, and by fakes in tests."""

    def expected(self, attempt: Attempt) -> Sequence[ExpectedFile]:
        """The media in `attempt.result`. Raises NodeError when an output of the spec is missing."""
        ...

    def download_path(self, file: ExpectedFile) -> Path:
        """A new path for a download."""
        ...

    async def keep(self, file: ExpectedFile, path: Path) -> Kept:
        """Verify the file at `path` and keep it for good; `path` may be gone then.

        Raises NodeError when it is not the media it should be, StoreError when the disk cannot take it.
        """
        ...

    async def holds(self, kept: Kept) -> bool:
        """Whether the file is still there, unharmed."""
        ...
