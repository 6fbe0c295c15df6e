"""Characters: which belong together, which way they run. Loads no library: files are checked with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

JOINER: Final = "\u200d"
JOINERS: Final = (JOINER, "\u200c")
RIGHT_TO_LEFT: Final = ("R", "AL")


def is_rtl(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    directions = (unicodedata.bidirectional(c) for c in text)
    return next((d in RIGHT_TO_LEFT for d in directions if d in ("L", *RIGHT_TO_LEFT)), False)


def is_emoji(char: str) -> bool:
    """Whether `char` is a pictograph that looks best in colour."""
    return 0x1F000 <= ord(char) <= 0x1FAFF or 0x2600 <= ord(char) <= 0x27BF


def clusters(text: str) -> Iterator[str]:
    """Characters with the marks, selectors and joined pictographs that belong to them."""
    current = ""
    for char in text:
        joined = current.endswith(JOINER) and is_emoji(char)
        if current and (joined or _clings(char)):
            current += char
            continue
        if current:
            yield current
        current = char
    if current:
        yield current


def _clings(char: str) -> bool:
    return (
        char in JOINERS or "\U0001f3fb" <= char <= "\U0001f3ff" or unicodedata.category(char) in ("Mn", "Me")
    )
