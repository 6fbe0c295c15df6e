"""`text/chat` through fal: OpenRouter's models, on the queue like everything else there.

    openrouter/router          prompt, system_prompt, model, temperature, max_tokens → output
    openrouter/router/vision   the same with image_urls

They take no form for the answer, so it is asked for in the system prompt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.nodes.http import lenient
from callsheet.nodes.queue.failure import printable
from callsheet.nodes.queue.protocol import ModelFailed, QueueError
from callsheet.nodes.queue.result import unwrapped
from callsheet.nodes.text.chat import MODELS
from callsheet.nodes.text.llm import reply
from callsheet.nodes.text.llm.reply import system_text
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import STRING

ENDPOINT: Final = "openrouter/router"
VISION: Final = "openrouter/router/vision"
SAME: Final = ("prompt", "temperature", "max_tokens")


def request(spec: NodeSpec, params: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """The endpoint, and its parameters; media still as `Artifact`."""
    images, system = params.get("images"), system_text(params.get("system"), spec.answer)
    body = {
        **{name: params[name] for name in SAME if name in params},
        "model": params.get("model", MODELS["fal"]),
        **({"system_prompt": system} if system else {}),
        **({"image_urls": images} if images else {}),
    }
    return VISION if images else ENDPOINT, body


def outputs(spec: NodeSpec, raw: str, request_id: str) -> dict[str, object]:
    """The outputs of the node in a raw result. Raises QueueError."""
    fields = unwrapped(lenient.value_of(raw), {"output": STRING})
    if error := fields.get("error"):
        words = printable(str(error))
        raise ModelFailed(f"the model failed: {words} (request {request_id})", "failed", "run it again")
    if fields.get("partial") is True:
        raise reply.cut_off(request_id)
    if "output" not in fields:
        raise QueueError(f"the result has no answer in it (request {request_id})", "unavailable")
    return reply.outputs(spec, fields.get("output"), request_id)
