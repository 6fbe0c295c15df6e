"""`callsheet takes`: the takes of an instance, side by side."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from callsheet.cli.options import parse_sets, pipeline_options, store_option


@click.command("takes")
@pipeline_options
@store_option
@click.argument("address")
@click.option("--preview", is_flag=True, help="Show the takes of the last preview.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("out"),
    show_default=True,
    help="The folder of the results; the contact sheet is written to PATH/<name>/takes/.",
)
@click.option("--open", "launch", is_flag=True, help="Open the contact sheet.")
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    store: str,
    address: str,
    preview: bool,
    out: Path,
    launch: bool,
) -> int:
    """List the takes at ADDRESS (an instance or a node), and draw them on one contact sheet."""
    from callsheet.api import load
    from callsheet.cli.views.takes import take_line
    from callsheet.runtime.takes import takes
    from callsheet.runtime.workspace import Workspace

    found = takes(Workspace.of(file), load(file, parse_sets(sets), inputs), address, out, preview, store)
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    for take in found.takes:
        click.echo(take_line(take))
    if found.sheet is not None:
        click.echo(f"sheet: {found.sheet}")
        if launch:
            click.launch(str(found.sheet))
    click.echo(f"next: {shlex.join(['callsheet', 'pick', str(file), found.takes[0].address])} N")
    return 0
