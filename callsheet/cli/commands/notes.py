"""`callsheet notes`: what people say about a film, shot by shot."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.cli import completion
from callsheet.cli.answer import json_option, print_json
from callsheet.cli.options import parse_sets, store_option
from callsheet.cli.pipelines import sole_pipeline_options
from callsheet.errors import InputError

if TYPE_CHECKING:
    from callsheet.dsl.graph import Graph
    from callsheet.runtime.notes.note import Note
    from callsheet.runtime.notes.place import Place
    from callsheet.runtime.notes.review import NoteNow, NotesNow
    from callsheet.runtime.workspace import Workspace


@click.command("notes")
@sole_pipeline_options
@store_option
@click.option("--add", metavar="TEXT", help="Add a note.")
@click.option(
    "--on",
    "shot",
    default="",
    metavar="ADDRESS",
    shell_complete=completion.addresses,
    help="The instance that the note is about.",
)
@click.option(
    "--at",
    default="",
    metavar="PLACE",
    help="Where: a frame from 0, seconds (1.5s), or a time code (00:00:01:12). Without --on: a place of the "
    "film, and the note is about the shot that is seen there.",
)
@click.option("--to", default="", metavar="PLACE", help="The last place that the note is about.")
@click.option("--film", is_flag=True, help="The note is about the film itself, not about the shot at --at.")
@click.option("--author", default="", metavar="NAME", help="Who says it. Without it: whom git names.")
@click.option("--reply", nargs=2, metavar="ID TEXT", help="Answer a note.")
@click.option("--close", "closed", multiple=True, metavar="ID", help="It is done; may be repeated.")
@click.option("--reopen", "reopened", multiple=True, metavar="ID", help="It is not done; may be repeated.")
@click.option("--open", "only_open", is_flag=True, help="List only what is not done.")
@json_option
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    store: str,
    add: str | None,
    shot: str,
    at: str,
    to: str,
    film: bool,
    author: str,
    reply: tuple[str, str] | None,
    closed: tuple[str, ...],
    reopened: tuple[str, ...],
    only_open: bool,
    as_json: bool,
) -> int:
    """List the notes on a film, or add, answer, close and reopen some.

    They are in NAME.notes.jsonl beside the pipeline NAME.yaml, one a line: commit it, git merges it. A note
    is bound to the take that it is about, so that the list says which notes are on an old take. An ID may be
    shortened.

    \b
    callsheet notes film.yaml --add "too dark" --on 'clip["dawn"]' --at 12 --to 30
    callsheet notes film.yaml --reply 4f2a "brighter in take 2" --close 4f2a
    """
    from callsheet.cli.views.notes import notes_text
    from callsheet.runtime.check import load
    from callsheet.runtime.notes.place import Place
    from callsheet.runtime.notes.review import notes_of
    from callsheet.runtime.workspace import Workspace

    if add is None and (shot or at or to or film):
        raise InputError("--on, --at, --to and --film say what a new note is about", "give --add TEXT, too")
    graph = load(file, parse_sets(sets), inputs)
    with Workspace.of(file) as workspace:
        touched = _answered(workspace, graph, reply, closed, reopened, author)
        if add is not None:
            touched.append(_added(workspace, graph, add, Place(shot, at, to, film), author, store))
        found = notes_of(workspace, graph, store)
    changed = {note.id for note in touched}
    listed = tuple(_listed(found, changed, only_open))
    for problem in found.problems:
        click.echo(f"note: {problem}", err=True)
    if as_json:
        print_json(replace(found, notes=listed))
    else:
        click.echo("\n".join(notes_text(found, listed, bool(changed))))
    return 0


def _listed(found: NotesNow, changed: Collection[str], only_open: bool) -> Iterator[NoteNow]:
    """The notes that are shown: those that were changed now, else all."""
    for note in found.notes:
        if (note.note.id in changed or not changed) and (note.note.is_open or not only_open):
            yield note


def _answered(
    workspace: Workspace,
    graph: Graph,
    reply: tuple[str, str] | None,
    closed: tuple[str, ...],
    reopened: tuple[str, ...],
    author: str,
) -> list[Note]:
    from callsheet.runtime.notes import change

    found = [change.reply(workspace, graph, *reply, author)] if reply else []
    found += [change.close(workspace, graph, name) for name in closed]
    return found + [change.reopen(workspace, graph, name) for name in reopened]


def _added(workspace: Workspace, graph: Graph, text: str, place: Place, author: str, store: str) -> Note:
    from callsheet.runtime.notes.change import Said, add_note
    from callsheet.runtime.notes.place import placed
    from callsheet.runtime.project_state import project_state

    now = project_state(graph, workspace, store=store)
    shot, frame, frames = placed(now, place)
    return add_note(workspace, graph, Said(text, shot, frame, frames, author), store, now)
