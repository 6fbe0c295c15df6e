"""One note on a film, and its line in the file: read leniently, with what is not known to this version."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import Any, Final, Literal, NoReturn, cast

from callsheet.spec.frame_rate import exact
from callsheet.spec.harmless import harmless
from callsheet.spec.json_documents import NoteJson

MOST_CHARACTERS: Final = 10_000
"""Characters of a text that are read."""
MOST_REPLIES: Final = 1_000
LONGEST_NAME: Final = 200
MOST_FRAMES: Final = 10**8
Status = Literal["open", "done"]
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a note. at: the time in UTC, `2026-12-01T09:30:00Z`."""

    author: str
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """What a person says about a shot, or about the film.

    id: unlike that of every other note. shot: the address of the instance, without the take, "" for the film
    itself. take: from 1. digest, key: of the result that the note is about, "" where it was not made. frame:
    the first picture that is meant, counted from 0 in that result, None for all of it. frames: how many
    pictures. rate: pictures a second. author: who says it. at: when, in UTC. drawing: what was drawn on the
    picture, any JSON value. changed: when the status was set, "" for never. line: all that the file says of
    it.
    """

    id: str
    text: str
    shot: str = ""
    take: int = 1
    digest: str = ""
    key: str = ""
    frame: int | None = None
    frames: int = 1
    rate: Fraction | None = None
    author: str = ""
    at: str = ""
    status: Status = "open"
    changed: str = ""
    replies: tuple[Reply, ...] = ()
    drawing: object = None
    line: Json = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.status == "open"

    @property
    def seconds(self) -> float | None:
        """Where it begins, in seconds of the result; None for all of it."""
        return None if self.frame is None or self.rate is None else float(self.frame / self.rate)

    def to_json(self) -> NoteJson:
        """As the object of its line, with the fields of other versions."""
        own: dict[str, Any] = {
            "id": self.id,
            "shot": self.shot or None,
            "take": self.take,
            "digest": self.digest or None,
            "key": self.key or None,
            "frame": self.frame,
            "frames": None if self.frame is None else self.frames,
            "rate": None if self.rate is None else rounded(self.rate),
            "author": self.author,
            "at": self.at,
            "text": self.text,
            "status": self.status,
            "changed": self.changed or None,
            "replies": [{"author": r.author, "at": r.at, "text": r.text} for r in self.replies],
            "drawing": self.drawing,
        }
        told = {name: value for name, value in own.items() if value is not None or name in self.line}
        replies = _replies_with_their_fields(told["replies"], self.line.get("replies"))
        note: Any = {**self.line, **told, "replies": replies}
        return cast(NoteJson, note)


def rounded(rate: Fraction) -> int | float:
    """A rate as people write it: 24, 23.976. `exact` gives the fraction back."""
    return rate.numerator if rate.denominator == 1 else round(float(rate), 3)


def note_in(line: Json) -> Note | None:
    """The note of an object; None where it has neither an id nor a text. What is odd in it is left out."""
    name, text = _text(line.get("id"), LONGEST_NAME), _text(line.get("text"))
    if not name or not (text or line.get("drawing") is not None):
        return None
    return Note(
        name,
        text,
        shot=_text(line.get("shot"), MOST_CHARACTERS),
        take=_count(line.get("take"), 1) or 1,
        digest=_text(line.get("digest"), LONGEST_NAME),
        key=_text(line.get("key"), LONGEST_NAME),
        frame=_count(line.get("frame"), 0),
        frames=_count(line.get("frames"), 1) or 1,
        rate=_rate(line.get("rate")),
        author=_text(line.get("author"), LONGEST_NAME),
        at=_text(line.get("at"), LONGEST_NAME),
        status="done" if line.get("status") == "done" else "open",
        changed=_text(line.get("changed"), LONGEST_NAME),
        replies=tuple(_replies(line.get("replies"))),
        drawing=line.get("drawing"),
        line=line,
    )


def folded(lines: Sequence[Json]) -> Json:
    """Several versions of one note, as a merge leaves them, as one: all replies, the newest status, and no
    text lost. The result does not depend on which side was merged into which, but for the order of equals."""
    return reduce(_joined, lines)


def _joined(one: Json, other: Json) -> Json:
    newer = other if _changed(other) > _changed(one) else one
    texts = dict.fromkeys(t for t in (_text(one.get("text")), _text(other.get("text"))) if t)
    text = "\n".join(t for t in texts if not any(t != u and t in u for u in texts))
    given = [line["replies"] for line in (one, other) if isinstance(line.get("replies"), list)]
    unlike = {json.dumps(reply, sort_keys=True): reply for replies in given for reply in replies}
    replies = sorted(unlike.values(), key=lambda r: str(r.get("at")) if isinstance(r, dict) else "")
    return {**one, **other, **newer, "text": text, "replies": replies}


def _changed(line: Json) -> tuple[str, bool]:
    """When its status was set; of two at the same time, open counts: nothing is forgotten."""
    return str(line.get("changed") or ""), line.get("status") != "done"


def parsed_line(text: str) -> Json | None:
    """The object of one line; None for what is none."""
    try:
        found = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _text(value: object, most: int = MOST_CHARACTERS) -> str:
    return harmless(value[:most]).strip() if isinstance(value, str) else ""


def _count(value: object, least: int) -> int | None:
    good = isinstance(value, int) and not isinstance(value, bool) and least <= value <= MOST_FRAMES
    return value if good and isinstance(value, int) else None


def _rate(value: object) -> Fraction | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 1 <= value <= 1000:
        return None
    return exact(value)


def _replies(given: object) -> Iterator[Reply]:
    for one in given[:MOST_REPLIES] if isinstance(given, list) else ():
        if isinstance(one, dict) and (text := _text(one.get("text"))):
            yield Reply(_text(one.get("author"), LONGEST_NAME), _text(one.get("at"), LONGEST_NAME), text)


def _replies_with_their_fields(own: list[dict[str, str]], given: object) -> list[Any]:
    """Replies as the file has them, with fields of other versions, and those that are new."""
    before = given if isinstance(given, list) else []
    return [*before, *own[len(list(_replies(before))) :]]
