"""A text that a file may get: it is read in the file's place, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Final

DRAFT: Final[ContextVar[tuple[Path, str] | None]] = ContextVar("draft", default=None)
"""The pipeline file, and its text; None where every file says what it says."""


@contextmanager
def drafted(path: Path, text: str) -> Iterator[None]:
    """Pipelines that are checked inside are as if the file at `path` had this text."""
    token = DRAFT.set((path, text))
    try:
        yield
    finally:
        DRAFT.reset(token)


def draft_of(path: Path) -> bytes | None:
    """What is read in the place of this file; None for the file itself."""
    found = DRAFT.get()
    return found[1].encode() if found is not None and found[0] == path else None
