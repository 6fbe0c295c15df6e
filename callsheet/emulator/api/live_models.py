"""The platform API about models: the list in pages, their OpenAPI documents, their list prices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from callsheet.emulator.api.openapi import document
from callsheet.emulator.api.pages import page
from callsheet.emulator.backend.billing import base_price
from callsheet.emulator.call import Call
from callsheet.emulator.http.message import Refusal, Reply, json_reply
from callsheet.nodes.registry import LOCAL
from callsheet.spec.node import NodeSpec

DOCUMENTS: Final = "openapi-3.0"
MOST_NAMED: Final = 50


async def models(call: Call) -> Reply:
    """The models, or those asked for by id; with their documents where that is asked for."""
    wanted, named = call.request.asked("status"), call.request.query.get("endpoint_id", [])
    _limit(named)
    every = ((name, lifecycle) for name, lifecycle in _listed(call, named) if wanted in ("", lifecycle))
    documents = DOCUMENTS in call.request.query.get("expand", [])
    return page(call, "models", [*every], lambda one: _model(call, *one, documents))


async def pricing(call: Call) -> Reply:
    """One price per endpoint."""
    named = call.request.query.get("endpoint_id", [])
    _limit(named)
    found = [_price(call, endpoint) for endpoint in named]
    return json_reply({"prices": [p for p in found if p], "next_cursor": None, "has_more": False})


async def openapi(call: Call) -> Reply:
    """The document of one endpoint; anyone may read it."""
    endpoint = call.request.asked("endpoint_id")
    spec = None if endpoint.startswith(LOCAL) else call.state.listed_spec(endpoint)
    if spec is None or spec.provider != "fal" or call.state.lifecycle(spec) != "active":
        raise Refusal(404, f"Endpoint {endpoint} not found")
    return json_reply(document(spec))


def _listed(call: Call, named: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Endpoint → its lifecycle, of those that the platform lists."""
    for endpoint, lifecycle in call.state.lifecycles.items() if not named else _named(call, named):
        if lifecycle != "unlisted":
            yield endpoint, lifecycle


def _named(call: Call, named: Sequence[str]) -> Iterator[tuple[str, str]]:
    for endpoint in named:
        if spec := call.state.listed_spec(endpoint):
            yield endpoint, call.state.lifecycle(spec)


def _model(call: Call, endpoint: str, lifecycle: str, documents: bool) -> dict[str, Any]:
    spec = call.state.listed_spec(endpoint)
    found: dict[str, Any] = {"endpoint_id": endpoint, "metadata": _metadata(endpoint, spec, lifecycle)}
    return found | ({"openapi": document(spec)} if documents and spec is not None else {})


def _metadata(endpoint: str, spec: NodeSpec | None, lifecycle: str) -> dict[str, Any]:
    return {
        "display_name": endpoint,
        "category": spec.task if spec else "",
        "status": lifecycle,
        "updated_at": "2026-11-01T00:00:00Z",
    }


def _price(call: Call, endpoint: str) -> dict[str, Any] | None:
    configured, spec = call.state.settings.price_of(endpoint), call.state.listed_spec(endpoint)
    if configured is not None:
        unit_price, unit = configured.unit_price, configured.unit
    elif spec is not None and spec.price is not None:
        unit_price, unit = base_price(spec), spec.price.unit
    else:
        return None
    return {"endpoint_id": endpoint, "unit_price": unit_price, "unit": unit, "currency": "USD"}


def _limit(named: Sequence[str]) -> None:
    if len(named) > MOST_NAMED:
        message = f"List should have at most {MOST_NAMED} items"
        raise Refusal(422, [{"loc": ["query", "endpoint_id"], "msg": message, "type": "too_long"}])
