"""Recognises a saved plan by its first bytes. Every run asks this, so it imports nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from callsheet.spec.regular_file import open_regular

MARK: Final = "callsheet_plan"
PIPELINES: Final = (".yaml", ".yml")
FIRST: Final = 64
"""Bytes in which the mark stands."""


def is_plan(path: Path) -> bool:
    """Whether the file at `path` is a saved plan. What is called like a pipeline is none, since to name a
    plan is to agree to what it costs."""
    if path.suffix.lower() in PIPELINES:
        return False
    try:
        with open_regular(path) as file:
            return f'"{MARK}"'.encode() in file.read(FIRST)
    except OSError:
        return False
