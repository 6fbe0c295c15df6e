"""Adds, answers, closes and reopens notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

from callsheet.dsl.graph import Graph
from callsheet.errors import InputError
from callsheet.runtime.lock.author import author as person
from callsheet.runtime.lock.author import now as time
from callsheet.runtime.lock.author import on_one_line
from callsheet.runtime.notes.note import MOST_CHARACTERS, MOST_FRAMES, MOST_REPLIES, Note, Reply, Status
from callsheet.runtime.notes.notes_file import to_be_changed, write_note, write_notes
from callsheet.runtime.notes.subject import Subject, subject_of
from callsheet.runtime.project_state import ProjectState, project_state
from callsheet.runtime.workspace import Workspace
from callsheet.spec.harmless import harmless

DIGITS: Final = 10
"""Of an id: two of a thousand notes are alike once in two million films."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says. text: with line ends. shot: an address, with `#2` for a take that does not count,
    "" for the film. frame: the first picture that is meant, from 0 in what the shot or the film shows, None
    for all of it. frames: how many. author: "" for the person whom git names. drawing: what was drawn on the
    picture, any JSON value, kept as it is. id: "" for a new one."""

    text: str
    shot: str = ""
    frame: int | None = None
    frames: int = 1
    author: str = ""
    drawing: object = None
    id: str = ""


def add_note(
    workspace: Workspace, graph: Graph, said: Said, store: str = "", now: ProjectState | None = None
) -> Note:
    """Write a note into the file beside the pipeline, bound to the result that it is about.

    now: the state of the pipeline, if it is known; store: the folder or URL of a shared store. A note whose
    id is there already is not added again. Raises InputError for an address that names no instance, a text
    that is empty or too long, and a frame that is not there; StoreError.
    """
    text = _usable(said.text, said.drawing)
    about = subject_of(now or project_state(graph, workspace, store=store), said.shot)
    _require_frame(said, about)
    by = on_one_line(said.author) or person(graph.path.parent)
    with to_be_changed(workspace, graph.path) as notes:
        known = next((note for note in notes.notes if said.id and note.id == said.id), None)
        if known is not None:
            return known
        note = Note(
            said.id or uuid4().hex[:DIGITS],
            text,
            about.shot,
            about.take,
            about.digest,
            about.key,
            said.frame,
            _frames(said, about),
            about.rate if said.frame is not None else None,
            by,
            time(),
            drawing=said.drawing,
        )
        write_note(graph.path, note)
    return note


def take_over(workspace: Workspace, graph: Graph, given: Iterable[Note], answers: Mapping[str, str]) -> int:
    """Write notes that came from elsewhere into the file, and answers to those that are there. Those whose id
    is there already are left as they are.

    answers: id → text. Returns how many notes and answers are new. Raises InputError, StoreError.
    """
    with to_be_changed(workspace, graph.path) as notes:
        there = {note.id: note for note in notes.notes}
        new = [note for note in {note.id: note for note in given}.values() if note.id not in there]
        answered = [
            replace(there[name], replies=(*there[name].replies, Reply("", time(), text)))
            for name, text in answers.items()
            if name in there
        ]
        write_notes(graph.path, (*new, *answered))
    return len(new) + len(answered)


def reply(workspace: Workspace, graph: Graph, id: str, text: str, author: str = "") -> Note:
    """Answer a note. id: as `Notes.one` takes it. Raises InputError, StoreError."""
    said = Reply(on_one_line(author) or person(graph.path.parent), time(), _usable(text))
    with to_be_changed(workspace, graph.path) as notes:
        note = notes.one(id)
        if len(note.replies) >= MOST_REPLIES:
            raise InputError(f"the note {note.id} has {MOST_REPLIES} replies", "add a new note")
        answered = replace(note, replies=(*note.replies, said))
        write_note(graph.path, answered)
    return answered


def close(workspace: Workspace, graph: Graph, id: str) -> Note:
    """Say that what a note asks for is done. Raises InputError, StoreError."""
    return _set(workspace, graph, id, "done")


def reopen(workspace: Workspace, graph: Graph, id: str) -> Note:
    """Say that what a note asks for is still to be done. Raises InputError, StoreError."""
    return _set(workspace, graph, id, "open")


def _set(workspace: Workspace, graph: Graph, id: str, status: Status) -> Note:
    with to_be_changed(workspace, graph.path) as notes:
        note = notes.one(id)
        if note.status == status:
            return note
        changed = replace(note, status=status, changed=time())
        write_note(graph.path, changed)
    return changed


def _usable(text: str, drawing: object = None) -> str:
    """Raises InputError."""
    found = harmless(text).strip()
    if not found and drawing is None:
        raise InputError("a note without a text says nothing", "say what should be other")
    if len(found) > MOST_CHARACTERS:
        raise InputError(f"a note has at most {MOST_CHARACTERS:,} characters, this one has {len(found):,}")
    return found


def _frames(said: Said, about: Subject) -> int:
    """How many frames are meant, of those that are there."""
    there = MOST_FRAMES if about.frames is None or said.frame is None else about.frames - said.frame
    return min(said.frames, there)


def _require_frame(said: Said, about: Subject) -> None:
    """Raises InputError."""
    if said.frame is None:
        return
    if said.frame < 0 or said.frames < 1:
        raise InputError("the frames of a note are counted from 0, and it is about at least one", "--at 0")
    if about.frames is not None and said.frame >= about.frames:
        raise InputError(
            f"{said.shot or 'the film'} has the frames 0 to {about.frames - 1}, and not {said.frame}",
            "count its frames from 0",
        )
