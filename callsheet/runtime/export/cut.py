"""The edit of a film as editing programs see it: clips on tracks, and the media that they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from callsheet.spec.timecode import counted

COLORS: Final = {"approved": "GREEN", "rejected": "RED"}
"""Colours of markers, by what a person said."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A file that clips show. digest: sha256, hex. source: where its bytes are now. name: of the file that is
    handed over. rate: pictures a second, None for a picture. frames: how many, 0 for a picture. has_sound:
    whether it has a sound track. begins: the number of its first picture in its own time code."""

    digest: str
    source: Path
    name: str
    rate: Fraction | None = None
    frames: int = 0
    has_sound: bool = False
    begins: int = 0

    @property
    def begun(self) -> Fraction:
        """Seconds on its own clock at which it begins."""
        return self.begins / self.rate if self.rate else Fraction(0)

    def begins_at(self, rate: Fraction) -> int:
        """The number of its first picture in time code that is counted at `rate`."""
        return counted(self.begins, self.rate, rate) if self.rate else 0

    @property
    def reel(self) -> str:
        """The name of its reel: eight characters, as old editing systems take them."""
        return self.digest[:8].upper()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a clip comes from. address: of the instance, without the take, "" for a file of the user's. take:
    from 1. key: of the request. uses: the model or operation. prompt: "" for none. usd: what it cost, None
    where nobody knows. decision: what a person said: approved, rejected, or ""."""

    address: str = ""
    take: int = 1
    key: str = ""
    uses: str = ""
    prompt: str = ""
    usd: float | None = 0.0
    decision: str = ""

    @property
    def color(self) -> str:
        """The colour of its marker in an editing program."""
        return COLORS.get(self.decision, "BLUE")

    def to_json(self) -> dict[str, object]:
        """As JSON values."""
        return {
            "address": self.address or None,
            "take": self.take,
            "key": self.key or None,
            "uses": self.uses or None,
            "prompt": self.prompt or None,
            "usd": self.usd,
            "decision": self.decision or None,
        }


@dataclass(frozen=True, slots=True)
class EditClip:
    """A shot of the film. number: from 1. name: for people. medium: None where the file is not here. at,
    frames: its place in the film, in frames of the film; at a dissolve it overlaps the one before. start: the
    first picture of the medium that it shows, in frames of the film's rate. speed: how many times as fast it
    runs. track: 0 for the main one. dissolve: frames in which it comes in over the one before on its track.
    """

    number: int
    name: str
    medium: Medium | None
    at: int
    frames: int
    start: int = 0
    speed: Fraction = Fraction(1)
    track: int = 0
    dissolve: int = 0
    origin: Origin = Origin()

    @property
    def end(self) -> int:
        """The first frame of the film after it."""
        return self.at + self.frames

    @property
    def used(self) -> int:
        """How many frames of the medium it runs through, in frames of the film's rate."""
        return round(self.frames * self.speed)

    def handles(self, rate: Fraction) -> tuple[int, int]:
        """Frames of the medium before and after what is shown, in frames of the film's rate."""
        if self.medium is None or self.medium.rate is None:
            return 0, 0
        whole = int(self.medium.frames / self.medium.rate * rate)
        return self.start, max(0, whole - self.start - self.used)


@dataclass(frozen=True, slots=True)
class EditCut:
    """The edit of a film. name: of the pipeline. rate: frames a second. frames: how many. film: the film
    itself, which has the whole sound. start: the frame of the time code at which it begins. size: width and
    height in pixels. notes: what the film has and the edit has not."""

    name: str
    rate: Fraction
    frames: int
    clips: tuple[EditClip, ...]
    film: Medium
    start: int = 0
    size: tuple[int, int] = (1920, 1080)
    notes: tuple[str, ...] = ()

    def on_track(self, track: int) -> list[EditClip]:
        """The clips of one track, in order."""
        return [clip for clip in self.clips if clip.track == track]

    @property
    def heard(self) -> list[EditClip]:
        """The clips of the main track that have sound."""
        return [clip for clip in self.on_track(0) if clip.medium and clip.medium.has_sound]

    @property
    def whole_sound(self) -> EditClip:
        """The film itself as one clip, for its sound."""
        return EditClip(0, f"{self.name} (whole sound)", self.film, 0, self.frames)

    @property
    def tracks(self) -> int:
        """How many tracks of pictures there are."""
        return 1 + max((clip.track for clip in self.clips), default=0)

    def with_media(self, media: Mapping[str, Medium]) -> EditCut:
        """The edit with other media: digest → each of its media."""
        clips = (replace(c, medium=media[c.medium.digest]) if c.medium else c for c in self.clips)
        return replace(self, clips=tuple(clips), film=media[self.film.digest])

    @property
    def media(self) -> Mapping[str, Medium]:
        """Digest → each medium that is handed over, once."""
        found = {clip.medium.digest: clip.medium for clip in self.clips if clip.medium}
        return {self.film.digest: self.film, **found}


def overlap(clips: Sequence[EditClip], i: int) -> int:
    """Frames in which clip `i` dissolves in over the one before it in a list of clips of one track."""
    joined = 0 < i < len(clips) and clips[i - 1].end > clips[i].at
    return clips[i].dissolve if joined else 0


def printable(text: str) -> str:
    """Text that every format can hold: a space stands for each character that cannot be printed."""
    return "".join(c if c.isprintable() else " " for c in text)
