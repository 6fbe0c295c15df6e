"""Reads the times of words in the forms in which speech models and recognition give them.

- `{text, start, end}` or `{word, start, end}`: ElevenLabs speech-to-text, forced alignment, OpenAI, Deepgram.
- `{text, timestamp: [start, end]}`: Whisper at fal, with `chunk_level: word`.
- `{characters, character_start_times_seconds, character_end_times_seconds}`: speech of ElevenLabs.
- Any of these in lists, and in objects under `words`, `chunks`, `segments`, `alignment` or `timestamps`.

Times are seconds. What has no text or no time is left out: it came from a model, and the film goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from callsheet.nodes.media.text.breaks import is_ideograph
from callsheet.nodes.media.text.cue import LONGEST

TEXTS: Final = ("punctuated_word", "text", "word")
STARTS, ENDS = ("start", "start_time"), ("end", "end_time")
INSIDE: Final = ("words", "chunks", "segments", "alignment", "timestamps")
SILENT: Final = ("spacing", "audio_event")
"""Kinds of ElevenLabs that are no words."""
DEEPEST: Final = 6
MOST: Final = 200_000
"""Words of a film."""
USUAL: Final = 0.3
"""Seconds of a word whose end is not known."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A word that is spoken, with a space after it where one belongs there. Times in seconds."""

    text: str
    start: float
    end: float
    who: str = ""


def heard(given: object) -> list[Heard]:
    """The words in what a model gave, in order."""
    found: list[Heard] = []
    for one in _found(given, 0):
        found.append(one)
        if len(found) == MOST:
            break
    return list(_spaced(sorted(found, key=lambda one: one.start)))


def _found(given: object, depth: int) -> Iterator[Heard]:
    """Words with the spaces that the model wrote around them."""
    if depth > DEEPEST:
        return
    if isinstance(given, list | tuple):
        for one in given:
            yield from _found(one, depth + 1)
    elif isinstance(given, Mapping):
        if (characters := given.get("characters")) and isinstance(characters, list | tuple):
            yield from _spelled(characters, given)
        elif any(given.get(name) for name in INSIDE):
            yield from _found(next(given[name] for name in INSIDE if given.get(name)), depth + 1)
        elif (word := _word(given)) is not None:
            yield word


def _word(given: Mapping[str, object]) -> Heard | None:
    text = next((value for name in TEXTS if isinstance(value := given.get(name), str)), "")
    start, end = _times(given)
    if not text.strip() or start is None or given.get("type") in SILENT:
        return None
    who = next((str(given[name]) for name in ("speaker_id", "speaker", "who") if given.get(name)), "")
    return Heard(text, start, max(start, start + USUAL if end is None else end), who)


def _times(given: Mapping[str, object]) -> tuple[float | None, float | None]:
    both = given.get("timestamp")
    if isinstance(both, list | tuple) and len(both) == 2:
        return _seconds(both[0]), _seconds(both[1])
    start, end = (
        next((found for name in names if (found := _seconds(given.get(name))) is not None), None)
        for names in (STARTS, ENDS)
    )
    return start, end


def _seconds(given: object) -> float | None:
    if not isinstance(given, int | float) or isinstance(given, bool) or not isfinite(given):
        return None
    return float(given) if 0 <= given <= LONGEST else None


def _spelled(characters: Sequence[object], given: Mapping[str, object]) -> Iterator[Heard]:
    """Words of characters that have a time each."""
    starts, ends = (given.get(f"character_{name}_times_seconds") for name in ("start", "end"))
    if not isinstance(starts, list | tuple) or not isinstance(ends, list | tuple):
        return
    text, begin, until = "", 0.0, 0.0
    for char, start, end in zip([*characters, " "], [*starts, 0.0], [*ends, 0.0], strict=False):
        if not isinstance(char, str) or not char.strip():
            if text:
                yield Heard(text, begin, max(begin, until))
            text = ""
        elif (first := _seconds(start)) is not None:
            text, begin, until = text + char, begin if text else first, _seconds(end) or first


def _spaced(found: Sequence[Heard]) -> Iterator[Heard]:
    """The words with spaces after them: as the model wrote them, if it wrote any; else where both sides
    are of a script that has them."""
    written = any(one.text[:1].isspace() for one in found[1:])
    for one, following in zip(found, [*found[1:], None], strict=False):
        text = one.text.strip()
        if following is None:
            space = False
        elif written:
            space = following.text[:1].isspace() or one.text[-1:].isspace()
        else:
            space = not (is_ideograph(text[-1]) or is_ideograph(following.text.strip()[0]))
        yield Heard(text + " " * space, one.start, one.end, one.who)
