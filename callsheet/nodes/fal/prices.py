"""Reads fal's list prices and billing events.

A list price is one number per endpoint, whatever the resolution and sound, so plans use the catalogue's
formulas where there are some. Billing events need a key with the ADMIN scope.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from callsheet.nodes.fal.hosts import Hosts
from callsheet.nodes.fal.listing import json_of
from callsheet.nodes.fal.platform import Garbled, Platform
from callsheet.nodes.http.message import Call, Reply
from callsheet.spec.price.read import MOST_USD

PRICING: Final = "/v1/models/pricing"
MOST_AT_ONCE: Final = 50
NANO: Final = 1e-9
WINDOW: Final = 89 * 86_400.0
"""Seconds that billing events go back; the API takes a window of 90 days."""
MOST_PAGES: Final = 20

Api = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class ListPrice:
    """USD per unit; the unit in fal's words ("image", "second", "megapixel")."""

    usd: float
    unit: str


@dataclass(slots=True)
class ListPrices:
    """Endpoint → its list price; and for endpoints whose price cannot be used, why."""

    prices: dict[str, ListPrice] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


async def list_prices(hosts: Hosts, api: Api, endpoints: Sequence[str]) -> dict[str, ListPrice]:
    """The list price of each endpoint that has one. Raises QueueError."""
    found = ListPrices()
    for some in _batches(endpoints):
        query = urlencode([("endpoint_id", value) for value in some])
        reply = json_of(await api(Call("GET", f"{hosts.platform}{PRICING}?{query}")))
        _take(found, _items(reply, "prices"), some)
    return found.prices


async def all_list_prices(platform: Platform, endpoints: Sequence[str]) -> ListPrices:
    """The list price of each endpoint, or why it cannot be used.

    A reply that cannot be read costs only the endpoints that spoil it. Raises QueueError, NodeError for a bad
    key.
    """
    found = ListPrices()
    for some in _batches(endpoints):
        async for asked, page in platform.about(PRICING, some):
            if isinstance(page, Garbled):
                found.problems[asked[0]] = page.message
            else:
                _take(found, _items(page, "prices"), asked)
    return found


def _take(found: ListPrices, items: Sequence[Mapping[str, object]], asked: Sequence[str]) -> None:
    """Take the prices of a page. Only what was asked for counts, and only once."""
    for item in items:
        endpoint, unit = item.get("endpoint_id"), item.get("unit")
        if not isinstance(endpoint, str) or endpoint not in asked:
            name = str(endpoint)[:80]
            found.problems.setdefault(asked[0], f"the provider sent the price of {name}, which was not asked")
            continue
        usd = _amount(item.get("unit_price"))
        problem = _flaw(usd, unit, item.get("currency", "USD"))
        if problem or usd is None:
            found.problems[endpoint] = problem
        elif (before := found.prices.get(endpoint)) and before.usd != usd:
            found.problems[endpoint] = "the provider states two prices"
            del found.prices[endpoint]
        elif endpoint not in found.problems:
            found.prices[endpoint] = ListPrice(usd, str(unit))


def _flaw(usd: float | None, unit: object, currency: object) -> str:
    """Why a list price cannot be used, "" if it can."""
    if usd is None or usd > MOST_USD:
        return f"its list price is no amount between 0 and ${MOST_USD:,.0f}"
    if usd == 0:
        return "its list price is 0, which no call costs"
    if currency != "USD":
        return f"its list price is in {str(currency)[:10]}, not USD"
    return "" if isinstance(unit, str) and 0 < len(unit) <= 40 else "its list price has no unit"


async def billed(hosts: Hosts, api: Api, request_ids: Sequence[str]) -> dict[str, float]:
    """USD billed per request; requests that are not listed (yet) are left out. Raises QueueError.

    An event that comes twice counts once. One of a request that was not asked for stands under its own id.
    """
    found: dict[str, float] = {}
    seen: set[tuple[object, ...]] = set()
    start = datetime.fromtimestamp(time.time() - WINDOW, UTC).isoformat(timespec="seconds")
    for some in _batches(request_ids):
        asked = [*(("request_id", value) for value in some), ("start", start.replace("+00:00", "Z"))]
        async for item in _events(hosts, api, asked):
            request_id, nano = str(item.get("request_id")), _amount(item.get("cost_estimate_nano_usd"))
            event = (request_id, item.get("timestamp"), nano, item.get("output_units"))
            if nano is None or event in seen:
                continue
            seen.add(event)
            found[request_id] = found.get(request_id, 0.0) + nano * NANO
    return found


async def _events(
    hosts: Hosts, api: Api, asked: Sequence[tuple[str, str]]
) -> AsyncIterator[Mapping[str, object]]:
    """The billing events of all pages, as far as they lead."""
    cursor, seen = "", {""}
    for _ in range(MOST_PAGES):
        query = urlencode([*asked, ("limit", "100"), *([("cursor", cursor)] if cursor else [])])
        page = json_of(await api(Call("GET", f"{hosts.platform}/v1/models/billing-events?{query}")))
        for item in _items(page, "billing_events"):
            yield item
        following = page.get("next_cursor")
        if not page.get("has_more") or not isinstance(following, str) or following in seen:
            return
        cursor = following
        seen.add(cursor)


def _items(page: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    items = page.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[i : i + MOST_AT_ONCE] for i in range(0, len(values), MOST_AT_ONCE))


def _amount(value: object) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and isinstance(value, int | float) and 0 <= value < 1e15 else None
