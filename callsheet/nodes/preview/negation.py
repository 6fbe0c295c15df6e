"""What a prompt says not to show: `no people`, `without cars or signs`, `nobody in sight`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from callsheet.nodes.preview.lexicon import said

BEGINS: Final = re.compile(
    r"\b(?:no|without|not (?:a|an|any|one)|free of|empty of|devoid of)\s+"
    r"(?!longer\b|more\b|less\b|doubt\b|matter\b|sooner\b)",
    re.IGNORECASE,
)
ENDS: Final = (
    "in, on, at, by, with, from, to, into, over, under, behind, before, beside, near, but, only, just, except"
    ", while, as, is, are, was, were, can, could, will, would, that, which, who, where"
)
"""Words after which something else is told."""
GOES_ON: Final = "a, an, the, his, her, their, no, without"
"""Words after `and` with which something else begins."""
WORD: Final = re.compile(r"([\w'’-]+)\s*")
MOST: Final = 4
"""Words of one thing."""
EMPTY: Final = re.compile(
    r"\b(?:no[ -]?(?:body|one|people|persons?|humans?|characters?|men|figures?|faces?)"
    r"|without (?:any )?(?:people|persons?|humans?|characters?|figures?|anyone|anybody)"
    r"|not (?:a|one) (?:soul|person|human)|deserted|uninhabited|unpeopled)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """text: the prompt without what it says not to show. absent: the words of that, in small letters.
    is_empty: nobody is there but who is named."""

    text: str
    absent: frozenset[str]
    is_empty: bool


def shown(prompt: str) -> Shown:
    """What is left of a prompt."""
    kept, absent, at = [], set[str](), 0
    for found in BEGINS.finditer(prompt):
        if found.start() < at:
            continue
        end, words = _named(prompt, found.end())
        kept.append(prompt[at : found.start()])
        absent.update(words)
        at = end
    kept.append(prompt[at:])
    return Shown(" ".join(kept), frozenset(absent), EMPTY.search(prompt) is not None)


def _named(prompt: str, start: int) -> tuple[int, list[str]]:
    """Where the names end of what is not there, and their words: `people or cars` has two names."""
    end, words, count = start, list[str](), 0
    while (found := WORD.match(prompt, end)) and count < MOST:
        word = found[1].lower()
        if word in said(ENDS):
            break
        if word in ("or", "nor"):
            count = 0
        elif word == "and":
            follows = WORD.match(prompt, found.end())
            if follows and follows[1].lower() in said(GOES_ON):
                break
            count = 0
        else:
            words.append(word)
            count += 1
        end = found.end()
    return end, words
