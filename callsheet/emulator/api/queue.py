"""fal's queue: submit, status, stream, result, cancel; and the synchronous host."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Final

from callsheet.emulator.api import validate
from callsheet.emulator.backend.webhook import check_target
from callsheet.emulator.call import Call
from callsheet.emulator.clock import iso
from callsheet.emulator.http.endpoint import app
from callsheet.emulator.http.message import Refusal, Reply, json_reply
from callsheet.emulator.job import Generation
from callsheet.spec.node import NodeSpec

YES: Final = ("true", "1", "True")
IN_PROGRESS: Final = "Request is still in progress"
EVENT_STREAM: Final = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache"))


async def submit(call: Call) -> Reply:
    """Take a paid request: 200 with its id and URLs."""
    generation = _accept(call)
    call.studio.line.enter(generation, _start_timeout(call))
    body = {"status": "IN_QUEUE", **_urls(generation, call), "queue_position": _position(generation, call)}
    if generation.webhook:
        body["gateway_request_id"] = generation.id
    return json_reply(body, 200, ("x-fal-request-id", generation.id))


async def run(call: Call) -> Reply:
    """The synchronous host: the same work, the answer at the end."""
    generation = _accept(call)
    call.studio.line.enter(generation)
    while not generation.ended:
        await generation.changed.wait()
    return _answer(generation)


async def status(call: Call) -> Reply:
    """202 while it waits or works, 200 once it is done."""
    generation = _known(call)
    return json_reply(_status(generation, call), 200 if generation.ended else 202)


async def stream(call: Call) -> Reply:
    """Server-sent events: the status now and at each change, until the end."""
    generation = _known(call)
    return Reply(200, headers=EVENT_STREAM, chunks=_events(generation, call))


async def result(call: Call) -> Reply:
    """The model's own status and body; 400 while it still works, 404 when it is no longer kept."""
    generation = _known(call)
    if not generation.ended:
        raise Refusal(400, IN_PROGRESS, ("x-fal-request-id", generation.id))
    kept = call.studio.settings.retention.result
    if kept is not None and call.studio.clock.past(generation.ended_at or 0.0, kept):
        raise Refusal(404, "Request not found")
    return _answer(generation)


async def cancel(call: Call) -> Reply:
    generation = _known(call)
    if generation.ended:
        return json_reply({"status": "ALREADY_COMPLETED"}, 400)
    call.studio.line.cancel(generation)
    return json_reply({"status": "CANCELLATION_REQUESTED"}, 202)


def _accept(call: Call) -> Generation:
    endpoint, studio = call.parts["endpoint"], call.studio
    body = call.request.json()
    call.entry.body = body
    if not isinstance(body, dict):
        raise Refusal(
            422, [{"loc": ["body"], "msg": "Input should be a valid dictionary", "type": "dict_type"}]
        )
    _check(call, endpoint, body)
    _has_room(call)
    webhook = check_target(call.request.asked("fal_webhook"))
    generation = studio.take(endpoint, body, call.request.origin, call.fate, call.attached, webhook)
    call.entry.request_id, call.entry.accepted = generation.id, True
    return generation


def _check(call: Call, endpoint: str, body: dict[str, Any]) -> None:
    studio = call.studio
    if not studio.settings.strict:
        return
    spec = studio.spec_of(endpoint)
    if spec is None:
        raise Refusal(404, f"Application '{app(endpoint)}' not found")
    if spec.provider != "huggingface":
        _fits(call, spec, body)


def _fits(call: Call, spec: NodeSpec, body: dict[str, Any]) -> None:
    if found := validate.errors(spec, body, lambda url: _fetchable(call, url)):
        raise Refusal(422, found)


def _fetchable(call: Call, url: str) -> bool:
    """A URL below our own `/files/` must be a file we have; what is elsewhere is believed."""
    ours = url.startswith(call.request.origin + "/files/")
    return not ours or call.studio.media.find(url) is not None


def _has_room(call: Call) -> None:
    limit = call.request.asked("fal_max_queue_length")
    if limit.isdigit() and len(call.studio.line) > int(limit):
        raise Refusal(429, "The queue is longer than fal_max_queue_length")


def _start_timeout(call: Call) -> float | None:
    text = call.request.headers.get("x-fal-request-timeout", "")
    try:
        return float(text) if text else None
    except ValueError as error:
        raise Refusal(400, "X-Fal-Request-Timeout is not a number of seconds") from error


def _known(call: Call) -> Generation:
    generation = call.studio.generations.get(call.parts["id"])
    if generation is None or generation.app != call.parts["app"]:
        raise Refusal(404, "Request not found")
    return generation


def _urls(generation: Generation, call: Call) -> dict[str, Any]:
    url = f"{call.request.origin}/{generation.app}/requests/{generation.id}"
    return {
        "request_id": generation.id,
        "response_url": url,
        "status_url": f"{url}/status",
        "cancel_url": f"{url}/cancel",
    }


def _position(generation: Generation, call: Call) -> int:
    return call.studio.line.position(generation)


def _status(generation: Generation, call: Call) -> dict[str, Any]:
    body = {"status": generation.state, **_urls(generation, call), "logs": None}
    if generation.state == "IN_QUEUE":
        return {**body, "queue_position": _position(generation, call)}
    if call.request.asked("logs") in YES:
        body["logs"] = _logs(generation)
    if not generation.ended:
        return body
    fate = generation.fate
    failure = {"error": fate.error, "error_type": fate.error_type} if fate.error else {}
    return {**body, "metrics": {"inference_time": generation.seconds}, **failure}


def _logs(generation: Generation) -> list[dict[str, Any]]:
    moments = [("the model starts", generation.started_at), ("the model is done", generation.ended_at)]
    return [
        {"message": text, "timestamp": iso(moment), "level": "INFO", "source": "USER"}
        for text, moment in moments
        if moment is not None
    ]


async def _events(generation: Generation, call: Call) -> AsyncIterator[bytes]:
    while True:
        changed = generation.changed
        yield b"data: " + json.dumps(_status(generation, call)).encode() + b"\n\n"
        if generation.ended:
            return
        await changed.wait()


def _answer(generation: Generation) -> Reply:
    fate = generation.fate
    headers = [("x-fal-request-id", generation.id)]
    if fate.status < 400:
        headers.append(("X-Fal-Billable-Units", f"{generation.units:g}"))
        headers.append(("X-Fal-Served-From", generation.endpoint))
    if fate.error_type:
        headers.append(("X-Fal-Error-Type", fate.error_type))
    if fate.error_type == "request_timeout":
        headers.append(("X-Fal-Request-Timeout-Type", "user"))
    return json_reply(generation.answer, fate.status, *headers)
