"""Makes the answer of a language model: in the form that was asked for, or broken by a fault."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from callsheet.nodes.preview.random import Dice
from callsheet.nodes.preview.writer import Writer

CHAT: Final = "v1/chat/completions"
"""Hugging Face's route, as an endpoint."""
NAMES: Final = (
    CHAT,
    "openrouter/router",
    "openrouter/router/vision",
    "fal-ai/any-llm",
    "fal-ai/any-llm/vision",
)
LONG: Final = 300_000

Body = Mapping[str, Any]


def speaks(endpoint: str) -> bool:
    """Whether a language model answers there."""
    return endpoint in NAMES


def output(body: Body, how: str) -> dict[str, Any]:
    """The answer as `openrouter/router` gives it. how: how it is broken, "" for a right
    answer."""
    prompt, system = _asked(body)
    text = _broken(_answer(prompt, _form(body, system)), how)
    usage = {"input_tokens": _tokens(prompt + system), "output_tokens": _tokens(text)}
    times = dict.fromkeys(("prefill_time_ms", "ttft_ms", "decode_time_ms"), 1)
    return {
        "output": text,
        "reasoning": "",
        "partial": how == "cut",
        "error": None,
        "usage": {**usage, **times},
    }


def _asked(body: Body) -> tuple[str, str]:
    """The prompt, and what the system message says."""
    messages = body.get("messages")
    if not isinstance(messages, list):
        return str(body.get("prompt", "")), str(body.get("system_prompt", ""))
    said = {m.get("role"): m.get("content") for m in messages if isinstance(m, dict)}
    return _words(said.get("user")), _words(said.get("system"))


def _words(content: Any) -> str:
    """The text of a message, whose content may be a list of parts."""
    parts = content if isinstance(content, list) else [{"text": content or ""}]
    return " ".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))


def _form(body: Body, system: str) -> Mapping[str, Any] | None:
    """The JSON Schema of the answer: in `response_format`, or after the first brace of the system message."""
    asked = body.get("response_format")
    if isinstance(asked, dict) and isinstance(asked.get("json_schema"), dict):
        schema = asked["json_schema"].get("schema")
        return schema if isinstance(schema, dict) else None
    try:
        found, _ = json.JSONDecoder().raw_decode(system[system.index("{") :])
    except ValueError:
        return None
    return found if isinstance(found, dict) and "properties" in found else None


def _answer(prompt: str, form: Mapping[str, Any] | None) -> str:
    writer = Writer(prompt or "nothing", Dice("answer", prompt, json.dumps(form, sort_keys=True)))
    return writer.text("") if form is None else json.dumps(writer.answer(form), ensure_ascii=False)


def _broken(text: str, how: str) -> str:
    match how:
        case "words":
            return "Sure! I would love to help with that."
        case "misfit":
            return '{"unexpected": true}'
        case "fenced":
            return f"Here you are:\n\n```json\n{text}\n```\n\nEnjoy!"
        case "empty":
            return ""
        case "long":
            return "word " * LONG
        case "cut":
            return text[: len(text) // 2]
    return text


def _tokens(text: str) -> int:
    """About four characters each."""
    return max(1, len(text) // 4)
