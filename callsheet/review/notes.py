"""The notes on a film as the page reads them."""

from __future__ import annotations

from typing import Any

from callsheet.errors import CallsheetError
from callsheet.review.film import Film
from callsheet.runtime.notes.notes_file import read_notes
from callsheet.runtime.notes.subject import staleness
from callsheet.runtime.project_state import ProjectState, project_state


def notes_of(film: Film) -> dict[str, Any]:
    """All notes with what they are about, and what is in their file that is none. Notes are readable where
    the pipeline is not.

    Raises InputError for a file that cannot be read.
    """
    found, now = read_notes(film.file), _state(film)
    notes = [
        {**note.to_json(), "late": staleness(note, now) if now is not None else ""} for note in found.notes
    ]
    return {"notes": notes, "problems": list(found.problems)}


def _state(film: Film) -> ProjectState | None:
    try:
        with film.open() as workspace:
            return project_state(film.load(), workspace, store=film.store)
    except CallsheetError:
        return None
