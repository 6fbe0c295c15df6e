"""Notes on a film as markers of its edit: at the frame that they are about, with author and answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from callsheet.runtime.export.cut import EditClip, EditCut, Marker
from callsheet.runtime.notes.note import Note
from callsheet.runtime.notes.review import NoteNow

OPEN: Final = "YELLOW"
DONE: Final = "CYAN"
"""Colours of notes that are open, and of those that are done."""


@dataclass(frozen=True, slots=True)
class NoteMarkers:
    """Markers of notes. hidden: notes on pictures that the film does not show."""

    markers: tuple[Marker, ...] = ()
    hidden: int = 0


def note_markers(cut: EditCut, notes: Sequence[NoteNow]) -> NoteMarkers:
    """A marker for each note, wherever the film shows what it is about. Notes on the film itself without a
    frame are at its beginning."""
    found: list[Marker] = []
    hidden = 0
    for one in notes:
        places = list(_places(cut, one.note))
        hidden += not places
        found += [_marker(one, place) for place in places]
    return NoteMarkers(tuple(found), hidden)


def note_text(one: NoteNow) -> str:
    """What a person reads at its marker."""
    note = one.note
    said = [_by(note.author, note.text)]
    said += [f"> {_by(reply.author, reply.text)}" for reply in note.replies]
    said += ["(done)"] if not note.is_open else []
    said += [f"({one.stale})"] if one.stale else []
    return "\n".join(said)


def _by(author: str, text: str) -> str:
    return f"{author}: {text}" if author else text


def marker_name(note: Note) -> str:
    """The name of its marker, by which it is known when it comes back."""
    return f"note {note.id}"


def _marker(one: NoteNow, place: tuple[int, int, EditClip | None]) -> Marker:
    at, frames, clip = place
    color = OPEN if one.note.is_open else DONE
    number = clip.number if clip else 0
    name, text = marker_name(one.note), note_text(one)
    return Marker(at, name, text, color, frames, "note", one.note.shot, number)


def _places(cut: EditCut, note: Note) -> Iterator[tuple[int, int, EditClip | None]]:
    """First frame and length in the film, and the clip; once for each clip that shows it."""
    if not note.shot:
        if note.frame is None:
            yield 0, 1, None
            return
        rate = note.rate or cut.rate
        at = int(note.frame / rate * cut.rate)
        if at < cut.frames:
            yield at, max(1, round(note.frames / rate * cut.rate)), None
        return
    for clip in cut.clips:
        if clip.origin.address == note.shot:
            yield from _in_clip(cut, clip, note)


def _in_clip(cut: EditCut, clip: EditClip, note: Note) -> Iterator[tuple[int, int, EditClip | None]]:
    if note.frame is None:
        yield clip.at, clip.frames, clip
        return
    rate = note.rate or cut.rate
    first, end = (
        clip.at + (frame / rate * cut.rate - clip.start) / clip.speed
        for frame in (Fraction(note.frame), Fraction(note.frame + note.frames))
    )
    at, last = max(clip.at, round(first)), min(clip.end, round(end))
    if at < clip.end and last > clip.at:
        yield at, max(1, last - at), clip
