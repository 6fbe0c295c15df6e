"""Turns a note into work: another take of what it is about, or another text for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.dsl.values.inputs import Files
from callsheet.errors import InputError
from callsheet.runtime.check import load
from callsheet.runtime.consent import Confirm
from callsheet.runtime.notes.change import reply
from callsheet.runtime.notes.note import Note
from callsheet.runtime.notes.notes_file import read_notes
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.prepare import prepare
from callsheet.runtime.project_state import decisions
from callsheet.runtime.retake import Retaken, retake
from callsheet.runtime.reword import reword, template_of
from callsheet.runtime.run import run
from callsheet.runtime.workspace import Workspace
from callsheet.spec.document import Document
from callsheet.spec.permissions import PERMISSIONS
from callsheet.spec.roles import TEXTS

PROMPT, NOTE = "prompt", "note"
"""The inputs of a pipeline that words prompts anew; its output is called as the first."""


@dataclass(frozen=True, slots=True)
class Wording(Document):
    """A text of a node, and what a note makes of it. before and after: as the file has them, with their
    expressions. kept: whether the file has the new one."""

    node: str
    parameter: str
    before: str
    after: str
    kept: bool = False


def redo(workspace: Workspace, graph: Graph, note: Note, address: str = "") -> Retaken:
    """Ask for one more take of what a note is about, with the note as the reason, and say so in a reply.

    address: as `retake` takes it; "" for that of the note. Raises InputError as `retake`, and for a note on
    another shot; PipelineError, StoreError.
    """
    asked = retake(workspace, graph, subject(graph, workspace, note, address), note.text)
    reply(workspace, graph, note.id, f"take {asked.takes} is asked for")
    return asked


def noted(pipeline: Path, name: str) -> Note:
    """The note with this id, or the beginning of one. Raises InputError."""
    return read_notes(pipeline).one(name)


def subject(graph: Graph, workspace: Workspace, note: Note, address: str) -> str:
    """The address of the instance that is meant, without the take. Raises InputError."""
    if not (address or note.shot):
        raise InputError(f"the note {note.id} is on the film", "name the instance that is to be made again")
    base = decisions(graph, workspace).one(address or note.shot)[0].base
    if note.shot and base != note.shot:
        raise InputError(f"the note {note.id} is on {note.shot}, and not on {base}", f"retake {note.shot}")
    return base


def keep(
    workspace: Workspace,
    graph: Graph,
    note: Note,
    wording: Wording,
    sets: Mapping[str, str] | None = None,
    inputs: Files = None,
) -> Wording:
    """Write the new text into the file, where it is not there yet, and say so in a reply to the note.

    sets and inputs: of the film, as in `check`. Raises InputError where the file says something else by now,
    PipelineError, StoreError.
    """
    if template_of(graph.path, wording.node, wording.parameter) != wording.after:
        text = wording.parameter, wording.after, wording.before
        reword(graph.path, wording.node, *text, sets, inputs)
    reply(workspace, graph, note.id, "the text was changed")
    return replace(wording, kept=True)


def worded_anew(
    workspace: Workspace, graph: Graph, note: Note, address: str, by: Path, confirm: Confirm
) -> Wording:
    """Ask a pipeline for another text, given the text and the note. Nothing of the film is changed.

    by: a pipeline with the inputs `prompt` and `note` and the output `prompt`. confirm: who agrees to what it
    costs. Raises InputError where the file says no text for the instance, nobody agreed, or the pipeline
    gives no text; PipelineError, StoreError.
    """
    base = subject(graph, workspace, note, address)
    instance = decisions(graph, workspace).one(base)[0]
    names = [name for name in ("prompt", *TEXTS) if isinstance(instance.params.get(name), str)]
    found = [(name, text) for name in names if (text := template_of(graph.path, instance.node, name))]
    if not found:
        raise InputError(
            f"{graph.path} has no text for {base}", "change it where it is written: in its recipe"
        )
    parameter, before = found[0]
    after = _asked(workspace, by, {PROMPT: before, NOTE: note.text}, confirm)
    return Wording(instance.node, parameter, before, after)


def _asked(workspace: Workspace, by: Path, given: dict[str, str], confirm: Confirm) -> str:
    request = RunRequest(by, given, trust=PERMISSIONS.get().trust)
    prepared = prepare(load(by, given), workspace, request.options(workspace.root))
    result = run(prepared, confirm=confirm)
    text = result.outputs.get(PROMPT)
    if isinstance(text, str) and text.strip():
        return text.strip()
    why = result.failures[0].message if result.failures else f"its output `{PROMPT}` is no text"
    raise InputError(
        f"{by} gave no other text: {why}", f"it needs the inputs {PROMPT} and {NOTE}, and that output"
    )
