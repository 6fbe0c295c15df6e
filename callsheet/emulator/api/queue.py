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
    """Accept a paid request: 200 with its id and URLs."""
    generation = _accept(call)
    call.state.queue.enter(generation, _start_timeout(call))
    body = {"status": "IN_QUEUE", **_urls(generation, call), "queue_position": _position(generation, call)}
    if generation.webhook:
        body["gateway_request_id"] = generation.id
    return json_reply(body, 200, ("x-fal-request-id", generation.id))


async def run(call: Call) -> Reply:
    """Run a request to its end and answer with the result, as fal's synchronous host does."""
    generation = _accept(call)
    call.state.queue.enter(generation)
    while not generation.ended:
        await generation.changed.wait()
    return _answer(generation)


async def status(call: Call) -> Reply:
    """Answer 202 while the request waits or works, 200 when it is done."""
    generation = _known(call)
    return json_reply(_status(generation, call), 200 if generation.ended else 202)


async def stream(call: Call) -> Reply:
    """Send the status now and at each change, until the end, as server-sent events."""
    generation = _known(call)
    return Reply(200, headers=EVENT_STREAM, chunks=_events(generation, call))


async def result(call: Call) -> Reply:
    """Answer with the model's status and body; 400 while it works, 404 when the result is no longer kept."""
    generation = _known(call)
    if not generation.ended:
        raise Refusal(400, IN_PROGRESS, ("x-fal-request-id", generation.id))
    kept = call.state.settings.retention.result
    if kept is not None and call.state.clock.past(generation.ended_at or 0.0, kept):
        raise Refusal(404, "Request not found")
    return _answer(generation)


async def cancel(call: Call) -> Reply:
    generation = _known(call)
    if generation.ended:
        return json_reply({"status": "ALREADY_COMPLETED"}, 400)
    call.state.queue.cancel(generation)
    return json_reply({"status": "CANCELLATION_REQUESTED"}, 202)


def _accept(call: Call) -> Generation:
    endpoint, state = call.parts["endpoint"], call.state
    body = call.request.json()
    call.entry.body = body
    if not isinstance(body, dict):
        raise Refusal(
            422, [{"loc": ["body"], "msg": "Input should be a valid dictionary", "type": "dict_type"}]
        )
    _check(call, endpoint, body)
    _has_room(call)
    webhook = check_target(call.request.asked("fal_webhook"))
    generation = state.accept(endpoint, body, call.request.origin, call.outcome, call.attached, webhook)
    call.entry.request_id, call.entry.accepted = generation.id, True
    return generation


def _check(call: Call, endpoint: str, body: dict[str, Any]) -> None:
    state = call.state
    if not state.settings.strict:
        return
    spec = state.spec_of(endpoint)
    if spec is None:
        raise Refusal(404, f"Application '{app(endpoint)}' not found")
    if spec.provider != "huggingface":
        _fits(call, spec, body)


def _fits(call: Call, spec: NodeSpec, body: dict[str, Any]) -> None:
    if found := validate.errors(spec, body, lambda url: _fetchable(call, url)):
        raise Refusal(422, found)


def _fetchable(call: Call, url: str) -> bool:
    """Whether an input can be downloaded. A URL below our own `/files/` must be a file we have; any other URL
    is accepted without a look."""
    ours = url.startswith(call.request.origin + "/files/")
    return not ours or call.state.media.find(url) is not None


def _has_room(call: Call) -> None:
    limit = call.request.asked("fal_max_queue_length")
    if limit.isdigit() and len(call.state.queue) > int(limit):
        raise Refusal(429, "The queue is longer than fal_max_queue_length")


def _start_timeout(call: Call) -> float | None:
    text = call.request.headers.get("x-fal-request-timeout", "")
    try:
        return float(text) if text else None
    except ValueError as error:
        raise Refusal(400, "X-Fal-Request-Timeout is not a number of seconds") from error


def _known(call: Call) -> Generation:
    generation = call.state.generations.get(call.parts["id"])
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
    return call.state.queue.position(generation)


def _status(generation: Generation, call: Call) -> dict[str, Any]:
    body = {"status": generation.state, **_urls(generation, call), "logs": None}
    if generation.state == "IN_QUEUE":
        return {**body, "queue_position": _position(generation, call)}
    if call.request.asked("logs") in YES:
        body["logs"] = _logs(generation)
    if not generation.ended:
        return body
    outcome = generation.outcome
    failure = {"error": outcome.error, "error_type": outcome.error_type} if outcome.error else {}
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
    outcome = generation.outcome
    headers = [("x-fal-request-id", generation.id)]
    if outcome.status < 400:
        headers.append(("X-Fal-Billable-Units", f"{generation.units:g}"))
        headers.append(("X-Fal-Served-From", generation.endpoint))
    if outcome.error_type:
        headers.append(("X-Fal-Error-Type", outcome.error_type))
    if outcome.error_type == "request_timeout":
        headers.append(("X-Fal-Request-Timeout-Type", "user"))
    return json_reply(generation.answer, outcome.status, *headers)
