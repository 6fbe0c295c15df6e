"""An edit that was read from a file of an editing program: what is shown and heard, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal

from callsheet.errors import InputError

MARK: Final = "conformed"
"""Where `conform` says, in the metadata `callsheet` of a clip, what it shows: an instance or a file."""
Json = dict[str, Any]


class NotAnEdit(InputError):
    """A file that cannot be read as an edit. offset: the character of its text at which that shows."""

    def __init__(self, message: str, next_step: str = "", offset: int = 0) -> None:
        super().__init__(message, next_step)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Placed:
    """A clip of an edit.

    number: from 1, over all tracks. track: from 0, of its kind. at, frames: its place in the film, in frames.
    start: seconds of its medium before what is shown. speed: how many times as fast it runs. enter, leave:
    frames in which it dissolves in before its place, and out after its end. transition: how it comes in over
    the one before, as `media/timeline` names it, "" for a dissolve. fade_in, fade_out: frames from and to
    black or silence. gain: of its sound, in dB. item: the object of the file.
    """

    number: int
    kind: Literal["video", "audio"]
    track: int
    at: int
    frames: int
    start: Fraction
    speed: Fraction
    item: Json
    enter: int = 0
    leave: int = 0
    transition: str = ""
    fade_in: int = 0
    fade_out: int = 0
    gain: float = 0.0

    @property
    def end(self) -> int:
        """The first frame of the film after it."""
        return self.at + self.frames + self.leave

    @property
    def name(self) -> str:
        """As the editing program shows it."""
        return str(self.item.get("name") or "")

    @property
    def about(self) -> Json:
        """What callsheet wrote about it; {} for a clip of others."""
        return part(part(self.item, "metadata"), "callsheet")

    @property
    def mark(self) -> Json:
        """What `conform` found that it shows; {} for a clip that is not drawn."""
        return part(self.about, MARK)

    @property
    def medium(self) -> Json:
        """The object of the file that says where its medium is."""
        known, key = part(self.item, "media_references"), self.item.get("active_media_reference_key")
        return part(known, str(key)) or part(self.item, "media_reference")


@dataclass(frozen=True, slots=True)
class Edit:
    """rate: frames a second. clips: in the order of the file. notes: what it has and a film has not."""

    rate: Fraction
    clips: tuple[Placed, ...]
    notes: tuple[str, ...] = ()

    def of(self, kind: str) -> Iterator[Placed]:
        """Its clips of one kind."""
        return (clip for clip in self.clips if clip.kind == kind)


def part(of: object, name: str) -> Json:
    """The object called `name` in an object; {} where there is none."""
    found = of.get(name) if isinstance(of, dict) else None
    return found if isinstance(found, dict) else {}
