"""Media values: the files that nodes make and take, and the facts about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from callsheet.spec.content_types import by_name
from callsheet.spec.size import aspect_name
from callsheet.spec.types import MediaKind


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about one media value; None means not known (yet).

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
    """Reads media files. identify: the kind of media in a file, None for none. probe: the facts of a file.
    unreadable: the name of its format, if that is known and nothing here reads it, else "".

    `probe` raises NodeError for a file that cannot be read.
    """

    def identify(self, path: Path) -> MediaKind | None: ...
    def probe(self, path: Path) -> Facts: ...
    def unreadable(self, path: Path) -> str: ...


FACTS: Final = ("seconds", "width", "height", "fps", "audio", "aspect")
"""The names of facts, as expressions read them."""


SAMPLE_RATE: Final = 48_000
"""Samples a second of every sound that callsheet writes; places in a film are counted in them."""


@dataclass(frozen=True, slots=True)
class Shot:
    """Where one clip is in a film. source: digest of the clip's file. frame, frames: its first picture in the
    film, counted from 0, and how many there are. sample, samples: the same of its sound, at 48 kHz. start:
    seconds of the clip before its first picture here. speed: how many times as fast it runs. At a dissolve
    the pictures of two clips overlap.
    """

    source: str
    frame: int
    frames: int
    sample: int
    samples: int
    start: float = 0.0
    speed: float = 1.0

    @property
    def at(self) -> float:
        """Seconds of the film at which it begins."""
        return self.sample / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Artifact:
    """A media value whose file is on this machine.

    path: the local file. digest: sha256 of the bytes, hex ("" before it is stored).
    url: where a provider can fetch it, if anywhere. recipe: of a result of a local operation, the key of
    how it was made. Keys use it instead of the bytes, which another version of an encoder may change.
    origin: the recipe as if every operation in it had its first version; "" where that is the same. Keys of
    paid calls use it, so that a newer version of an operation buys nothing again. shots: of a film that was
    joined from clips, in their order; they are no part of a key.
    """

    kind: MediaKind
    path: Path
    digest: str = ""
    facts: Facts = field(default_factory=Facts)
    url: str | None = None
    recipe: str = ""
    origin: str = ""
    shots: tuple[Shot, ...] = ()

    @property
    def content_type(self) -> str:
        """As the ending of the file's name says: `video/mp4`."""
        return by_name(self.path)

    @property
    def identity(self) -> str:
        """The text that identifies this value in the key of a local operation."""
        return self.recipe or self.digest

    @property
    def first_identity(self) -> str:
        """The text that identifies this value in the key of a paid call."""
        return self.origin or self.identity


class UrlOf(Artifact):
    """The URL of a media value as a text parameter. A request gets the URL; a key counts the value itself."""

    __slots__ = ()


class Foreseen(Artifact):
    """A media value before it is made, without a file; facts that are None are not known yet."""

    __slots__ = ()
