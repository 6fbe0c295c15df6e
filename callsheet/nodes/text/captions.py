"""Cuts what is spoken into texts that can be read: at most two lines, rather whole sentences and clauses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from math import ceil
from typing import Final

from callsheet.nodes.media.text.breaks import (
    AT_CLAUSE,
    CLAUSE_ENDS,
    SENTENCE_ENDS,
    is_ideograph,
    prepared,
    units,
)
from callsheet.nodes.media.text.cue import Cue, Word
from callsheet.nodes.text.reading import LONGEST, MOST_LINES, SHORTEST, limits
from callsheet.nodes.text.spoken import Heard

QUOTES: Final = "\"'”’»」』)）"
PAUSE: Final = 0.7
"""Seconds of silence after which a new text begins."""
SOON: Final = 0.3
"""Seconds: a text stays until the next one, where that comes so soon."""
CLAUSE, WITHIN = 0.1, 0.5
"""What it costs to end a text with a clause, and within one; a text of half or one and a half of the usual
length costs 0.25."""
SAME: Final = 3
"""Characters in a row that have to be the same, so that they are not so by chance."""
LONGEST_ALIGNED: Final = 2_000
"""Characters of a text that is held against what was heard."""


def captions(said: Sequence[Heard], length: int | None = None, most_words: int | None = None) -> list[Cue]:
    """Texts with the times of their words. length: characters of a line. most_words: of a text."""
    found = [
        _cue(part, length)
        for sentence in _passages(said, length, most_words)
        for part in _parts(sentence, length, most_words)
    ]
    return list(_lasting(found))


def cut(
    text: str,
    start: float,
    end: float,
    words: Sequence[Heard],
    length: int | None = None,
    most_words: int | None = None,
) -> list[Cue]:
    """A text that is spoken from `start` to `end`, in seconds, as several where it is longer than two lines.

    words: what was heard, in seconds of the film; without them each part has its share of the time. length,
    most_words: as for `captions`.
    """
    lines = prepared(text).split("\n")
    longest = length or limits(text).length
    if not most_words and len(lines) <= MOST_LINES and max(map(len, lines)) <= longest:
        return [Cue(start, end, text, words=timed(text, start, end, words))]
    parts = _parts(list(_shared(" ".join(lines), words, start, end)), length, most_words)
    found = [_cue(part, length) for part in parts]
    if not words:
        found = [replace(cue, words=()) for cue in found]
    last = replace(found[-1], end=end)
    return [*(replace(one, end=following.start) for one, following in pairwise(found)), last]


def timed(text: str, start: float, end: float, words: Sequence[Heard]) -> tuple[Word, ...]:
    """The words of a text from `start` to `end`, in seconds, by what was heard; none where nothing was."""
    if not words:
        return ()
    shared = _shared(text.replace("\n", " "), words, start, end)
    return tuple(Word(one.text.strip(), one.start, one.end) for one in shared if one.text.strip())


def _cue(part: Sequence[Heard], length: int | None) -> Cue:
    text = "".join(one.text for one in part).strip()
    words = tuple(Word(one.text.strip(), one.start, one.end) for one in part)
    return Cue(part[0].start, max(one.end for one in part), _in_lines(text, length), part[0].who, words)


def _in_lines(text: str, length: int | None) -> str:
    """The text in two lines where it is longer than one: lines that fit, of about the same length, rather cut
    where a clause ends."""
    longest = length or limits(text).length
    if len(text) <= longest:
        return text
    pieces, tries = list(units(text)), list[tuple[bool, float, str]]()
    for i in range(1, len(pieces)):
        lines = "".join(pieces[:i]).rstrip(), "".join(pieces[i:]).rstrip()
        most = max(map(len, lines))
        weighed = most * (AT_CLAUSE if lines[0].rstrip(QUOTES).endswith(CLAUSE_ENDS) else 1.0)
        tries.append((most > longest, weighed, "\n".join(lines)))
    return min(tries, default=(False, 0.0, text))[2]


def _passages(said: Sequence[Heard], length: int | None, most_words: int | None) -> Iterator[list[Heard]]:
    """Sentences; short ones that follow each other at once are one text."""
    room = MOST_LINES * (length or limits("".join(one.text for one in said[:200])).length)
    current: list[Heard] = []
    for sentence in _sentences(said):
        both = [*current, *sentence]
        near = current and sentence[0].start - current[-1].end < SOON and _speakers(both) == 1
        if near and not most_words and _size(both) <= room and sentence[-1].end - both[0].start <= LONGEST:
            current = both
            continue
        if current:
            yield current
        current = sentence
    if current:
        yield current


def _sentences(said: Sequence[Heard]) -> Iterator[list[Heard]]:
    current: list[Heard] = []
    for one, following in zip(said, [*said[1:], None], strict=False):
        current.append(one)
        over = one.text.strip().rstrip(QUOTES).endswith(SENTENCE_ENDS)
        if following is None or over or following.start - one.end > PAUSE or following.who != one.who:
            yield current
            current = []


def _speakers(said: Sequence[Heard]) -> int:
    return len({one.who for one in said})


def _size(said: Sequence[Heard]) -> int:
    return len("".join(one.text for one in said).strip())


def _parts(said: Sequence[Heard], length: int | None, most_words: int | None) -> list[Sequence[Heard]]:
    """A sentence in parts of about the same length that fit; rather where a clause ends."""
    room = MOST_LINES * (length or limits("".join(one.text for one in said)).length)
    ends = list(accumulate((len(one.text) for one in said), initial=0))
    most = most_words or len(said)
    seconds = said[-1].end - said[0].start
    usual = ends[-1] / max(ceil(ends[-1] / room), ceil(seconds / LONGEST), ceil(len(said) / most))
    least, before = [0.0], [0]
    for end, one in enumerate(said, 1):
        tries = list[tuple[float, int]]()
        for begin in range(end - 1, -1, -1):
            size = ends[end] - ends[begin] - one.text.endswith(" ")
            if tries and (size > room or end - begin > most):
                break
            tries.append((least[begin] + (size / usual - 1) ** 2, begin))
        cost, begin = min(tries)
        least.append(cost + (_price(one.text) if end < len(said) else 0.0))
        before.append(begin)
    found, end = list[Sequence[Heard]](), len(said)
    while end:
        found.append(said[before[end] : end])
        end = before[end]
    return found[::-1]


def _price(text: str) -> float:
    """What it costs to end a part after a word: nothing where a sentence ends, little where a clause does."""
    text = text.strip().rstrip(QUOTES)
    return 0.0 if text.endswith(SENTENCE_ENDS) else CLAUSE if text.endswith(CLAUSE_ENDS) else WITHIN


def _lasting(found: Sequence[Cue]) -> Iterator[Cue]:
    """The texts, long enough to be read, and without gaps too short to be seen."""
    for cue, following in zip(found, [*found[1:], None], strict=False):
        end = max(cue.end, cue.start + SHORTEST)
        if following is not None:
            end = min(end, following.start) if following.start > cue.start else cue.end
            end = following.start if 0 < following.start - end < SOON else end
        yield replace(cue, end=max(end, cue.start + 0.001))


def _shared(text: str, words: Sequence[Heard], start: float, end: float) -> Iterator[Heard]:
    """The words of a text with their times: those that were heard, and for the others their share of the time
    between them."""
    pieces = list(units(text))
    times = _times(text, words, start, end)
    at = 0
    for piece in pieces:
        last = at + len(piece.rstrip())
        yield Heard(piece, times[at], times[max(at, last)])
        at += len(piece)


def _times(text: str, words: Sequence[Heard], start: float, end: float) -> list[float]:
    """The time before each character of a text, and after the last; they never fall."""
    known: dict[int, float] = {0: start, len(text): end}
    for at, letter in _matched(text, [letter for word in words for letter in _letters(word)]):
        known[at] = min(max(letter.start, start), end)
        if not text[at + 1 : at + 2].isalnum():
            known.setdefault(at + 1, min(max(letter.end, start), end))
    places = sorted(known)
    found = [0.0] * (len(text) + 1)
    latest = start
    for one, following in pairwise(places):
        begin, until = max(known[one], latest), max(known[following], latest)
        for i in range(one, following):
            found[i] = begin + (until - begin) * (i - one) / (following - one)
        latest = begin
    found[len(text)] = max(end, latest)
    return found


def _letters(word: Heard) -> Iterator[Heard]:
    """The characters of a word, each with its share of the time."""
    text = word.text.strip()
    each = (word.end - word.start) / len(text)
    for i, char in enumerate(text):
        yield Heard(char, word.start + i * each, word.start + (i + 1) * each)


def _matched(text: str, letters: Sequence[Heard]) -> Iterator[tuple[int, Heard]]:
    """The characters of a text that were heard: their places, and what was heard. None where less than half
    of it was: then something else was said."""
    if not letters or len(text) > LONGEST_ALIGNED or len(letters) > 2 * LONGEST_ALIGNED:
        return
    both = [char.casefold() for char in text], [letter.text.casefold() for letter in letters]
    blocks = SequenceMatcher(None, *both, autojunk=False).get_matching_blocks()
    same = [
        block for block in blocks if block.size >= SAME or is_ideograph(text[block.a : block.a + 1] or " ")
    ]
    if sum(block.size for block in same) < len(text) / 2:
        return
    for block in same:
        for i in range(block.size):
            if text[block.a + i].isalnum():
                yield block.a + i, letters[block.b + i]
