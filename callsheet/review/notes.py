"""The notes on a film as the page reads them."""

from __future__ import annotations

from typing import Any

from callsheet.errors import PipelineError
from callsheet.review.film import Film
from callsheet.runtime.notes.notes_file import read_notes
from callsheet.runtime.notes.review import NoteNow, NotesNow
from callsheet.runtime.notes.review import notes_of as held_against


def notes_of(film: Film) -> dict[str, Any]:
    """All notes, each with why it is not about what the film shows now, and what is in their file that is
    none. Notes are readable where the pipeline is not.

    Raises InputError for a file that cannot be read.
    """
    found = _found(film)
    notes = [{**one.note.to_json(), "stale": one.stale} for one in found.notes]
    return {"notes": notes, "problems": list(found.problems)}


def _found(film: Film) -> NotesNow:
    try:
        with film.open() as workspace:
            return held_against(workspace, film.load(), film.store)
    except PipelineError:
        plain = read_notes(film.file)
        return NotesNow(plain.path, tuple(map(NoteNow, plain.notes)), plain.problems)
