"""Notes on a film: what people say about it, shot by shot."""

from __future__ import annotations

from typing import Unpack

from callsheet.api.given import Given, Pipeline, opened
from callsheet.runtime.notes import change
from callsheet.runtime.notes.change import Said
from callsheet.runtime.notes.note import Note
from callsheet.runtime.notes.place import Place as PlaceInFilm
from callsheet.runtime.notes.place import placed
from callsheet.runtime.notes.review import NotesNow, notes_of
from callsheet.runtime.project_state import project_state


def notes(pipeline: Pipeline, **given: Unpack[Given]) -> NotesNow:
    """The notes on a film, and which of them are on an old take. `callsheet notes`.

    given: see `Given`. Raises InputError for a file of notes that cannot be read, PipelineError.
    """
    with opened(pipeline, given) as film:
        return notes_of(film.workspace, film.graph(), film.store)


def note_add(
    pipeline: Pipeline,
    text: str,
    on: str = "",
    at: str = "",
    to: str = "",
    film: bool = False,
    author: str = "",
    **given: Unpack[Given],
) -> Note:
    """Add a note. `callsheet notes --add`.

    on: the instance that it is about. at and to: the first and the last place: a frame from 0, seconds,
    or a time code; without `on` a place of the film, and the note is about the shot that is seen there. film:
    it is about the film itself. author: who says it; "" for whom git names. given: see `Given`. Raises
    InputError for an address or a place that is not there, PipelineError, StoreError.
    """
    with opened(pipeline, given) as opening:
        graph, workspace = opening.graph(), opening.workspace
        now = project_state(graph, workspace, store=opening.store)
        shot, frame, frames = placed(now, PlaceInFilm(on, at, to, film))
        return change.add_note(workspace, graph, Said(text, shot, frame, frames, author), opening.store, now)


def note_reply(pipeline: Pipeline, note: str, text: str, author: str = "", **given: Unpack[Given]) -> Note:
    """Answer a note. `callsheet notes --reply`. note: its id, which may be shortened. given: see `Given`.
    Raises InputError, PipelineError, StoreError."""
    with opened(pipeline, given) as film:
        return change.reply(film.workspace, film.graph(), note, text, author)


def note_close(pipeline: Pipeline, note: str, **given: Unpack[Given]) -> Note:
    """Say that what a note asks for is done. `callsheet notes --close`. Parameters as in `note_reply`."""
    with opened(pipeline, given) as film:
        return change.close(film.workspace, film.graph(), note)


def note_reopen(pipeline: Pipeline, note: str, **given: Unpack[Given]) -> Note:
    """Say that what a note asks for is still to be done. `callsheet notes --reopen`. Parameters as in
    `note_reply`."""
    with opened(pipeline, given) as film:
        return change.reopen(film.workspace, film.graph(), note)
