"""Tables of plans and differences in the columns of a terminal: what is cut, and what stands below."""

from __future__ import annotations

from typing import Final

from callsheet.dsl.diagnostics.render import width_of

USES: Final = 34
"""Columns of the name of a model in a table."""
BELOW: Final = " " * 6
"""What stands before a reason that has no room beside its row, and stands below it."""


def cut(text: str, width: int | None) -> str:
    """`text` in at most so many columns; None: as it is."""
    if width is None or width_of(text) <= width:
        return text
    while text and width_of(text) > width - 1:
        text = text[:-1]
    return text + "…"
