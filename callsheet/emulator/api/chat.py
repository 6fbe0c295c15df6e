"""Hugging Face's chat route: POST /v1/chat/completions, answered in the reply itself."""

from __future__ import annotations

import json
from typing import Any

from callsheet.emulator.call import Call
from callsheet.emulator.http.message import Refusal, Reply, json_reply
from callsheet.emulator.job import Generation
from callsheet.emulator.results.language import CHAT


async def completions(call: Call) -> Reply:
    """Accept a request, wait for the result, and answer in OpenAI's format."""
    body = call.request.json()
    call.entry.body = body
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list) or not body.get("model"):
        raise Refusal(400, "`model` and `messages` are required")
    generation = call.state.accept(CHAT, body, call.request.origin, call.outcome, call.attached, "")
    call.entry.request_id, call.entry.accepted = generation.id, True
    call.state.queue.enter(generation)
    while not generation.ended:
        await generation.changed.wait()
    return _reply(generation, body)


def _reply(generation: Generation, body: dict[str, Any]) -> Reply:
    if generation.outcome.status >= 400:
        message = json.dumps(generation.outcome.body)[:300]
        return json_reply(
            {"error": {"message": message, "type": "upstream_error"}}, generation.outcome.status
        )
    said = generation.output if isinstance(generation.output, dict) else {}
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": said.get("output")},
        "finish_reason": "length" if said.get("partial") else "stop",
    }
    usage = said.get("usage", {})
    asked, answered = usage.get("input_tokens", 0), usage.get("output_tokens", 0)
    counts = {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}
    created = int(generation.sent_at)
    head = {"id": f"chatcmpl-{generation.id}", "object": "chat.completion", "created": created}
    return json_reply({**head, "model": body["model"], "choices": [choice], "usage": counts})
