"""Finds the names that a misspelt name may have meant ("did you mean")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

ENOUGH: Final = 0.6
"""The least similarity of a name that is suggested, from 0 (nothing in common) to 1 (equal letters)."""
LONG_ENOUGH: Final = 6
"""The least number of letters that count as the beginning of a name."""
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


def nearest(word: str, choices: Iterable[str], enough: float = ENOUGH) -> str:
    """The most similar choice, or "" when none is. enough: the least similarity, from 0 to 1."""
    return next(iter(nearest_names(word, choices, most=1, enough=enough)), "")


def nearest_file(path: Path) -> str:
    """The most similar name of a file in the folder of `path`; "" when there is none, or no such folder."""
    try:
        return nearest(path.name, [entry.name for entry in path.parent.iterdir() if entry.is_file()])
    except OSError:
        return ""


def nearest_names(
    word: str,
    names: Iterable[str],
    preferred: Iterable[str] = (),
    most: int = 3,
    enough: float = ENOUGH,
) -> tuple[str, ...]:
    """The most similar names, at most `most`. Of equally similar ones `preferred` come first, then short
    ones."""
    first = frozenset(preferred)
    found = sorted(
        (-score, name not in first, len(name), name) for score, name in _close(word, names, enough)
    )
    return tuple(name for *_, name in found[:most])


def _close(word: str, names: Iterable[str], enough: float) -> Iterator[tuple[float, str]]:
    """The names that are similar enough, each with its similarity."""
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
        if asked.real_quick_ratio() >= enough and asked.quick_ratio() >= enough:
            score = round(asked.ratio(), 2)
            if score >= enough:
                yield score, name


def _is_part(word: str, name: str) -> bool:
    """Whether `word` is the name, its beginning, or the end of its path."""
    return word == name or (len(word) >= LONG_ENOUGH and name.startswith(word)) or name.endswith("/" + word)


def _plain(text: str) -> str:
    """The letters of a name: `num-Images` and `num_images` are equal."""
    return SEPARATORS.sub("", text.lower())
