"""The edit as an EDL in the form of CMX 3600: one track of pictures, cuts, dissolves and speeds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from callsheet.runtime.export.cut import EditClip, EditCut, Marker, printable
from callsheet.runtime.export.formats import Program
from callsheet.runtime.export.markers import merged
from callsheet.spec.timecode import is_dropping, timecode

NO_FILE: Final = "BLACK"
RESOLVE: Final = {"ORANGE": "Yellow", "MAGENTA": "Fuchsia", "BLACK": "Cocoa", "WHITE": "Cream"}
"""Colours of Resolve where it has none of the name."""
AVID: Final = {
    name: name.lower() for name in ("RED", "GREEN", "BLUE", "CYAN", "MAGENTA", "YELLOW", "BLACK", "WHITE")
} | {"ORANGE": "yellow", "PINK": "magenta", "PURPLE": "magenta"}
"""The colours of markers that Media Composer has."""
MOST_EVENTS: Final = 999
"""Events that old editing systems read."""


def as_edl(cut: EditCut, program: Program = "any") -> str:
    """The edit as text. program: *premiere* leaves the comments out with which that one loses its media."""
    lines = [f"TITLE: {_plain(cut.name)[:70]}", _mode(cut), ""]
    clips, waiting = cut.on_track(0), deque(merged(cut.markers))
    for number, clip in enumerate(clips, 1):
        after = clips[number] if number < len(clips) else None
        before = clips[number - 2] if number > 1 else None
        lines += _Event(cut, number, clip, after.dissolve if after else 0).lines(before, program)
        while waiting and (after is None or waiting[0].at < after.at):
            lines.append(_located(cut, waiting.popleft()))
        lines.append("")
    return "\n".join(lines) + "\n"


def as_marker_edl(cut: EditCut) -> str:
    """The markers alone, in the form that Resolve imports as markers of a timeline."""
    lines = [f"TITLE: {_plain(cut.name)[:70]}", _mode(cut), ""]
    for number, marker in enumerate(merged(cut.markers), 1):
        first, last = (timecode(cut.start + at, cut.rate) for at in (marker.at, marker.at + 1))
        lines.append(f"{number:03d}  001      V     C        {first} {last} {first} {last}")
        said = ": ".join(_plain(part).replace("|", "/") for part in (marker.name, marker.text) if part)
        color = RESOLVE.get(marker.color, marker.color.capitalize())
        lines += [f" |C:ResolveColor{color} |M:{said[:120]} |D:{marker.frames}", ""]
    return "\n".join(lines) + "\n"


def as_avid_markers(cut: EditCut) -> str:
    """The markers alone, as the Markers window of Media Composer imports them: a line for each, with tabs."""
    lines = []
    for marker in merged(cut.markers):
        said = " ".join(_plain(part) for part in (marker.name, marker.text) if part)
        code = timecode(cut.start + marker.at, cut.rate)
        lines.append("\t".join(("callsheet", code, "V1", AVID.get(marker.color, "blue"), said[:500], "1")))
    return "\n".join(lines) + "\n"


def _mode(cut: EditCut) -> str:
    return f"FCM: {'DROP FRAME' if is_dropping(cut.rate) else 'NON-DROP FRAME'}"


def _located(cut: EditCut, marker: Marker) -> str:
    """A marker as a comment, as Avid's and others take it."""
    said = " ".join(_plain(part) for part in (marker.name, marker.text) if part)
    return f"* LOC: {timecode(cut.start + marker.at, cut.rate)} {marker.color:<7} {said[:120]}"


def left_out(cut: EditCut) -> Iterator[str]:
    """What an EDL cannot hold of this edit, in sentences."""
    above = sum(clip.track > 0 for clip in cut.clips)
    if above:
        yield f"an EDL has one track: {above} of {len(cut.clips)} clips are on tracks above it and not in it"
    if cut.film.has_sound:
        yield "an EDL has no sound: the film's is in its own file"
    if len(cut.on_track(0)) > MOST_EVENTS:
        yield f"the EDL has {len(cut.on_track(0)):,} events; some programs read only {MOST_EVENTS}"
    if cut.rate.denominator not in (1, 1001) or cut.rate < 20:
        yield f"an EDL does not say its rate: set the project to {float(cut.rate):g} frames a second"


class _Event:
    """One event. ending: frames of its end in which the next clip dissolves in; they belong to that one."""

    def __init__(self, cut: EditCut, number: int, clip: EditClip, ending: int) -> None:
        self.cut, self.number, self.clip, self.ending = cut, number, clip, ending

    def lines(self, before: EditClip | None, program: Program) -> Iterator[str]:
        clip = self.clip
        frames = clip.frames - self.ending
        first = f"{self.number:03d}  "
        if clip.dissolve and before is not None:
            gone = self._first(before) + round((clip.at - before.at) * before.speed)
            yield f"{first}{_reel(before)} V     C        {self._times(gone, gone, clip.at, clip.at)}"
            how = f"D    {clip.dissolve:03d}"
        else:
            how = "C       "
        used, begin = round(frames * clip.speed), self._first(clip)
        times = self._times(begin, begin + used, clip.at, clip.at + frames)
        yield f"{first}{_reel(clip)} V     {how} {times}"
        if clip.speed != 1:
            pace = float(clip.speed * self.cut.rate)
            yield f"M2   {_reel(clip)} {pace:05.1f}       {self._code(begin)}"
        yield from self._comments(before, program)

    def _comments(self, before: EditClip | None, program: Program) -> Iterator[str]:
        clip = self.clip
        name = clip.medium.name if clip.medium else clip.name
        if program != "premiere":
            if clip.dissolve and before is not None:
                yield f"* FROM CLIP NAME: {_plain(before.medium.name if before.medium else before.name)}"
                yield f"* TO CLIP NAME: {_plain(name)}"
            else:
                yield f"* FROM CLIP NAME: {_plain(name)}"
            yield f"* SOURCE FILE: {_plain(name)}"

    def _times(self, first: int, last: int, at: int, end: int) -> str:
        places = (first, last, at + self.cut.start, end + self.cut.start)
        return " ".join(map(self._code, places))

    def _first(self, clip: EditClip) -> int:
        """The first picture of a clip, in the time code of its medium."""
        return clip.start + (clip.medium.begins_at(self.cut.rate) if clip.medium else 0)

    def _code(self, frame: int) -> str:
        return timecode(frame, self.cut.rate)


def _reel(clip: EditClip) -> str:
    return f"{clip.medium.reel if clip.medium else NO_FILE:<8}"


def _plain(text: str) -> str:
    """On one line, without what cannot be printed."""
    return " ".join(printable(text).split())
