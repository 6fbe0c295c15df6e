"""Endpoint ids in paths: namespace, owner, alias and the rest."""

from __future__ import annotations

from typing import Final

NAMESPACES: Final = ("workflows", "comfy")


def app_length(parts: list[str]) -> int:
    """How many parts of an id its status and result URLs keep."""
    return 3 if parts[0] in NAMESPACES else 2


def app(endpoint: str) -> str:
    """`fal-ai/veo3.1/fast` → `fal-ai/veo3.1`."""
    parts = endpoint.split("/")
    return "/".join(parts[: app_length(parts)])
