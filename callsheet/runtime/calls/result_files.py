"""Where the media of a result go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from callsheet.runtime.ledger import Attempt, Kept
from callsheet.spec.types import MediaKind


@dataclass(frozen=True, slots=True)
class Wanted:
    """A media file that a result names. place: where in the result ("images[0]")."""

    place: str
    kind: MediaKind
    url: str


class Shelf(Protocol):
    """Knows what a result should hold, and keeps it. See `StoreShelf`; a fake in a test."""

    def wanted(self, attempt: Attempt) -> Sequence[Wanted]:
        """The media in `attempt.result`. Raises NodeError when it does not hold what was promised."""
        ...

    def room(self, wanted: Wanted) -> Path:
        """A new place for a download."""
        ...

    async def keep(self, wanted: Wanted, path: Path) -> Kept:
        """Verify the file at `path` and keep it for good; `path` may be gone then.

        Raises NodeError when it is not the media it should be, StoreError when the disk cannot take it.
        """
        ...

    async def holds(self, kept: Kept) -> bool:
        """Whether the file is still there, unharmed."""
        ...
