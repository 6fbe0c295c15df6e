"""The notes on a film beside its state: which of them are on an old take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.runtime.notes.note import Note
from callsheet.runtime.notes.notes_file import read_notes
from callsheet.runtime.notes.subject import staleness
from callsheet.runtime.project_state import ProjectState, project_state
from callsheet.runtime.workspace import Workspace
from callsheet.spec.json_documents import NotesJson


@dataclass(frozen=True, slots=True)
class NoteNow:
    """A note, and why it is not about what the film shows now: "on take 1; take 2 counts"; "" where it is."""

    note: Note
    stale: str = ""


@dataclass(frozen=True, slots=True)
class NotesNow:
    """The notes on a film. path: of their file. problems: what in the file is no note, in sentences."""

    path: Path
    notes: tuple[NoteNow, ...]
    problems: tuple[str, ...] = ()

    @property
    def open(self) -> int:
        """How many are not done."""
        return sum(found.note.is_open for found in self.notes)

    def to_json(self) -> NotesJson:
        """Each note as the file has it, and `stale`."""
        return {
            "version": 1,
            "file": str(self.path),
            "notes": [{**one.note.to_json(), "stale": one.stale or None} for one in self.notes],
            "open": self.open,
            "problems": list(self.problems),
        }


def notes_of(
    workspace: Workspace, graph: Graph, store: str = "", now: ProjectState | None = None
) -> NotesNow:
    """The notes beside a pipeline, each held against what the film shows now.

    now: the state of the pipeline, if it is known; store: the folder or URL of a shared store. Raises
    InputError for a file that cannot be read, PipelineError for such a lock file.
    """
    found = read_notes(graph.path)
    if found.notes and now is None:
        now = project_state(graph, workspace, store=store)
    notes = tuple(NoteNow(note, staleness(note, now) if now else "") for note in found.notes)
    return NotesNow(found.path, notes, found.problems)
