"""Did you mean …"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, choices: Iterable[str]) -> str:
    """The choice that `word` is likely a slip of, or ""."""
    known = list(choices)
    for choice in known:
        if choice.replace("_", "") == word.lower().replace("_", "").replace("-", ""):
            return choice
    return next(iter(get_close_matches(word, known, n=1, cutoff=0.6)), "")


def suggest(word: str, choices: Iterable[str], what: str = "") -> str:
    """A help line: the nearest choice, or all of them when they are few."""
    known = list(choices)
    if guess := nearest(word, known):
        return f"did you mean `{guess}`?"
    if known and len(known) <= 20:
        return (f"the {what} are " if what else "choices: ") + ", ".join(known)
    return ""
