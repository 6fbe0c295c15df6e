"""Reads the key: HF_TOKEN of a Hugging Face account, or a key of fal in its place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.fal import key as fal_key
from callsheet.nodes.http.credential import sendable

VARIABLE: Final = "HF_TOKEN"


def has_token(environ: Mapping[str, str] = os.environ) -> bool:
    return bool(environ.get(VARIABLE, "").strip())


def authorization(environ: Mapping[str, str] = os.environ) -> str:
    """The Authorization header's value for Hugging Face. Raises NodeError (*rejected*) without a token."""
    if has_token(environ):
        return f"Bearer {sendable(VARIABLE, environ[VARIABLE])}"
    raise NodeError(
        "HF_TOKEN is not set (nor FAL_KEY in its place), so nothing was sent to Hugging Face",
        "rejected",
        "set HF_TOKEN to a token from https://huggingface.co/settings/tokens, or use --preview",
    )


def direct(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether requests go to fal itself: there is no token, but a key of fal."""
    return not has_token(environ) and fal_key.has_key(environ)
