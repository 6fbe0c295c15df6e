"""An EDL in the form of CMX 3600 → a timeline of OpenTimelineIO."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

from callsheet.dsl.cuts.edit import Json, NotAnEdit
from callsheet.errors import InputError
from callsheet.runtime.conform import objects
from callsheet.runtime.conform.objects import Laid, LaidTrack
from callsheet.spec.timecode import frame_of

CODE: Final = r"(\d\d[:;]\d\d[:;]\d\d[:;.]\d\d)"
PLACE: Final = re.compile(CODE)
PLACES: Final = 4
"""Of an event: in and out of the medium, and of the film."""
EVENT: Final = re.compile(
    rf"(\d{{1,6}})\s+(\S+)\s+(\S+)\s+(C|D|W\d*|K[BO]?)\s*(\d{{1,4}})?\s+{CODE}\s+{CODE}\s+{CODE}\s+{CODE}\s*"
)
PACE: Final = re.compile(rf"M2\s+(\S*?)\s*(-?\d{{1,6}}(?:\.\d+)?)\s+{CODE}\s*")
LOCATOR: Final = re.compile(rf"{CODE}\s+(\w*)\s*(.*)")
MARK: Final = re.compile(r"\|C:(?:ResolveColor)?(\w*)\s*\|M:(.*?)\s*\|D:(\d{1,7})\s*")
"""A marker as Resolve writes it: its colour, its text, how many frames it is long."""
REEL: Final = re.compile(r"[0-9A-F]{8}")
"""How callsheet calls the reel of a medium: the beginning of its digest."""
NO_PICTURE: Final = ("BL", "BLACK")
NAMES: Final = {
    "FROM CLIP NAME": "name",
    "CLIP NAME": "name",
    "TO CLIP NAME": "to",
    "SOURCE FILE": "file",
    "FROM CLIP": "from",
    "FROM FILE": "from",
}
"""Comments → what they tell."""
MOST_LINES: Final = 1_000_000
RATE: Final = Fraction(30_000, 1001)
"""Of drop-frame time code."""
AGAIN: Final = "export the EDL again, or OTIO or FCP7 XML instead"
Begins = Callable[[str, str, int], int]
"""Reel and name of a medium, and its first frame that is shown → the frame of the timeline's rate at which
its time code begins."""


@dataclass(slots=True)
class _Event:
    """An event. places: in and out of the medium and of the film, in frames. line: where it is in the text.
    told: what comments say of it."""

    reel: str
    channels: str
    how: str
    melt: int
    places: tuple[int, int, int, int]
    offset: int
    speed: Fraction = Fraction(1)
    told: dict[str, str] = field(default_factory=dict)
    markers: list[tuple[int, str, str, int]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


def looks_like_edl(text: str) -> bool:
    """Whether it is an EDL, by its title or its first event."""
    lines = (line.strip() for line in text[:20_000].splitlines())
    return any(line.startswith(("TITLE:", "FCM:")) or EVENT.fullmatch(line) for line in lines)


def timeline_in(text: str, rate: Fraction, begins: Begins) -> Json:
    """The timeline of an EDL. rate: frames a second, which it does not say. Raises NotAnEdit."""
    reader = _Reader(text, rate)
    reader.read()
    if not reader.events:
        raise NotAnEdit("it has no events", AGAIN)
    return reader.timeline(begins)


class _Reader:
    """only_markers: it is a list of markers, as Resolve writes it, in which events stand for places."""

    def __init__(self, text: str, rate: Fraction) -> None:
        self.text, self.rate, self.name = text, rate, ""
        self.events: list[_Event] = []
        self.offset = 0
        self.only_markers = False

    def read(self) -> None:
        """Raises NotAnEdit."""
        for number, line in enumerate(self.text.splitlines(keepends=True)):
            if number > MOST_LINES:
                raise NotAnEdit(f"it has more than {MOST_LINES:,} lines", "export it in parts")
            self._line(line.strip())
            self.offset += len(line)

    def _line(self, line: str) -> None:
        if line.startswith("TITLE:"):
            self.name = line.removeprefix("TITLE:").strip()
        elif (found := EVENT.fullmatch(line)) is not None:
            self._event(found)
        elif (pace := PACE.fullmatch(line)) is not None and self.events:
            self.events[-1].speed = _simplest(Fraction(pace[2]) / self.rate, Fraction(1, 20) / self.rate)
        elif (mark := MARK.fullmatch(line)) is not None and self.events:
            frame, self.only_markers = self.events[-1].places[2], len(self.events) == 1 or self.only_markers
            self.events[-1].markers.append((frame, mark[1], mark[2], int(mark[3])))
        elif line.startswith("*") and self.events:
            self._comment(self.events[-1], line.removeprefix("*").strip())
        elif len(PLACE.findall(line)) == PLACES and not line.startswith("*"):
            raise NotAnEdit(f"this event cannot be read: {line[:80]}", AGAIN, self.offset)

    def _event(self, found: re.Match[str]) -> None:
        places = tuple(self._frame(found[i]) for i in (6, 7, 8, 9))
        first, last, at, end = places
        if end < at or last < first:
            raise NotAnEdit(f"event {found[1]} ends before it begins", AGAIN, self.offset)
        melt = int(found[5] or 0) if found[4] != "C" else 0
        event = _Event(found[2], found[3].upper(), found[4], melt, (first, last, at, end), self.offset)
        self.events.append(event)

    def _comment(self, event: _Event, text: str) -> None:
        name, _, value = text.partition(":")
        name, value = name.strip().upper(), value.strip()
        if name == "LOC" and (found := LOCATOR.fullmatch(value)) is not None:
            event.markers.append((self._frame(found[1]), found[2], found[3], 1))
        elif name in NAMES:
            event.told.setdefault(NAMES[name], value)
        elif text:
            event.comments.append(text)

    def _frame(self, code: str) -> int:
        """Raises NotAnEdit for a time code that this rate does not have."""
        try:
            return frame_of(code[:8].replace(";", ":") + ":" + code[9:], self.rate)
        except InputError as error:
            step = "the EDL is of another rate than the film: export OTIO or FCP7 XML, which say theirs"
            raise NotAnEdit(error.message, step, self.offset) from None

    def timeline(self, begins: Begins) -> Json:
        """Raises NotAnEdit."""
        start = self._start()
        tracks: dict[str, LaidTrack] = {}
        markers: list[Json] = []
        if self.only_markers:
            tracks["V"] = LaidTrack("Video", "V")
        for event in self.events:
            for name in () if self.only_markers else _channels(event.channels):
                kind = "Audio" if name.startswith("A") else "Video"
                track = tracks.setdefault(name, LaidTrack(kind, name))
                if event.reel.upper() not in NO_PICTURE and event.places[3] > event.places[2]:
                    track.clips.append(self._laid(event, start, begins))
            for frame, color, text, frames in event.markers:
                where = objects.span(Fraction(frame - start), Fraction(max(1, frames)), self.rate)
                markers.append(objects.marker(text, "", color.upper(), where))
        ordered = [tracks[name] for name in sorted(tracks, key=lambda name: (name[0] != "V", name))]
        return objects.timeline_of(self.name, self.rate, start, ordered, markers, {})

    def _start(self) -> int:
        """The frame at which the film begins: the hour of its first event, as is usual."""
        first = min(event.places[2] for event in self.events)
        hour = frame_of("01:00:00:00", self.rate)
        return first // hour * hour if first % hour < hour // 6 else first

    def _laid(self, event: _Event, start: int, begins: Begins) -> Laid:
        told, reel = event.told, event.reel.upper()
        file, name = told.get("file", ""), told.get("to" if event.melt else "name", "") or event.reel
        if not event.melt:  # at a dissolve, this is the file of the clip before
            file = file or told.get("from", "")
        first = begins(reel, file or name, event.places[0])
        about: Json = {"callsheet": {"reel": reel}} if REEL.fullmatch(reel) else {}
        if event.comments:
            about["cmx_3600"] = {"comments": event.comments[:100]}
        length = Fraction(max(1, event.places[1] - first))
        reference = objects.external(file or name, file or name, None, about)
        reference["available_range"] = objects.span(Fraction(first), length, self.rate) if first else None
        warps = [objects.warp(event.speed)] if event.speed != 1 else []
        clip = objects.clip_of(name, reference, effects=warps)
        at, frames = event.places[2] - start, event.places[3] - event.places[2]
        laid = Laid(at, frames, clip, Fraction(event.places[0]), self.rate, abs(event.speed))
        kind = "dissolve" if event.how == "D" else f"transition {event.how}"
        return replace(laid, after=min(event.melt, frames), transition=kind) if event.melt else laid


def _simplest(value: Fraction, near: Fraction) -> Fraction:
    """The simplest fraction near a speed: EDLs round the frames a second that they tell."""
    tried = (Fraction(round(value * below), below) for below in range(1, 101))
    return next((found for found in tried if abs(found - value) <= near), value)


def _channels(text: str) -> list[str]:
    """`AA/V` → V, A1. Of the channels of one sound, the first: they are one medium."""
    if text == "B":
        return ["V", "A1"]
    found: dict[str, None] = {}
    for part in re.split(r"[/+]", text):
        if part.startswith("V"):
            found[part if part[1:].isdigit() and part != "V1" else "V"] = None
        elif part.startswith("A"):
            found["A1"] = None
        elif part not in ("NONE", ""):
            found["V"] = None
    return list(found)
