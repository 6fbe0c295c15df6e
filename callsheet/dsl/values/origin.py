"""Where a value was written, and which files may be named there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callsheet.spec.media import Inspector
from callsheet.spec.node import Described


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was written: relative paths start at `base`; `root` bounds them if not None.

    foreign: it was fetched from elsewhere, so it may name neither environment variables nor code. inspector:
    looks into the media files that are named; with None their content is not checked. models: those that
    came with the file, None for none.
    """

    base: Path
    root: Path | None
    foreign: bool = False
    inspector: Inspector | None = None
    models: Described | None = None
