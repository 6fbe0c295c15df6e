"""The film as a page shows it: its shots and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callsheet.page.document.fields import Json


@dataclass(frozen=True, slots=True)
class ShotView:
    """A shot of the film. instance: index of the one that made its clip, None for a file of the user's.
    frame, frames: its place in the film, in frames of the film. start, speed: as in `Shot`."""

    number: int
    instance: int | None
    frame: int
    frames: int
    start: float = 0.0
    speed: float = 1.0

    def to_json(self) -> Json:
        """As JSON values."""
        return {
            "number": self.number,
            "instance": self.instance,
            "frame": self.frame,
            "frames": self.frames,
            "start": self.start,
            "speed": self.speed,
        }


@dataclass(frozen=True, slots=True)
class FilmView:
    """The film. instance: index of the one that made it, and medium: its file; None and "" while it is not
    made. outputs: name → the media ids and texts of the pipeline's other outputs. next: the command that
    makes what is missing, "" where all is made."""

    name: str
    path: str
    description: str = ""
    instance: int | None = None
    medium: str = ""
    fps: float = 24.0
    shots: tuple[ShotView, ...] = ()
    outputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    next: str = ""

    def to_json(self) -> Json:
        """As JSON values."""
        return {
            "name": self.name,
            "path": self.path,
            "description": self.description,
            "instance": self.instance,
            "medium": self.medium,
            "fps": self.fps,
            "shots": [shot.to_json() for shot in self.shots],
            "outputs": {name: list(ids) for name, ids in self.outputs.items()},
            "next": self.next,
        }
