"""Which environment variable a provider's key is read from, and whether it is there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

VARIABLES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "fal": (("FAL_KEY",), ("FAL_KEY_ID", "FAL_KEY_SECRET")),
    "huggingface": (("HF_TOKEN",), ("FAL_KEY",), ("FAL_KEY_ID", "FAL_KEY_SECRET")),
}
"""Provider → alternatives, each the variables that must all be set."""


def secrets(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The live values of every key, which must not be shown."""
    names = {name for alternatives in VARIABLES.values() for names in alternatives for name in names}
    return tuple(value for name in sorted(names) if (value := environ.get(name, "").strip()))


def missing(provider: str, environ: Mapping[str, str] = os.environ) -> str:
    """The variable to set for `provider`, or "" when its key is there."""
    alternatives = VARIABLES.get(provider) or _of_plug_in(provider)
    if any(all(environ.get(name, "").strip() for name in names) for names in alternatives):
        return ""
    return alternatives[0][0]


def _of_plug_in(provider: str) -> tuple[tuple[str, ...], ...]:
    from callsheet.nodes.plugins.provider import provider_called

    return (tuple(provider_called(provider).variables),)
