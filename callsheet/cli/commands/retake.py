"""`callsheet retake`: ask for one more take."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.cli import completion
from callsheet.cli.answer import json_option, print_json
from callsheet.cli.options import parse_sets, yes_option
from callsheet.cli.permissions import grant_options
from callsheet.cli.pipelines import FileFirst, addressed_pipeline_options
from callsheet.errors import InputError
from callsheet.spec import shell

if TYPE_CHECKING:
    from callsheet.dsl.graph import Graph
    from callsheet.review.film import Film
    from callsheet.runtime.notes.note import Note
    from callsheet.runtime.plan.plan import Plan
    from callsheet.runtime.redo import Wording
    from callsheet.runtime.workspace import Workspace


@click.command("retake", cls=FileFirst)
@addressed_pipeline_options
@grant_options
@click.argument("address", shell_complete=completion.addresses, required=False, default="")
@click.option("--note", "name", metavar="ID", help="Because of this note; without ADDRESS, of its shot.")
@click.option(
    "--with",
    "by",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PIPELINE",
    help="With --note: let this pipeline word the prompt again; it gets `prompt` and `note`.",
)
@yes_option
@json_option
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    address: str,
    name: str | None,
    by: Path | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Ask for one more take of the instance at ADDRESS. The next run makes it; existing takes stay.

    With --note, the note is the reason, and gets a reply. With --with, a pipeline of yours turns the note
    into another prompt: you see the change and what a run costs then, before it is kept or bought.
    """
    from callsheet.review.film import Film
    from callsheet.runtime.redo import noted, redo
    from callsheet.runtime.retake import retake
    from callsheet.runtime.workspace import Workspace

    if name is None and (by is not None or not address):
        raise InputError("name what is made again", "callsheet retake FILE ADDRESS, or --note ID")
    film = Film(file, parse_sets(sets), inputs)
    graph = film.load()
    with Workspace.of(file) as workspace:
        if name is not None and by is not None:
            note = noted(file, name)
            new = _worded_anew(workspace, graph, note, address, by, yes)
            done = _kept(workspace, film, note, new, yes, as_json)
            if as_json:
                print_json(done)
            return 0 if done.kept or done.after == done.before else 4
        if name is not None:
            asked = redo(workspace, graph, noted(file, name), address)
        else:
            asked = retake(workspace, graph, address)
    if as_json:
        print_json(asked)
        return 0
    click.echo(f"{asked.address} has {asked.takes} takes")
    click.echo(f"next: {shell.command(['callsheet', 'run', str(file)])}")
    return 0


def _worded_anew(
    workspace: Workspace, graph: Graph, note: Note, address: str, by: Path, yes: bool
) -> Wording:
    """Ask a pipeline for another text, if the person agrees to what that costs."""
    from callsheet.cli.views.wording import printable
    from callsheet.review.film import price_of
    from callsheet.runtime.redo import worded_anew

    def agreed(plan: Plan) -> bool:
        price = price_of(plan.cost)["text"]
        return yes or (sys.stdin.isatty() and click.confirm(printable(f"Ask {by} for {price}?")))

    return worded_anew(workspace, graph, note, address, by, agreed)


def _kept(workspace: Workspace, film: Film, note: Note, new: Wording, yes: bool, as_json: bool) -> Wording:
    """Show another text with what comes of it, and write it if the person agrees; before that the file is as
    it was, whatever happens."""
    from callsheet.cli.views.wording import printable
    from callsheet.review.film import price_of
    from callsheet.runtime.dry_run import dry_run
    from callsheet.runtime.redo import keep
    from callsheet.runtime.reword import wording
    from callsheet.spec.draft import drafted

    if new.after == new.before:
        click.echo("the text stays as it is", err=as_json)
        return new
    done = wording(film.file, new.node, new.parameter, new.after, new.before)
    with drafted(film.file, done.after):
        price = price_of(dry_run(film.load(), workspace).cost)["text"]
    click.echo(printable(done.diff), err=as_json)
    click.echo(f"a run would cost {price} with it; nothing is made yet", err=as_json)
    if not (yes or (sys.stdin.isatty() and click.confirm("Keep this text?"))):
        click.echo("the file stays as it is; --yes keeps the text", err=as_json)
        return new
    kept = keep(workspace, film.load(), note, new, film.sets, film.inputs)
    click.echo(f"next: {shell.command(['callsheet', 'run', str(film.file)])}", err=as_json)
    return kept
