"""Reads fal's list prices and billing events.

A list price is one number per endpoint, whatever the resolution and sound, so plans use the catalogue's
formulas and list prices only check them. Billing events need a key with the ADMIN scope.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from callsheet.nodes.fal.hosts import Hosts
from callsheet.nodes.fal.listing import json_of
from callsheet.nodes.http.client import Call, Reply

MOST_AT_ONCE: Final = 50
NANO: Final = 1e-9

Api = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class ListPrice:
    """USD per unit; the unit in fal's words ("image", "second", "megapixel")."""

    usd: float
    unit: str


async def list_prices(hosts: Hosts, api: Api, endpoints: Sequence[str]) -> dict[str, ListPrice]:
    """The list price of each endpoint that has one. Raises QueueError."""
    found: dict[str, ListPrice] = {}
    for some in _batches(endpoints):
        for item in await _items(hosts, api, "pricing", "prices", "endpoint_id", some):
            usd, unit = _amount(item.get("unit_price")), item.get("unit")
            if usd is not None and isinstance(unit, str) and item.get("currency", "USD") == "USD":
                found[str(item.get("endpoint_id"))] = ListPrice(usd, unit)
    return found


async def billed(hosts: Hosts, api: Api, request_ids: Sequence[str]) -> dict[str, float]:
    """USD billed per request; requests that are not listed (yet) are left out. Raises QueueError.

    An event that comes twice counts once, and one of a request that was not asked for does not count.
    """
    found: dict[str, float] = {}
    seen: set[tuple[object, ...]] = set()
    for some in _batches(request_ids):
        for item in await _items(hosts, api, "billing-events", "billing_events", "request_id", some):
            request_id, nano = str(item.get("request_id")), _amount(item.get("cost_estimate_nano_usd"))
            event = (request_id, item.get("timestamp"), nano, item.get("output_units"))
            if nano is None or request_id not in some or event in seen:
                continue
            seen.add(event)
            found[request_id] = found.get(request_id, 0.0) + nano * NANO
    return found


async def _items(
    hosts: Hosts, api: Api, page: str, name: str, parameter: str, values: Sequence[str]
) -> list[Mapping[str, object]]:
    query = urlencode([(parameter, value) for value in values])
    reply = json_of(await api(Call("GET", f"{hosts.platform}/v1/models/{page}?{query}")))
    items = reply.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[i : i + MOST_AT_ONCE] for i in range(0, len(values), MOST_AT_ONCE))


def _amount(value: object) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and isinstance(value, int | float) and 0 <= value < 1e15 else None
