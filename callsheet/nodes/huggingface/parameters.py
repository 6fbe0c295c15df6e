"""From Hugging Face's names for a task's parameters to those of the endpoint that serves it.

Names: the task pages of the Inference Providers documentation and huggingface_hub 2.4 (2026).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

HEADERS: Final = ("x-use-cache", "x-wait-for-model")
"""Parameters that the router takes as headers (page of the task, Inference Providers documentation)."""

INPUTS: Final[Mapping[str, str]] = {"image-to-video": "image_url", "image-to-image": "image_url"}


def translated(params: Mapping[str, object], task: str) -> dict[str, object]:
    """`inputs` → `prompt` or `image_url`, negative prompts → one text, width and height → `image_size`."""
    values = dict(params)
    if "inputs" in values:
        values[INPUTS.get(task, "prompt")] = values.pop("inputs")
    if isinstance(negative := values.get("negative_prompt"), list | tuple):
        values["negative_prompt"] = ", ".join(str(part) for part in negative)
    if isinstance(frames := values.get("num_frames"), float) and frames.is_integer():
        values["num_frames"] = int(frames)
    if {"width", "height"} <= values.keys():
        values["image_size"] = {side: values.pop(side) for side in ("width", "height")}
    return values


def headers_in(body: str) -> tuple[dict[str, str], str]:
    """(the headers that a frozen request names, the body without them)."""
    values = json.loads(body)
    said = {name: json.dumps(values.pop(name)) for name in HEADERS if name in values}
    return said, json.dumps(values, ensure_ascii=False) if said else body
