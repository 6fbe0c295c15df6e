"""`callsheet open`: what made a media file, and the pipeline that makes it again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.cli.options import store_option

if TYPE_CHECKING:
    from callsheet.runtime.output.provenance.restore import Restored


@click.command("open")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("as_json", "--json", is_flag=True, help="Print the whole note as one JSON object.")
@click.option(
    "-o",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the pipeline that makes FILE.",
)
@store_option
def command(file: Path, as_json: bool, target: Path | None, store: str) -> int:
    """Show what made FILE, a media file from out/: its model, its parameters, and the nodes before it.

    A file without a note is looked up in the shared store by its content.

    With -o, exits with 1 if one of your files that it was made from is missing or has changed.
    """
    from callsheet.cli.views.provenance import lines
    from callsheet.runtime.output.provenance.restore import NoNote, provenance_of, restore

    try:
        provenance = provenance_of(file)
    except NoNote:
        if target is None and _tell_from_store(file, store, as_json):
            return 0
        raise
    if as_json:
        from callsheet.runtime.output.provenance.writing import as_json as values

        click.echo(json.dumps(values(provenance), indent=2))
    elif target is None:
        click.echo("\n".join(lines(str(file), provenance)))
    return 0 if target is None else _tell(restore(provenance, target))


def _tell_from_store(file: Path, store: str, as_json: bool) -> bool:
    """Tell what the shared store says of a file. Returns whether it knows it."""
    from callsheet.cli.views.stored_file import stored_file_json, stored_file_lines
    from callsheet.runtime.project_store import store_for
    from callsheet.runtime.remote_store.find_file import find_file
    from callsheet.runtime.settings import settings_of

    place = store_for(store, settings_of(file), required=False)
    found = find_file(file, place) if place else None
    if found is None:
        return False
    click.echo(
        json.dumps(stored_file_json(found), indent=2)
        if as_json
        else "\n".join(stored_file_lines(str(file), found))
    )
    return True


def _tell(done: Restored) -> int:
    from callsheet.spec.plural import plural

    click.echo(f"wrote {done.path}: {plural(done.nodes, 'node')}", err=True)
    for problem in done.problems:
        click.echo(f"warning: {problem}", err=True)
    for name in done.secrets:
        click.echo(f"warning: it would send the environment variable {name}; is that meant?", err=True)
    click.echo(f"next: callsheet plan {done.path}", err=True)
    return 1 if done.problems else 0
