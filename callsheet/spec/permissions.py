"""What the person who runs a command allows, beyond what every pipeline may do."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, Literal

MAX_INSTANCES: Final = 200_000
Fetch = Literal["none", "pinned", "any"]


@dataclass(frozen=True, slots=True)
class Permissions:
    """trust: code files that the pipeline names may run. max_instances: how many a pipeline may have. fetch:
    the recipes in git that may be fetched when they are not on this machine: none, those that the lock file
    pins, or any. secrets: the environment variables that may be sent. endpoints: those of unknown owners that
    may be asked. prices: the endpoints whose own price counts, though it is less than is known.
    """

    trust: bool = False
    max_instances: int = MAX_INSTANCES
    fetch: Fetch = "none"
    secrets: frozenset[str] = frozenset()
    endpoints: frozenset[str] = frozenset()
    prices: frozenset[str] = frozenset()


PERMISSIONS: Final[ContextVar[Permissions]] = ContextVar("permissions", default=Permissions())  # noqa: B039, it is frozen
"""Those of the command that runs."""
