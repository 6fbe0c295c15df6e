"""Reads fal's list of requests, where a request whose reply was lost can be found again.

    GET /v1/models/requests/by-endpoint?endpoint_id=…&start=…&expand=payloads&limit=100&cursor=…

It lists requests that have ended, after an unstated delay (fal's platform API reference, 2026).
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from callsheet.nodes.fal.hosts import Hosts
from callsheet.nodes.http.body import MAX_RESULT, BodyError, retry_after
from callsheet.nodes.http.message import Call, Reply
from callsheet.nodes.queue.failure import failure_in
from callsheet.nodes.queue.protocol import Found, QueueError
from callsheet.nodes.queue.route import REQUEST_ID

PATH: Final = "/v1/models/requests/by-endpoint"
PAGE: Final = 100
MOST_PAGES: Final = 50
SECONDS: Final = 60.0

Api = Callable[[Call], Awaitable[Reply]]


async def find(hosts: Hosts, api: Api, endpoint: str, since: float) -> Sequence[Found]:
    """The listed requests to `endpoint` sent from `since` (seconds since the epoch), newest first.

    Raises QueueError when the list is incomplete, because a missing request would then prove nothing.
    """
    found: dict[str, Found] = {}
    cursor = ""
    for _ in range(MOST_PAGES):
        page = await _page(hosts, api, endpoint, since, cursor)
        found.update((item.request_id, item) for item in _items(page, endpoint))
        following = page.get("next_cursor")
        if not page.get("has_more") or not isinstance(following, str) or following == cursor:
            return sorted(found.values(), key=lambda f: (-f.sent_at, f.request_id))
        cursor = following
    most = PAGE * MOST_PAGES
    raise QueueError(f"the provider lists more than {most} requests to {endpoint}", "failed", "look there")


async def _page(hosts: Hosts, api: Api, endpoint: str, since: float, cursor: str) -> Mapping[str, object]:
    start = datetime.fromtimestamp(max(since, 0), UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    query = {"endpoint_id": endpoint, "start": start, "expand": "payloads", "limit": str(PAGE)}
    url = f"{hosts.platform}{PATH}?{urlencode(query | ({'cursor': cursor} if cursor else {}))}"
    return json_of(await api(Call("GET", url, seconds=SECONDS, cap=MAX_RESULT)))


def json_of(reply: Reply) -> Mapping[str, object]:
    """The JSON object of a reply of the platform API. Raises QueueError."""
    if reply.status != 200:
        raise refused(reply)
    try:
        return reply.json()
    except BodyError as flaw:
        raise QueueError(f"the reply of the platform API {flaw}", "unavailable", passing=True) from flaw


def refused(reply: Reply) -> QueueError:
    """Why the platform API did not answer. Server errors and refusals for a while may pass."""
    said = failure_in(reply)
    message = f"the platform API answered {reply.status}" + (f": {said.words}" if said.words else "")
    if reply.status in (401, 402, 403):
        return QueueError(message, "rejected", "check the key and what it may do")
    wait = retry_after(reply.headers.get("retry-after"))
    return QueueError(message, "unavailable", "try again", passing=True, retry_after=wait)


def _items(page: Mapping[str, object], endpoint: str) -> list[Found]:
    items = page.get("items")
    if not isinstance(items, list):
        raise QueueError("the provider's list of requests has no items", "unavailable", passing=True)
    return [found for item in items if isinstance(item, dict) and (found := _found(item, endpoint))]


def _found(item: Mapping[str, object], endpoint: str) -> Found | None:
    request_id, body = item.get("request_id"), item.get("json_input")
    if not isinstance(request_id, str) or not REQUEST_ID.match(request_id):
        return None
    if item.get("endpoint_id", endpoint) != endpoint:
        return None
    sent = _epoch(item.get("sent_at")) or _epoch(item.get("started_at")) or 0.0
    return Found(request_id, endpoint, sent, body if isinstance(body, dict) else {})


def _epoch(value: object) -> float | None:
    """An ISO date (UTC where it names no zone) or a number, as seconds since the epoch."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if math.isfinite(value) else None
    try:
        date = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() if date else None
