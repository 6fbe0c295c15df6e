"""The names that a misspelt one may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

ENOUGH: Final = 0.6
"""From which closeness on a name is offered, 0 (nothing in common) to 1 (the same but for its spelling)."""
LONG_ENOUGH: Final = 6
"""Letters from which on the beginning of a name is enough."""
FEW: Final = 20
SEPARATORS: Final = re.compile(r"[_\-\s]")


def suggest(word: str, choices: Iterable[str], what: str = "") -> str:
    """A help line: the nearest choice, or all of them when they are few."""
    known = list(choices)
    if guess := nearest(word, known):
        return f"did you mean `{guess}`?"
    if known and len(known) <= FEW:
        return (f"the {what} are " if what else "choices: ") + ", ".join(known)
    return ""


def nearest(word: str, choices: Iterable[str]) -> str:
    """The choice that `word` is likely a slip of, or ""."""
    return next(iter(nearest_names(word, choices, most=1)), "")


def nearest_names(
    word: str, names: Iterable[str], preferred: Iterable[str] = (), most: int = 3
) -> tuple[str, ...]:
    """At most `most` of `names`, nearest first; of equally near ones the `preferred`, then the shorter."""
    first = frozenset(preferred)
    found = sorted((-score, name not in first, len(name), name) for score, name in _close(word, names))
    return tuple(name for *_, name in found[:most])


def _close(word: str, names: Iterable[str]) -> Iterator[tuple[float, str]]:
    """The names that are close enough, each with its closeness."""
    from difflib import SequenceMatcher

    wanted = _plain(word)
    owner = wanted[: wanted.find("/") + 1]
    matcher = SequenceMatcher(None, "", wanted.removeprefix(owner), autojunk=False)
    whole = SequenceMatcher(None, "", wanted, autojunk=False)
    for name in names:
        plain = _plain(name)
        if _is_part(wanted, plain):
            yield 1.0, name
            continue
        same_owner = bool(owner) and plain.startswith(owner)
        asked = matcher if same_owner else whole
        asked.set_seq1(plain.removeprefix(owner) if same_owner else plain)
        if asked.real_quick_ratio() >= ENOUGH and asked.quick_ratio() >= ENOUGH:
            score = round(asked.ratio(), 2)
            if score >= ENOUGH:
                yield score, name


def _is_part(word: str, name: str) -> bool:
    """Whether it is the same name, how it begins, or the end of its path."""
    return word == name or (len(word) >= LONG_ENOUGH and name.startswith(word)) or name.endswith("/" + word)


def _plain(text: str) -> str:
    """`num-Images` and `num_images` are the same slip of the keyboard."""
    return SEPARATORS.sub("", text.lower())
