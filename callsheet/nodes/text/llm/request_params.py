"""Reads the parameters of a `text/chat` node back from the request that was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from callsheet.nodes.text.chat import MODELS
from callsheet.nodes.text.llm.json_schema import json_schema
from callsheet.nodes.text.llm.reply import RULE
from callsheet.spec.node import NodeSpec

SAME: Final = ("model", "temperature", "max_tokens", "seed")


def asked(body: Mapping[str, Any]) -> dict[str, object]:
    """The node's parameters in a request to either provider, without images, which are compared by their
    bytes."""
    prompt, system = _of_chat(body["messages"]) if "messages" in body else _of_router(body)
    own, rule, form = system.partition(RULE)
    return {
        "prompt": prompt,
        **({"system": own.strip()} if own.strip() else {}),
        **({"schema": json.loads(form)} if rule else {}),
        **{name: body[name] for name in SAME if name in body},
    }


def comparable(spec: NodeSpec, params: Mapping[str, object]) -> dict[str, object]:
    """Parameters of a node in the same form, for comparison."""
    schema = {} if spec.answer is None else {"schema": json_schema(spec.answer)}
    return {"model": MODELS[spec.provider], **params, **schema}


def _of_chat(messages: list[dict[str, Any]]) -> tuple[object, str]:
    said = {message["role"]: message["content"] for message in messages}
    prompt = said["user"]
    words = prompt[0]["text"] if isinstance(prompt, list) else prompt
    return words, said.get("system", "")


def _of_router(body: Mapping[str, Any]) -> tuple[object, str]:
    return body["prompt"], body.get("system_prompt", "")
