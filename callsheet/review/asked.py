"""Reads what a page asks for: JSON values, none of which is believed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from callsheet.review.message import Refusal, Request

MOST_NAMED: Final = 20_000
"""Addresses in one request."""
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
