"""The existing names that a misspelt `uses:` may have meant.

Names are long paths with common parts, so closeness is shared pairs of letters; a name that goes on where the
given one stops is close however long the rest is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final


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


ENOUGH: Final = 0.62
LONG_ENOUGH: Final = 6


def nearest_names(
    word: str, names: Iterable[str], preferred: Iterable[str] = (), most: int = 3
) -> tuple[str, ...]:
    """At most `most` of `names`, nearest first; of equally near ones the `preferred`, then the shorter."""
    first, word = frozenset(preferred), word.lower()
    owner = word[: word.find("/") + 1]
    pairs = {"": letter_pairs(word), owner: letter_pairs(word.removeprefix(owner))}
    scored = [(closeness(word, owner, pairs, name), name) for name in names]
    close = sorted((-score, name not in first, len(name), name) for score, name in scored if score >= ENOUGH)
    return tuple(name for _, _, _, name in close[:most])


def closeness(word: str, owner: str, pairs: Mapping[str, frozenset[str]], name: str) -> float:
    """0 (nothing in common) to 1. `pairs` are those of `word`, whole and without its `owner/`."""
    lower = name.lower()
    if len(word) >= LONG_ENOUGH and lower.startswith(word):
        return 1.0
    if lower.endswith("/" + word):
        return 1.0
    common = owner if lower.startswith(owner) else ""
    mine, others = pairs[common], letter_pairs(lower.removeprefix(common))
    return round(2 * len(mine & others) / (len(mine) + len(others)), 2)


def letter_pairs(text: str) -> frozenset[str]:
    """`media` → me ed di ia, with the ends of the word marked."""
    marked = f"^{text}$"
    return frozenset(marked[i : i + 2] for i in range(len(marked) - 1))
