"""The platform API: request listing, billing events, the account; and Hugging Face's model look-up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from callsheet.emulator.api.pages import page
from callsheet.emulator.call import Call
from callsheet.emulator.clock import iso
from callsheet.emulator.http.message import Refusal, Reply, json_reply
from callsheet.emulator.job import Generation

DAY: Final = 86_400.0
OUTCOMES: Final[dict[str, Callable[[int], bool]]] = {
    "success": lambda status: status < 400,
    "user_error": lambda status: 400 <= status < 500,
    "error": lambda status: status >= 500,
}


async def by_endpoint(call: Call) -> Reply:
    """The requests of some endpoints that ended in a window of time (the last day), newest first."""
    endpoints = call.request.query.get("endpoint_id", [])
    if not endpoints:
        raise Refusal(422, [{"loc": ["query", "endpoint_id"], "msg": "Field required", "type": "missing"}])
    payloads = "payloads" in call.request.query.get("expand", [])
    found = [g for g in _listed(call) if g.endpoint in endpoints]
    found.sort(key=lambda g: g.ended_at or g.sent_at, reverse=True)
    return page(call, "items", found, lambda g: _item(g, payloads))


async def billing_events(call: Call) -> Reply:
    """What was billed, for requests that ended well. There is none for a request without a price."""
    ids, endpoints = call.request.query.get("request_id", []), call.request.query.get("endpoint_id", [])
    found = [
        g
        for g in _listed(call)
        if g.ok and g.unit_price and (not ids or g.id in ids) and (not endpoints or g.endpoint in endpoints)
    ]
    return page(call, "billing_events", found, _event)


async def account(call: Call) -> Reply:
    """Who the key belongs to, and the credit that is left where the settings say so."""
    balance = call.state.settings.balance
    credit = {"credits": {"current_balance": balance, "currency": "USD"}}
    asked = "credits" in call.request.query.get("expand", []) and balance is not None
    return json_reply({"username": "emulator"} | (credit if asked else {}))


async def jwks(call: Call) -> Reply:
    """The public key of webhook signatures."""
    return json_reply(call.state.webhooks.jwks())


async def mapping(call: Call) -> Reply:
    """Hugging Face: which provider serves a repository, under which id, for which task."""
    found = call.state.hub.look_up(call.parts["repo"])
    served = {"status": found.status, "providerId": found.endpoint, "task": found.task}
    return json_reply({"id": call.parts["repo"], "inferenceProviderMapping": {found.provider: served}})


def _listed(call: Call) -> Iterator[Generation]:
    """The requests that the listing shows by now."""
    listing, clock = call.state.settings.listing, call.state.clock
    start, end = _moment(call, "start", clock.now() - DAY), _moment(call, "end", clock.now() + DAY)
    wanted = OUTCOMES.get(call.request.asked("status"))
    for g in list(call.state.generations.values()):
        moment = g.ended_at if listing.ended_only else (g.ended_at or g.sent_at)
        if moment is None or not clock.past(moment, listing.lag) or not start <= moment <= end:
            continue
        if wanted is None or (g.ended and wanted(g.outcome.status)):
            yield g


def _moment(call: Call, name: str, default: float) -> float:
    text = call.request.asked(name)
    if not text:
        return default
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        message = "Input should be a valid datetime"
        raise Refusal(422, [{"loc": ["query", name], "msg": message, "type": "datetime_parsing"}]) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _item(g: Generation, payloads: bool) -> dict[str, Any]:
    item = {
        "request_id": g.id,
        "endpoint_id": g.endpoint,
        "started_at": iso(g.started_at),
        "sent_at": iso(g.sent_at),
        "ended_at": iso(g.ended_at),
        "status_code": g.outcome.status if g.ended else None,
        "duration": g.seconds,
    }
    return {**item, "json_input": g.body, "json_output": g.answer} if payloads else item


def _event(g: Generation) -> dict[str, Any]:
    return {
        "request_id": g.id,
        "endpoint_id": g.endpoint,
        "timestamp": iso(g.ended_at),
        "output_units": g.units,
        "unit_price": g.unit_price,
        "percent_discount": None,
        "cost_estimate_nano_usd": round(g.units * g.unit_price * 1e9),
    }
