"""The table of a batch, which a person names with `--each`: each of its rows is a film."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Final

EACH: Final[ContextVar[Path | None]] = ContextVar("each", default=None)
"""That of the command that runs, None for one film."""
ROW: Final = "row"
"""The axis that goes over its rows."""
ID: Final = "id"
"""The column that names each row."""


@contextmanager
def each_row_of(table: Path | None) -> Iterator[None]:
    """Pipelines that are checked inside are made once for each row of `table`."""
    token = EACH.set(table)
    try:
        yield
    finally:
        EACH.reset(token)
