"""A list in pages: `limit`, `cursor`, `next_cursor`, `has_more`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from callsheet.emulator.call import Call
from callsheet.emulator.http.message import Refusal, Reply, json_reply

PAGE: Final = 50
LARGEST: Final = 100

T = TypeVar("T")


def page(call: Call, name: str, items: Sequence[T], shown: Callable[[T], dict[str, Any]]) -> Reply:
    """The page that a request asks for. shown: an item as JSON values. Raises Refusal."""
    start, limit = call.request.asked("cursor", "0"), call.request.asked("limit", str(PAGE))
    if not start.isdigit() or not limit.isdigit() or not 1 <= int(limit) <= LARGEST:
        raise Refusal(422, [{"loc": ["query"], "msg": f"limit is 1 to {LARGEST}", "type": "value_error"}])
    end = int(start) + int(limit)
    more = end < len(items)
    listed = [shown(item) for item in items[int(start) : end]]
    return json_reply({name: listed, "next_cursor": str(end) if more else None, "has_more": more})
