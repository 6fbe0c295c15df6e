"""Fetches the document that fal publishes about an endpoint. Sends no key."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from callsheet.errors import InputError
from callsheet.nodes.fal.hosts import Hosts, hosts
from callsheet.nodes.http.body import MAX_JSON, BodyError
from callsheet.nodes.http.client import Client
from callsheet.nodes.http.message import Call, Lost, Reply, Unsent
from callsheet.spec.event_loop import complete

PATH: Final = "/api/openapi/queue/openapi.json"
SECONDS: Final = 30.0
AT_ONCE: Final = 4
NO_SUCH: Final = (400, 404, 410, 422)

Found = Mapping[str, Any] | InputError


def fetch(endpoints: Sequence[str], at: Hosts | None = None) -> dict[str, Found]:
    """The live document of each endpoint, or why there is none."""
    return complete(_fetch(endpoints, at or hosts()))


async def _fetch(endpoints: Sequence[str], at: Hosts) -> dict[str, Found]:
    client = Client(AT_ONCE)
    try:
        return dict(
            zip(endpoints, await asyncio.gather(*(_one(client, at, e) for e in endpoints)), strict=True)
        )
    finally:
        await client.close()


async def _one(client: Client, at: Hosts, endpoint: str) -> Found:
    url = f"{at.site}{PATH}?{urlencode({'endpoint_id': endpoint})}"
    try:
        return _read(await client.send(Call("GET", url, seconds=SECONDS, cap=MAX_JSON)), endpoint)
    except (Unsent, Lost) as error:
        return InputError(f"the document of {endpoint} could not be fetched: {error}", "try again later")


def _read(reply: Reply, endpoint: str) -> Found:
    if reply.status in NO_SUCH:
        return InputError(
            f"the provider has no endpoint {endpoint}", "callsheet models QUERY lists what there is"
        )
    if reply.status != 200:
        return InputError(f"asked for {endpoint}, the provider answered {reply.status}", "try again later")
    try:
        return reply.json()
    except BodyError as flaw:
        return InputError(f"the document of {endpoint} {flaw}", "try again later")
