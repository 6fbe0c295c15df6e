"""The separator that a table names in its first line, `sep=;`, as some spreadsheets want it."""

from __future__ import annotations

import re
from typing import Final

DECLARED: Final = re.compile(r"\ufeff?\"?sep=(?P<separator>[^\w\s\"]|\t)\"?[ \r]*(?:\n|\Z)", re.IGNORECASE)


def declared(text: str) -> tuple[str, int]:
    """The separator that the first line of a table names, and how many characters that line has.

    Both are empty, "" and 0, where it is a line like any other.
    """
    found = DECLARED.match(text)
    return (found["separator"], found.end()) if found else ("", 0)
