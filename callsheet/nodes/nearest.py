"""The existing names that a misspelt `uses:` may have meant.

Names are long paths with common parts, so closeness is shared pairs of letters, and a name that goes on where the
given one stops (or stops where it goes on) is close however long the rest is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

ENOUGH: Final = 0.62
LONG_ENOUGH: Final = 6


def nearest_names(word: str, names: Iterable[str], preferred: Iterable[str] = (), most: int = 3) -> tuple[str, ...]:
    """At most `most` of `names`, nearest first; of equally near ones the `preferred`, then the shorter."""
    first, pairs = frozenset(preferred), letter_pairs(word.lower())
    scored = [(closeness(word.lower(), pairs, name), name) for name in names]
    close = sorted(
        (-score, name not in first, len(name), name) for score, name in scored if score >= ENOUGH
    )
    return tuple(name for _, _, _, name in close[:most])


def closeness(word: str, pairs: frozenset[str], name: str) -> float:
    """0 (nothing in common) to 1; `pairs` are those of `word`."""
    lower = name.lower()
    if len(word) >= LONG_ENOUGH and (lower.startswith(word) or word.startswith(lower)):
        return 1.0
    if lower.endswith("/" + word):
        return 1.0
    others = letter_pairs(lower)
    both = len(pairs) + len(others)
    return round(2 * len(pairs & others) / both, 2) if both else 0.0


def letter_pairs(text: str) -> frozenset[str]:
    """`media` → me ed di ia, with the ends of the word marked."""
    marked = f"^{text}$"
    return frozenset(marked[i : i + 2] for i in range(len(marked) - 1))
