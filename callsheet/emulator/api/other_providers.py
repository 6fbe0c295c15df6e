"""The other providers behind Hugging Face's router, in the forms that its official client knows.

POST /novita/v3/hf/{model}                      answers with the video's URL
POST /replicate/v1/models/{model}/predictions   a job: GET /replicate/v1/predictions/{id}
POST /together/v2/videos                        a job: GET /together/v2/videos/{id}
POST /together/v1/images/generations            answers with the picture in base64
POST /wavespeed/api/v3/{model}                  a job: GET /wavespeed/api/v3/predictions/{id}/result
POST /hf-inference/models/{model}               answers with the bytes of the medium
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from callsheet.emulator.call import Call
from callsheet.emulator.http.message import Refusal, Reply, json_reply
from callsheet.emulator.job import Generation

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "replicate": {"IN_QUEUE": "starting", "IN_PROGRESS": "processing", "COMPLETED": "succeeded"},
    "together": {"IN_QUEUE": "queued", "IN_PROGRESS": "in_progress", "COMPLETED": "completed"},
    "wavespeed": {"IN_QUEUE": "created", "IN_PROGRESS": "processing", "COMPLETED": "completed"},
}


async def novita(call: Call) -> Reply:
    """The URL of the video, once it is made."""
    made = await _made(call, call.request.json())
    return json_reply({"video": {"video_url": _url(made), "video_type": "mp4"}})


async def together_image(call: Call) -> Reply:
    """The picture in base64, once it is made."""
    body = call.request.json()
    _take_model(call, body)
    made = await _made(call, body)
    return json_reply({"data": [{"b64_json": base64.b64encode(_bytes(call, made)).decode()}]})


async def inference(call: Call) -> Reply:
    """The medium itself, once it is made."""
    body = call.request.json()
    given = {**body.get("parameters", {}), "prompt": body.get("inputs")} if isinstance(body, dict) else body
    made = await _made(call, given)
    file = call.state.media.find(_url(made))
    kind = file.content_type if file else "application/octet-stream"
    return Reply(200, _bytes(call, made), (("Content-Type", kind),))


async def replicate(call: Call) -> Reply:
    """Accept a prediction; with `Prefer: wait`, answer when it is over."""
    body = call.request.json()
    given = body.get("input") if isinstance(body, dict) else None
    generation = _accepted(call, given)
    if call.request.headers.get("prefer", "").startswith("wait"):
        await _over(generation)
    return json_reply(_prediction(generation), 201)


async def together(call: Call) -> Reply:
    """Accept a job; the model is named in the body."""
    body = call.request.json()
    _take_model(call, body)
    return json_reply(_video(_accepted(call, body)))


async def wavespeed(call: Call) -> Reply:
    """Accept a job."""
    return json_reply(_task(_accepted(call, call.request.json())))


async def prediction(call: Call) -> Reply:
    """A job of Replicate's: where it is, and the result."""
    return json_reply(_prediction(_known(call)))


async def video(call: Call) -> Reply:
    """A job of Together's: where it is, and the result."""
    return json_reply(_video(_known(call)))


async def task(call: Call) -> Reply:
    """A job of WaveSpeed's: where it is, and the result."""
    return json_reply(_task(_known(call)))


def _take_model(call: Call, body: object) -> None:
    """The endpoint of a call whose path does not name it."""
    call.parts["endpoint"] = str(body.get("model")) if isinstance(body, dict) else ""


def _accepted(call: Call, body: object) -> Generation:
    call.entry.body = call.request.json()
    if not isinstance(body, dict) or "prompt" not in body:
        raise Refusal(422, "`prompt` is required")
    endpoint = call.parts["endpoint"]
    generation = call.state.accept(endpoint, body, call.request.origin, call.outcome, call.attached, "")
    call.entry.request_id, call.entry.accepted = generation.id, True
    call.state.queue.enter(generation)
    return generation


async def _made(call: Call, body: object) -> Generation:
    """A request that is answered at once. Raises Refusal with what the model says when it fails."""
    generation = _accepted(call, body)
    await _over(generation)
    if generation.outcome.status >= 400:
        raise Refusal(generation.outcome.status, generation.outcome.body)
    return generation


async def _over(generation: Generation) -> None:
    while not generation.ended:
        await generation.changed.wait()


def _known(call: Call) -> Generation:
    generation = call.state.generations.get(call.parts["id"])
    if generation is None:
        raise Refusal(404, "not found")
    return generation


def _state(generation: Generation, provider: str) -> str:
    return WORDS[provider][generation.state] if not _failed(generation) else "failed"


def _failed(generation: Generation) -> bool:
    return generation.ended and not generation.ok


def _prediction(generation: Generation) -> dict[str, Any]:
    return {
        "id": generation.id,
        "status": _state(generation, "replicate"),
        "urls": {"get": f"https://api.replicate.com/v1/predictions/{generation.id}"},
        "output": _url(generation) if generation.ok else None,
        "error": "the model failed" if _failed(generation) else None,
    }


def _video(generation: Generation) -> dict[str, Any]:
    return {
        "id": generation.id,
        "status": _state(generation, "together"),
        "outputs": {"video_url": _url(generation)} if generation.ok else None,
        "error": {"message": "the model failed"} if _failed(generation) else None,
    }


def _task(generation: Generation) -> dict[str, Any]:
    place = f"https://api.wavespeed.ai/api/v3/predictions/{generation.id}/result"
    data = {
        "id": generation.id,
        "status": _state(generation, "wavespeed"),
        "urls": {"get": place},
        "outputs": [_url(generation)] if generation.ok else [],
        "error": "the model failed" if _failed(generation) else "",
    }
    return {"code": 200, "message": "success", "data": data}


def _url(generation: Generation) -> str:
    """The URL of the medium that was made."""
    output = generation.output if isinstance(generation.output, dict) else {}
    found: object = next(iter(output.values()), None)
    return str(found.get("url", "")) if isinstance(found, dict) else ""


def _bytes(call: Call, generation: Generation) -> bytes:
    file = call.state.media.find(_url(generation))
    return file.path.read_bytes() if file else b""
