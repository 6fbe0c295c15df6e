"""What a plug-in is written with: media types for its signatures, and the work it is given.

    from callsheet.plugin import (Image, Video, Work)

    def slate(title: str, work: Work, seconds: float = 2.0, plate: Image | None = None) -> Video:
        \"""A slate with a title on it.\"""
        ...
        return Video(work.folder / "slate.mp4")

docs/plugins.md tells the rest. Imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from callsheet.spec.media import Facts
from callsheet.spec.types import MediaKind

__all__ = ["Audio", "Facts", "File", "Image", "Media", "Video", "Work"]


@dataclass(frozen=True, slots=True)
class Media:
    """A media file of this machine. facts: what is known of one that was given; not needed to return one."""

    kind: ClassVar[MediaKind] = "file"
    path: Path
    facts: Facts = field(default_factory=Facts)


class Image(Media):
    """A picture."""

    __slots__ = ()
    kind = "image"


class Video(Media):
    """Moving pictures, with sound or without."""

    __slots__ = ()
    kind = "video"


class Audio(Media):
    """Sound alone."""

    __slots__ = ()
    kind = "audio"


class File(Media):
    """Any file."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Work:
    """One call of a node, for a function that has a parameter of this type.

    address: the instance, `slate["dawn"]`. folder: an empty folder for what is made; it is removed
    afterwards. progress takes 0 to 1.
    """

    address: str
    folder: Path
    progress: Callable[[float], None]
    is_cancelled: Callable[[], bool]

    @property
    def cancelled(self) -> bool:
        """Whether the call is to end: the run is being stopped, or the node's `timeout` is over."""
        return self.is_cancelled()
