"""Media values: what flows along the edges once nodes have run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from callsheet.spec.size import aspect_name
from callsheet.spec.types import MediaKind


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one media value; None is "not known (yet)".

    seconds: length. width, height: pixels as displayed. fps: frames per second.
    audio: whether there is sound.
    """

    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    audio: bool | None = None

    @property
    def aspect(self) -> str | None:
        """The shape by its usual name, `16:9`; None while the size is not known."""
        return aspect_name(self.width, self.height) if self.width and self.height else None


class Inspector(Protocol):
    """Looks into files. identify: the kind of media that is in one, None for none. probe: its facts.

    `probe` raises NodeError for a file that cannot be read.
    """

    def identify(self, path: Path) -> MediaKind | None: ...
    def probe(self, path: Path) -> Facts: ...


@dataclass(frozen=True, slots=True)
class Artifact:
    """A media value with its bytes on this machine.

    path: the local file. digest: sha256 of the bytes, hex ("" before it is stored).
    url: where a provider can fetch it, if anywhere. recipe: for what a local operation made, the key of
    how it was made; it stands for the value in keys, since an encoder upgrade may change the bytes.
    """

    kind: MediaKind
    path: Path
    digest: str = ""
    facts: Facts = field(default_factory=Facts)
    url: str | None = None
    recipe: str = ""

    @property
    def identity(self) -> str:
        """What this value counts as in a key."""
        return self.recipe or self.digest


class Foreseen(Artifact):
    """A media value before it is made: it has no bytes, and what is not known of it is not known yet."""

    __slots__ = ()
