"""The answers of somebody who looked at an exported page: read from a file that nobody vouches for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from callsheet.errors import InputError
from callsheet.review.asked import is_kept, is_note_id
from callsheet.spec.harmless import harmless
from callsheet.spec.regular_file import read_regular

VERSION: Final = 1
MOST_BYTES: Final = 64 << 20
MOST_ANSWERS: Final = 20_000
Kind = Literal["note", "approve", "reject", "pick"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. shot: the address, "" for the film. take: from 1. digest: of what was seen: of a note, of
    the file; else of the result. text: of a note, or why. by: who says it. at: when, in UTC. frame, frames,
    drawing, replies, id: of a note."""

    kind: Kind
    by: str
    shot: str = ""
    take: int = 1
    digest: str = ""
    text: str = ""
    at: str = ""
    id: str = ""
    frame: int | None = None
    frames: int = 1
    drawing: object = None
    replies: tuple[tuple[str, str], ...] = ()
    done: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """A file of answers. film: the name of the pipeline that it is about. made: when the page was exported.
    odd: how many entries are no answers."""

    path: Path
    film: str
    by: str
    made: str
    answers: tuple[Answer, ...]
    odd: int = 0


def read_answers(path: Path) -> Answers:
    """Read a file of answers leniently: what is no answer in it is counted. Raises InputError for a file that
    is none."""
    try:
        data = read_regular(path, MOST_BYTES)
        found = json.loads(data)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", "name the file of the answers") from None
    except (ValueError, RecursionError):
        raise InputError(
            f"{path} has no answers", "it is made by Save answers, on an exported page"
        ) from None
    if not isinstance(found, dict) or "callsheet_answers" not in found or len(data) > MOST_BYTES:
        raise InputError(f"{path} has no answers", "it is made by Save answers, on an exported page")
    if found["callsheet_answers"] != VERSION:
        raise InputError(f"{path} is of another version of callsheet", "use that version, or a newer one")
    by = _text(found.get("by"), 200) or path.stem
    given = found.get("answers")
    entries = given[:MOST_ANSWERS] if isinstance(given, list) else []
    answers = tuple(answer for entry in entries if (answer := _answer(entry, by)) is not None)
    odd = (len(given) if isinstance(given, list) else 1) - len(answers)
    return Answers(path, _text(found.get("film"), 200), by, _text(found.get("made"), 40), answers, odd)


def _answer(entry: object, by: str) -> Answer | None:
    if not isinstance(entry, dict) or entry.get("do") not in get_args(Kind):
        return None
    kind: Kind = entry["do"]
    text = _text(entry.get("text" if kind == "note" else "why"))
    found = Answer(
        kind,
        by,
        _text(entry.get("shot"), 2000),
        _count(entry.get("take"), 1) or 1,
        _text(entry.get("digest"), 200),
        text,
        _text(entry.get("at"), 40),
        _text(entry.get("id"), 40),
        _count(entry.get("frame"), 0),
        _count(entry.get("frames"), 1) or 1,
        entry.get("drawing") if is_kept(entry.get("drawing")) else None,
        tuple(_replies(entry, by)),
        entry.get("status") == "done",
    )
    is_note = is_note_id(found.id) and (text or found.drawing is not None)
    is_whole = is_note if kind == "note" else found.shot
    return found if is_whole else None


def _replies(entry: Mapping[str, Any], by: str) -> Iterator[tuple[str, str]]:
    given = entry.get("replies")
    for one in given[:100] if isinstance(given, list) else ():
        if isinstance(one, dict) and (text := _text(one.get("text"))):
            yield by, text


def _text(value: object, most: int = 10_000) -> str:
    return harmless(value[:most]).strip() if isinstance(value, str) else ""


def _count(value: object, least: int) -> int | None:
    good = isinstance(value, int) and not isinstance(value, bool) and least <= value <= 10**8
    return value if good and isinstance(value, int) else None
