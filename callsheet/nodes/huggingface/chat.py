"""`text/chat` through Hugging Face: one POST that brings the answer with its reply.

    POST https://router.huggingface.co/v1/chat/completions

There is no queue behind it and no listing: the reply is the result, so it is written down whole before
anything is read out of it, and a reply that is lost cannot be found again.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from callsheet.nodes.http import lenient
from callsheet.nodes.http.body import BodyError
from callsheet.nodes.http.message import Reply
from callsheet.nodes.queue.failure import printable
from callsheet.nodes.queue.protocol import IN_REPLY, Accepted, Ambiguous, QueueError, QueueResult
from callsheet.nodes.queue.replies import kept_text
from callsheet.nodes.queue.result import unwrapped
from callsheet.nodes.queue.route import REQUEST_ID
from callsheet.nodes.text.chat import MODELS
from callsheet.nodes.text.llm import reply as answers
from callsheet.nodes.text.llm.json_schema import json_schema
from callsheet.nodes.text.llm.reply import system_text
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import JSON

PATH: Final = "/v1/chat/completions"
SECONDS: Final = 600.0
"""How long an answer may take: a model that thinks says nothing meanwhile."""
SAME: Final = ("temperature", "max_tokens", "seed")


def request(spec: NodeSpec, params: Mapping[str, object]) -> dict[str, object]:
    """The parameters of the route; media still as `Artifact`."""
    return {
        "model": params.get("model", MODELS["huggingface"]),
        "messages": list(_messages(spec, params)),
        "stream": False,
        **({"response_format": _form(spec)} if spec.answer else {}),
        **{name: params[name] for name in SAME if name in params},
    }


def _messages(spec: NodeSpec, params: Mapping[str, object]) -> list[dict[str, object]]:
    system = system_text(params.get("system"), spec.answer)
    images = params.get("images")
    prompt: object = params["prompt"]
    if isinstance(images, list | tuple) and images:
        seen = [{"type": "image_url", "image_url": {"url": image}} for image in images]
        prompt = [{"type": "text", "text": prompt}, *seen]
    asked: dict[str, object] = {"role": "user", "content": prompt}
    return [{"role": "system", "content": system}, asked] if system else [asked]


def _form(spec: NodeSpec) -> dict[str, object]:
    assert spec.answer is not None
    schema = {"name": "answer", "schema": json_schema(spec.answer), "strict": True}
    return {"type": "json_schema", "json_schema": schema}


def acceptance_in(reply: Reply) -> Accepted | Ambiguous:
    """The meaning of a 2xx: answered, if it can be read. Without a usable id it gets one of ours."""
    try:
        named = reply.json().get("id")
    except BodyError as flaw:
        message = f"Hugging Face answered {reply.status}, but the reply {flaw}"
        return Ambiguous(message, kept_text(reply))
    usable = isinstance(named, str) and REQUEST_ID.match(named)
    request_id = str(named) if usable else f"reply-{uuid.uuid4().hex}"
    return Accepted(request_id, "", IN_REPLY, "", reply.text)


def result(accepted: Accepted) -> QueueResult:
    """The result is the reply. Raises QueueError (*gone*) when there is none, as for an adopted id."""
    check_answered(accepted)
    body = json.loads(accepted.raw)
    model = body.get("model")
    served_from = printable(model) if isinstance(model, str) else ""
    return QueueResult(accepted.raw, _tokens(body.get("usage")), served_from)


def check_answered(accepted: Accepted) -> None:
    """Raises QueueError (*gone*) for a request whose answer did not come with its reply."""
    if accepted.response_url != IN_REPLY:
        message = f"Hugging Face keeps no answers, so request {accepted.request_id} cannot be fetched"
        raise QueueError(message, "unavailable", gone=True)


def _tokens(usage: object) -> float | None:
    """What it says was used, question and answer together."""
    count = usage.get("total_tokens") if isinstance(usage, Mapping) else None
    whole = isinstance(count, int) and not isinstance(count, bool)
    return float(count) if isinstance(count, int) and whole and 0 <= count < 1e12 else None


def outputs(spec: NodeSpec, raw: str, request_id: str) -> dict[str, object]:
    """The outputs of the node in a raw reply. Raises QueueError."""
    fields = unwrapped(lenient.value_of(raw), {"choices": JSON})
    choice = _first(fields.get("choices"))
    message = choice.get("message")
    said: Mapping[str, Any] = message if isinstance(message, Mapping) else {}
    if choice.get("finish_reason") == "content_filter" or said.get("refusal"):
        raise answers.refused(str(said.get("refusal") or "its content filter stopped it"), request_id)
    if choice.get("finish_reason") == "length":
        raise answers.cut_off(request_id)
    return answers.outputs(spec, said.get("content"), request_id)


def _first(choices: object) -> Mapping[str, Any]:
    found = choices[0] if isinstance(choices, list) and choices else None
    return found if isinstance(found, Mapping) else {}
