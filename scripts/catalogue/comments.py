"""The facts inside a comment: a default value, limits of a number, a text or a list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

NUMBER = r"(-?\d+(?:\.\d+)?)"
DEFAULT = re.compile(r"Default value: `(.*)`", re.DOTALL)
RANGE = re.compile(
    rf"(?:\(|\b(?:[Rr]ange|[Bb]etween)(?: is)?:?\s+(?:from\s+)?)"
    rf"{NUMBER}\s*(?:-|–|to|and)\s*{NUMBER}(?=[\s.,);]|$)"
)
MAX_CHARACTERS = re.compile(r"\b[Mm]ax(?:imum)?(?: of)? (\d+) characters")
ADVICE = re.compile(r"recommend|ideal|typical|usual|optimal|best", re.IGNORECASE)
UP_TO_ITEMS = re.compile(
    r"\b(?:[Uu]p to|[Mm]aximum(?: of)?|[Mm]ax\.?) (\d+) (?:\w+ )?(?:images|videos|audios|files)\b"
)


def default_in(doc: str) -> tuple[bool, object]:
    """(whether a default is stated, its value); text without quotes stands for itself."""
    match = DEFAULT.search(doc)
    if match is None:
        return False, None
    text = match.group(1)
    try:
        return True, json.loads(text)
    except ValueError:
        return True, text.strip('"')


def limits_in(doc: str, kind: str) -> Iterator[tuple[str, float | int]]:
    """The limits a comment states for a value of `kind`: (name of the limit, value); advice is none."""
    if kind in ("number", "integer") and not ADVICE.search(doc) and (match := RANGE.search(doc)):
        low, high = (json.loads(n) for n in match.groups())
        if low < high:
            yield "minimum", low
            yield "maximum", high
    if kind == "string" and (match := MAX_CHARACTERS.search(doc)):
        yield "max_length", int(match.group(1))
    if kind == "list" and (match := UP_TO_ITEMS.search(doc)):
        yield "max_items", int(match.group(1))
