"""A cue: a text of subtitles with its times, as the files call it (WebVTT)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media.parameters import records
from callsheet.spec.types import NUMBER, STRING, Field, ListOf, Maybe, Record

LONGEST: Final = 24 * 3600
"""Seconds: the latest time that a cue may have."""
MOST: Final = 20_000
"""Cues of one file or list."""
AT_ONCE: Final = 12
"""Texts that may be seen at the same time."""
TIME: Final = Field(NUMBER, required=True, minimum=0, maximum=LONGEST)
WORD: Final = Record({"text": Field(STRING, required=True), "start": TIME, "end": TIME})
CUE: Final = Record(
    {
        "start": TIME,
        "end": TIME,
        "text": Field(STRING, required=True, max_length=5000),
        "who": Field(Maybe(STRING)),
        "words": Field(Maybe(ListOf(WORD))),
    }
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word that is spoken, with its times in seconds of the film."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Cue:
    """A text from `start` to `end`, in seconds of the film; its lines as they stand. who: speaks it, "" where
    that is not said. words: those whose times are known."""

    start: float
    end: float
    text: str
    who: str = ""
    words: tuple[Word, ...] = ()


def cues_of(given: object) -> list[Cue]:
    """The cues in a list of records, in the order of their times."""
    return sorted(map(_cue, records(given)), key=lambda cue: cue.start)


def _cue(given: Mapping[str, object]) -> Cue:
    start, end = _seconds(given["start"]), _seconds(given["end"])
    return Cue(start, end, str(given["text"]), str(given.get("who") or ""), tuple(_words(given.get("words"))))


def _words(given: object) -> Iterator[Word]:
    for one in records(given):
        yield Word(str(one["text"]), _seconds(one["start"]), _seconds(one["end"]))


def _seconds(given: object) -> float:
    return float(given) if isinstance(given, int | float) else 0.0


def record(cue: Cue) -> dict[str, object]:
    """A cue as a record of `CUE`, times to the millisecond."""
    found: dict[str, object] = {"start": round(cue.start, 3), "end": round(cue.end, 3), "text": cue.text}
    if cue.who:
        found["who"] = cue.who
    if cue.words:
        found["words"] = [
            {"text": word.text, "start": round(word.start, 3), "end": round(word.end, 3)}
            for word in cue.words
        ]
    return found


def apart(cues: Iterable[Cue], end: float) -> list[Cue]:
    """The cues up to `end` of the film, so that no two are there at once: where they overlap, their texts
    stand one below the other, the earlier one above. Raises NodeError (*local*) for more than `AT_ONCE`."""
    left = [replace(cue, end=min(cue.end, end)) for cue in cues if cue.start < min(cue.end, end)]
    waiting = sorted(left, key=lambda cue: cue.start, reverse=True)
    edges = sorted({time for cue in left for time in (cue.start, cue.end)})
    found: list[Cue] = []
    seen: list[Cue] = []
    for start, until in pairwise(edges):
        seen = [cue for cue in seen if cue.end > start]
        while waiting and waiting[-1].start <= start:
            seen.append(waiting.pop())
        if len(seen) > AT_ONCE:
            raise NodeError(
                f"{len(seen)} texts would be seen at once, from {start:g} s on",
                "local",
                "let each end before the next one begins",
            )
        if seen:
            found.append(_together(seen, start, until))
    return found


def _together(seen: Sequence[Cue], start: float, end: float) -> Cue:
    if len(seen) == 1:
        return replace(seen[0], start=start, end=end)
    return Cue(start, end, "\n".join(cue.text for cue in seen))
