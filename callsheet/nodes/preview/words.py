"""Makes the words of a speech for a preview, each with its time, in the form that the model gives them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from callsheet.spec.types import JSON, ListOf, Maybe, Record, Type

NAMES: Final = ("words", "chunks", "timestamps")
"""Outputs that hold words with their times."""
KNOWN: Final = {"text", "start", "end", "timestamp", "type", "speaker", "speaker_id"}
SECOND: Final = 2.5
"""Words of a second."""
MOST: Final = 2000
USUAL_SECONDS: Final = 5.0


def timed_words(name: str, t: Type, text: str, seconds: float | None) -> list[object] | None:
    """The value of an output of type `t`; None where it holds no words with times.

    text: what is said, again and again as long as it lasts. seconds: length of the sound.
    """
    t = t.inner if isinstance(t, Maybe) else t
    if name not in NAMES or not isinstance(t, ListOf) or not _has_times(t.item):
        return None
    return [_in_form(t.item, word, begin, end) for word, begin, end in _said(text, seconds or USUAL_SECONDS)]


def _has_times(item: Type) -> bool:
    if item == JSON:
        return True
    fields = set(item.fields if isinstance(item, Record) else ())
    return fields <= KNOWN and "text" in fields and ("timestamp" in fields or {"start", "end"} <= fields)


def _said(text: str, seconds: float) -> Iterator[tuple[str, float, float]]:
    words = text.split() or ["preview"]
    count = max(1, min(MOST, round(seconds * SECOND)))
    for i in range(count):
        yield words[i % len(words)], round(i * seconds / count, 3), round((i + 0.9) * seconds / count, 3)


def _in_form(item: Type, word: str, begin: float, end: float) -> Mapping[str, object]:
    known = {
        "text": word,
        "start": begin,
        "end": end,
        "timestamp": [begin, end],
        "type": "word",
        "speaker": "speaker_0",
        "speaker_id": "speaker_0",
    }
    wanted = item.fields if isinstance(item, Record) else ("text", "start", "end")
    return {name: known.get(name) for name in wanted}
