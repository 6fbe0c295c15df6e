"""`callsheet origin`: what made a media file, and the pipeline that makes it again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.cli.answer import json_option, print_json
from callsheet.cli.options import store_option
from callsheet.spec import shell

if TYPE_CHECKING:
    from callsheet.runtime.output.provenance.restore import Restored


@click.command("origin")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the pipeline that makes FILE.",
)
@store_option
@json_option
def command(file: Path, as_json: bool, target: Path | None, store: str) -> int:
    """Show what made FILE, a media file from out/: its model, its parameters, and the nodes before it.

    A file without a note is looked up in the shared store by its content.

    With -o, exits with 1 if one of your files that it was made from is missing or has changed.
    """
    return tell_origin(file, as_json, target, store)


def tell_origin(file: Path, as_json: bool, target: Path | None, store: str) -> int:
    """Print what made `file`, or write its pipeline to `target`. Returns the exit code."""
    from callsheet.api.handover import origin, restore
    from callsheet.cli.views.provenance import lines
    from callsheet.cli.views.stored_file import stored_file_lines

    found = origin(file, store)
    if as_json:
        print_json(found)
    elif target is None and found.provenance is not None:
        click.echo("\n".join(lines(str(file), found.provenance)))
    elif target is None and found.stored is not None:
        click.echo("\n".join(stored_file_lines(str(file), found.stored)))
    return 0 if target is None else _tell(restore(found if found.provenance else file, target))


def _tell(done: Restored) -> int:
    from callsheet.spec.plural import plural

    click.echo(f"wrote {done.path}: {plural(done.nodes, 'node')}", err=True)
    for problem in done.problems:
        click.echo(f"warning: {problem}", err=True)
    for name in done.secrets:
        click.echo(f"warning: it would send the environment variable {name}; is that meant?", err=True)
    click.echo(f"next: {shell.command(['callsheet', 'plan', done.path])}", err=True)
    return 1 if done.problems else 0
