"""Whether subtitles can be read in time: speed, length of lines, number of lines, time on the screen.

The limits are those of Netflix's Timed Text Style Guides (General Requirements, and those of each language).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Final

from callsheet.nodes.media.text.cue import Cue


@dataclass(frozen=True, slots=True)
class Limits:
    """speed: characters in a second. length: characters of a line."""

    speed: float
    length: int


USUAL: Final = Limits(20, 42)
CHINESE, JAPANESE, KOREAN = Limits(9, 16), Limits(4, 13), Limits(12, 16)
MOST_LINES: Final = 2
SHORTEST, LONGEST = 5 / 6, 7.0
"""Seconds on the screen."""
MOST_NOTES: Final = 100
SLACK: Final = 0.002
"""Seconds: times are rounded to milliseconds."""


def limits(text: str) -> Limits:
    """The limits for the script that a text is in."""
    names = [unicodedata.name(char, "") for char in text if char.isalpha()]
    if any(name.startswith(("HIRAGANA", "KATAKANA")) for name in names):
        return JAPANESE
    if any(name.startswith("HANGUL") for name in names):
        return KOREAN
    return CHINESE if any(name.startswith("CJK") for name in names) else USUAL


def notes(cues: Sequence[Cue], speed: float | None = None, length: int | None = None) -> Iterator[str]:
    """A sentence on each cue that is hard to read. speed, length: instead of the limits of its script."""
    for number, cue in enumerate(cues, 1):
        own = limits(cue.text)
        for note in _of(cue, Limits(speed or own.speed, length or own.length)):
            yield f"{number} ({_place(cue.start)}): {note}"
    for number, (one, following) in enumerate(pairwise(cues), 1):
        if following.start < one.end - SLACK:
            over = one.end - following.start
            yield f"{number} ({_place(one.start)}): is still there when the next one comes, for {over:.2f} s"


def _of(cue: Cue, most: Limits) -> Iterator[str]:
    lines, seconds = cue.text.split("\n"), cue.end - cue.start
    characters = sum(map(_length, lines))
    if characters > most.speed * (seconds + SLACK):
        found, needed = characters / seconds, ceil(characters / most.speed * 10) / 10
        yield f"{found:.0f} characters a second, at most {most.speed:g}: show it {needed:.1f} s"
    if (widest := max(map(_length, lines))) > most.length:
        yield f"a line of {widest} characters, at most {most.length}"
    if len(lines) > MOST_LINES:
        yield f"{len(lines)} lines, at most {MOST_LINES}"
    if seconds < SHORTEST - SLACK:
        yield f"{seconds:.2f} s on the screen, at least {SHORTEST:.2f}"
    if seconds > LONGEST + SLACK:
        yield f"{seconds:.1f} s on the screen, at most {LONGEST:g}"


def _length(line: str) -> int:
    """Characters of a line; marks that stand on another one do not count."""
    return sum(1 for char in line if unicodedata.category(char) not in ("Mn", "Me", "Cf"))


def _place(time: float) -> str:
    return f"{int(time) // 60}:{time % 60:06.3f}"


def shortened(found: Iterable[str]) -> list[str]:
    """The first `MOST_NOTES` notes, and how many more there are."""
    every = list(found)
    more = len(every) - MOST_NOTES
    return [*every[:MOST_NOTES], f"and {more} more"] if more > 0 else every
