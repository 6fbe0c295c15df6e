"""The profile of `callsheet.toml` that the person who runs a command names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

PROFILE: Final[ContextVar[str]] = ContextVar("profile", default="")
"""That of the command that runs, "" for none."""


@contextmanager
def using(name: str) -> Iterator[None]:
    """Pipelines that are checked inside have this profile."""
    token = PROFILE.set(name)
    try:
        yield
    finally:
        PROFILE.reset(token)
