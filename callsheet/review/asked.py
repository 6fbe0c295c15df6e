"""Reads what a page asks for: JSON values, none of which is believed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from callsheet.review.message import Refusal, Request

MOST_NAMED: Final = 20_000
"""Addresses in one request."""
MOST_DRAWN: Final = 512 * 1024
"""Bytes of a drawing. A line of the file of notes has a megabyte at most."""
DEEPEST: Final = 16
"""Lists inside of lists in a drawing."""
NOTE_ID: Final = re.compile(r"[0-9A-Za-z-]{6,40}")
Asked = Mapping[str, Any]


def asked_in(request: Request) -> Asked:
    """The object in a request. Raises Refusal."""
    try:
        found = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise Refusal(400, "the request is not JSON") from None
    if not isinstance(found, dict):
        raise Refusal(400, "the request is no object")
    return found


def text(asked: Asked, name: str) -> str:
    """A text; "" where there is none. Raises Refusal."""
    found = asked.get(name, "")
    if not isinstance(found, str):
        raise Refusal(400, f"{name} is not a text")
    return found


def texts(asked: Asked, name: str) -> list[str]:
    """A list of texts that is not empty. Raises Refusal."""
    found = asked.get(name)
    if not isinstance(found, list) or not found or not all(isinstance(one, str) for one in found):
        raise Refusal(400, f"{name} is not a list of texts")
    if len(found) > MOST_NAMED:
        raise Refusal(400, f"{name} has more than {MOST_NAMED} entries")
    return found


def note_id(asked: Asked) -> str:
    """The id that a page gives a note, "" for none. Raises Refusal for one that could be no id."""
    found = text(asked, "id")
    if found and not is_note_id(found):
        raise Refusal(400, "that is no id of a note")
    return found


def is_note_id(name: str) -> bool:
    """Whether a page may name a note so."""
    return NOTE_ID.fullmatch(name) is not None


def drawing(asked: Asked) -> Any:
    """What was drawn, None for nothing. Raises Refusal for a drawing that no file of notes could hold."""
    found = asked.get("drawing")
    if not is_kept(found):
        raise Refusal(413, "no file of notes can hold the drawing", "draw less, or write it in words")
    return found


def is_kept(drawing: Any) -> bool:
    """Whether a line of the file of notes can hold a drawing."""
    if not _is_shallow(drawing, DEEPEST):
        return False
    try:
        return drawing is None or len(json.dumps(drawing, allow_nan=False)) <= MOST_DRAWN
    except ValueError:
        return False


def _is_shallow(value: Any, most: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return most > 0 and all(_is_shallow(one, most - 1) for one in inner)


def number(asked: Asked, name: str, least: int) -> int:
    """A whole number. Raises Refusal."""
    found = asked.get(name, least)
    if not isinstance(found, int) or isinstance(found, bool) or found < least:
        raise Refusal(400, f"{name} is not a number from {least}")
    return found


def amount(asked: Asked, name: str) -> float:
    """An amount of money, in USD. Raises Refusal."""
    found = asked.get(name)
    if not isinstance(found, int | float) or isinstance(found, bool) or not 0 <= found < 1e9:
        raise Refusal(400, f"{name} is no amount of money")
    return float(found)
