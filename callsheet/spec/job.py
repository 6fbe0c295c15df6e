"""One unit of work, and who can do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from callsheet.spec.node import NodeSpec
from callsheet.spec.types import MediaKind


@dataclass(frozen=True, slots=True)
class Made:
    """A media file that a job wrote into its work folder, not yet in the store."""

    kind: MediaKind
    path: Path


def _silent(_: float) -> None: ...


def _go_on() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Job:
    """What a provider or a local operation is asked to do.

    address: the instance, `clip["dawn"]`. params: every parameter with a value, defaults filled in,
    media as `Artifact`. room: an empty folder of its own, or what makes one when it is first asked for.
    progress takes 0..1. cancelled turns true when the run is being stopped; long loops look at it and raise
    `NodeError`.
    """

    address: str
    spec: NodeSpec
    params: Mapping[str, object]
    room: Path | Callable[[], Path]
    progress: Callable[[float], None] = field(default=_silent)
    cancelled: Callable[[], bool] = field(default=_go_on)

    @property
    def workdir(self) -> Path:
        """The folder for what this job writes; it is gone when the job is over."""
        return self.room if isinstance(self.room, Path) else self.room()


Outputs = Mapping[str, object]
"""Output name → value: JSON values, with `Made` (alone, in lists, in objects) where media is."""


class Provider(Protocol):
    """Who makes things. `limit` is how many jobs it takes at once; it raises `NodeError`."""

    name: str
    limit: int

    async def perform(self, job: Job) -> Outputs: ...
