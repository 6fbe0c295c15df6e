"""The edit of a film as editing programs see it: clips on tracks, and the media that they show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from callsheet.spec.timecode import counted

CLIPS: Final = "clips"
"""The track of sound that has the sounds of the clips."""
PRODUCTION: Final = "production"
"""The part of the sound that the clips bring."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A file that clips show. digest: sha256, hex. source: where its bytes are now. name: of the file that is
    handed over. rate: pictures a second, None for a picture. frames: how many, 0 for a picture. has_sound:
    whether it has a sound track. begins: the number of its first picture in its own time code. has_picture:
    whether it has pictures; a sound without them is counted in frames of the film. size: width and height of
    its pictures in pixels, None where that is not known. channels: of its sound. hertz: its samples a second.
    """

    digest: str
    source: Path
    name: str
    rate: Fraction | None = None
    frames: int = 0
    has_sound: bool = False
    begins: int = 0
    has_picture: bool = True
    size: tuple[int, int] | None = None
    channels: int = 2
    hertz: int = 48_000

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
class Marker:
    """A place in the film that an editor sees. at, frames: in frames of the film. kind: shot, gate or note.
    name: in a word. text: what to read there. color: in capitals, as OpenTimelineIO names it. address: of the
    instance that it is about, "" for none. clip: the number of the clip that it belongs to, 0 for none."""

    at: int
    name: str
    text: str = ""
    color: str = "BLUE"
    frames: int = 1
    kind: str = "shot"
    address: str = ""
    clip: int = 0


@dataclass(frozen=True, slots=True)
class Stem:
    """A part of the film's sound, as long as the film. role: dialogue, music, effects, or production, which
    is what the clips bring."""

    role: str
    medium: Medium


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """A track of sound. role: what it is for, "" where that is not known. enabled: whether it is heard."""

    name: str
    clips: Sequence[EditClip]
    role: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class EditCut:
    """The edit of a film. name: of the pipeline. rate: frames a second. frames: how many. film: the film
    itself, which has the whole sound. start: the frame of the time code at which it begins. size: width and
    height in pixels. notes: what the film has and the edit has not. markers: in order. stems: the parts of
    its sound."""

    name: str
    rate: Fraction
    frames: int
    clips: tuple[EditClip, ...]
    film: Medium
    start: int = 0
    size: tuple[int, int] = (1920, 1080)
    notes: tuple[str, ...] = ()
    markers: tuple[Marker, ...] = ()
    stems: tuple[Stem, ...] = ()

    def on_track(self, track: int) -> list[EditClip]:
        """The clips of one track, in order."""
        return [clip for clip in self.clips if clip.track == track]

    @property
    def sound_tracks(self) -> list[SoundTrack]:
        """The tracks of sound. The sound of the clips is heard, and the parts that were laid under them; what
        the clips bring is there as a part, too, but off, and so is the whole film: nothing is heard twice.
        """
        heard = [clip for clip in self.on_track(0) if clip.medium and clip.medium.has_sound]
        tracks = [SoundTrack(CLIPS, heard, "effects")] if heard else []
        for stem in self.stems:
            is_on = not (heard and stem.role == PRODUCTION)
            tracks.append(SoundTrack(stem.role, [self._whole(stem.medium)], stem.role, is_on))
        if self.film.has_sound:
            tracks.append(SoundTrack("film", [self._whole(self.film)], enabled=not tracks))
        return tracks

    def _whole(self, medium: Medium) -> EditClip:
        """A sound as long as the film, as one clip."""
        name = f"{self.name} (whole sound)" if medium == self.film else f"{self.name} ({medium.name})"
        return EditClip(0, name, medium, 0, self.frames)

    @property
    def tracks(self) -> int:
        """How many tracks of pictures there are."""
        return 1 + max((clip.track for clip in self.clips), default=0)

    def with_stems(self, stems: Sequence[Stem]) -> EditCut:
        """The edit with the parts of its sound."""
        return replace(self, stems=tuple(stems))

    def with_media(self, media: Mapping[str, Medium]) -> EditCut:
        """The edit with other media: digest → each of its media."""
        clips = (replace(c, medium=media[c.medium.digest]) if c.medium else c for c in self.clips)
        stems = tuple(replace(stem, medium=media[stem.medium.digest]) for stem in self.stems)
        return replace(self, clips=tuple(clips), film=media[self.film.digest], stems=stems)

    @property
    def media(self) -> Mapping[str, Medium]:
        """Digest → each medium that is handed over, once."""
        found = {clip.medium.digest: clip.medium for clip in self.clips if clip.medium}
        return {self.film.digest: self.film, **found, **{s.medium.digest: s.medium for s in self.stems}}


def overlap(clips: Sequence[EditClip], i: int) -> int:
    """Frames in which clip `i` dissolves in over the one before it in a list of clips of one track."""
    joined = 0 < i < len(clips) and clips[i - 1].end > clips[i].at
    return clips[i].dissolve if joined else 0


@dataclass(frozen=True, slots=True)
class Met:
    """A clip as it lies between cuts: at a dissolve both clips end and begin in its middle. first, last: its
    first frame in the film, and the one after its last. came: frames in which it dissolves in, 0 for a cut.
    """

    clip: EditClip
    first: int
    last: int
    came: int

    @property
    def skipped(self) -> int:
        """Frames that it is there, dissolving in, before its first one."""
        return self.first - self.clip.at


def met(clips: Sequence[EditClip]) -> Iterator[Met]:
    """The clips of a track as they lie between cuts."""
    for i, clip in enumerate(clips):
        came, goes = overlap(clips, i), overlap(clips, i + 1)
        yield Met(clip, clip.at + came // 2, clip.end - (goes - goes // 2), came)


def printable(text: str) -> str:
    """Text that every format can hold: a space stands for each character that cannot be printed."""
    return "".join(c if c.isprintable() else " " for c in text)
