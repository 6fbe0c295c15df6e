"""Reads the user's fal key from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping

from callsheet.errors import NodeError
from callsheet.nodes.http.credential import sendable

VARIABLES = ("FAL_KEY", "FAL_KEY_ID", "FAL_KEY_SECRET")


def authorization(environ: Mapping[str, str] = os.environ) -> str:
    """The Authorization header's value: from FAL_KEY, or from FAL_KEY_ID and FAL_KEY_SECRET.

    Raises NodeError (*rejected*) when there is no key.
    """
    if key := environ.get("FAL_KEY", "").strip():
        return f"Key {sendable('FAL_KEY', key)}"
    name, secret = environ.get("FAL_KEY_ID", ""), environ.get("FAL_KEY_SECRET", "")
    if name and secret:
        return f"Key {sendable('FAL_KEY_ID', name)}:{sendable('FAL_KEY_SECRET', secret)}"
    raise NodeError(
        "FAL_KEY is not set, so nothing was sent to fal",
        "rejected",
        "set FAL_KEY to a key from https://fal.ai/dashboard/keys, or use --preview",
    )


def has_key(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether any part of a key is set."""
    return any(environ.get(name, "").strip() for name in VARIABLES)
