"""What the person who runs a command allows, beyond what every pipeline may do."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

MAX_INSTANCES: Final = 200_000


@dataclass(frozen=True, slots=True)
class Permissions:
    """trust: code files that the pipeline names may run. max_instances: how many a pipeline may have."""

    trust: bool = False
    max_instances: int = MAX_INSTANCES


PERMISSIONS: Final[ContextVar[Permissions]] = ContextVar("permissions", default=Permissions())  # noqa: B039, it is frozen
"""Those of the command that runs."""
