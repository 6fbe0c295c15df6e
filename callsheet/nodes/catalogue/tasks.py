"""Finds the task of an endpoint from its id, inputs and outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

KNOWN = re.compile(
    r"(?:text|image|video|audio|speech)-to-(?:text|image|video|audio|speech|3d|json|music)(?=[/-]|$)"
)
BY_WORD = (
    (r"\btts\b|speech-\d|text-to-speech|/speech|vibevoice", "text-to-speech"),
    (r"train(?:er|ing)", "training"),
    (r"first-last-frame|reference-to-video|start-end-to-video|transition", "image-to-video"),
    (r"\bstt\b|speech-to-text|whisper|wizper|transcri", "speech-to-text"),
    (r"upscal", "{out}-to-{out}"),
)


def media_kinds(fields: Mapping[str, Any]) -> Iterator[str]:
    """Every media kind among fields, at any depth."""
    for data in fields.values():
        if data["type"] in ("image", "video", "audio"):
            yield data["type"]
        parts = [data["item"]] if "item" in data else data.get("any", [])
        yield from media_kinds({str(i): part for i, part in enumerate(parts)})
        yield from media_kinds(data.get("fields", {}))


def main_kind(kinds: Iterator[str]) -> str:
    """video before image before audio; text where there is no media."""
    found = set(kinds)
    return next((kind for kind in ("video", "image", "audio") if kind in found), "text")


def task_of(endpoint: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> str:
    """The task of an endpoint, such as `image-to-video`."""
    made = main_kind(media_kinds(outputs))
    if stated := KNOWN.findall(endpoint):
        return str(stated[-1])
    for pattern, task in BY_WORD:
        if re.search(pattern, endpoint):
            return task.format(out=made)
    required = {name: f for name, f in inputs.items() if f.get("required")}
    taken = main_kind(media_kinds(required or inputs))
    return f"{taken}-to-{made}"
