"""Notes on a film, as text and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from callsheet.cli.views.wording import printable
from callsheet.runtime.notes.note import Note
from callsheet.runtime.notes.review import NoteNow, NotesNow
from callsheet.spec.plural import plural
from callsheet.spec.timecode import timecode

WIDTH: Final = 78


def notes_text(found: NotesNow, listed: Sequence[NoteNow], changed: bool) -> Iterator[str]:
    """The notes, a paragraph each, and how many there are. changed: only those that were changed."""
    if not found.notes:
        yield f"no notes yet: {printable(str(found.path))} is not there"
        return
    for one in listed:
        yield from _paragraph(one)
    if not changed:
        yield f"{printable(str(found.path))}: {plural(len(found.notes), 'note')}, {found.open} open"


def _paragraph(one: NoteNow) -> Iterator[str]:
    note = one.note
    what = " ".join(filter(None, (note.shot or "the film", place_of(note))))
    yield printable("  ".join((note.id, note.status, what)))
    said = ", ".join(filter(None, (note.author, note.at[:10])))
    text = note.text or "(a drawing)"
    yield from _indented(f"{said}: {text}" if said else text, "    ")
    for reply in note.replies:
        yield from _indented(f"{reply.author}: {reply.text}" if reply.author else reply.text, "    > ")
    if one.stale:
        yield f"    {one.stale}"


def place_of(note: Note) -> str:
    """`frame 12`, `frames 12 to 30 (00:00:00:12)`; "" for a note on all of it."""
    if note.frame is None:
        return ""
    code = f" ({timecode(note.frame, note.rate)})" if note.rate else ""
    if note.frames == 1:
        return f"frame {note.frame}{code}"
    return f"frames {note.frame} to {note.frame + note.frames - 1}{code}"


def _indented(text: str, before: str) -> Iterator[str]:
    for line in text.splitlines():
        wrapped = textwrap.wrap(
            printable(line), WIDTH, initial_indent=before, subsequent_indent=" " * len(before)
        )
        yield from wrapped
