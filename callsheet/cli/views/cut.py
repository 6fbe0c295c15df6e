"""Tables of plans and differences in the columns of a terminal: how many there are, what is cut, and what
stands below."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Final

from callsheet.dsl.diagnostics.render import width_of

USES: Final = 34
"""Columns of the name of a model in a table."""
BELOW: Final = " " * 6
"""What stands before a reason that has no room beside its row, and stands below it."""


def columns() -> int | None:
    """How many the terminal has that standard output goes to; None elsewhere, where nothing is cut."""
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return shutil.get_terminal_size().columns if terminal else None


def cut(text: str, width: int | None) -> str:
    """`text` in at most so many columns; None: as it is."""
    if width is None or width_of(text) <= width:
        return text
    while text and width_of(text) > width - 1:
        text = text[:-1]
    return text + "…"
