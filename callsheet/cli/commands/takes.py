"""`callsheet takes`: the takes of an instance, side by side."""

from __future__ import annotations

from pathlib import Path

import click

from callsheet.cli import completion
from callsheet.cli.answer import json_option, print_json
from callsheet.cli.options import out_option, parse_sets, store_option
from callsheet.cli.pipelines import FileFirst, addressed_pipeline_options
from callsheet.spec import shell


@click.command("takes", cls=FileFirst)
@addressed_pipeline_options
@store_option
@click.argument("address", shell_complete=completion.addresses, required=False)
@click.option("--preview", is_flag=True, help="Show the takes of the last preview.")
@out_option("the contact sheet is written", "takes/")
@click.option("--sheet", type=click.Path(dir_okay=False, path_type=Path), help="Also write the sheet there.")
@click.option("--open", "launch", is_flag=True, help="Open the contact sheet.")
@json_option
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    store: str,
    address: str | None,
    preview: bool,
    out: Path,
    sheet: Path | None,
    launch: bool,
    as_json: bool,
) -> int:
    """List the takes at ADDRESS (an instance or a node), and draw them on one contact sheet.

    Without ADDRESS, the sheet has a picture of each result of a model in the film.
    """
    from callsheet.cli.views.takes import take_line
    from callsheet.runtime.check import load
    from callsheet.runtime.store import atomic as disk
    from callsheet.runtime.takes import takes
    from callsheet.runtime.workspace import Workspace

    found = takes(Workspace.of(file), load(file, parse_sets(sets), inputs), address, out, preview, store)
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    if as_json:
        print_json(found)
        return 0
    for take in found.takes:
        click.echo(take_line(take))
    if found.sheet is not None:
        if sheet is not None:
            disk.make_folder(sheet.parent)
            disk.replace(sheet, disk.chunks(found.sheet))
        shown = sheet or found.sheet
        click.echo(f"sheet: {shown}")
        if launch:
            click.launch(str(shown))
    if address:
        click.echo(f"next: {shell.command(['callsheet', 'pick', str(file), found.takes[0].address])} N")
    return 0
