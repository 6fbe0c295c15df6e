"""`callsheet conform`: the cut of a person, taken over from an editing program."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from callsheet.cli.answer import json_option, print_json
from callsheet.cli.options import parse_sets, store_option
from callsheet.cli.pipelines import sole_pipeline_options
from callsheet.spec import shell


@click.command("conform")
@click.argument("edited", type=click.Path(path_type=Path))
@sole_pipeline_options
@store_option
@json_option
def command(
    edited: Path, file: Path, sets: tuple[str, ...], inputs: tuple[Path, ...], store: str, as_json: bool
) -> int:
    """Take over the cut EDITED of an editing program: OpenTimelineIO, XML of Final Cut Pro 7, or an EDL.

    Writes NAME.cut.otio beside the pipeline NAME.yaml. A node media/timeline with `cut: ./NAME.cut.otio`
    renders it. Each clip shows its shot, so that a shot that is made again is shown at the same place.
    """
    from callsheet.cli.views.conformed import conformed_lines
    from callsheet.runtime.check import load
    from callsheet.runtime.conform.conform import conform
    from callsheet.runtime.conform.film import film_to_conform
    from callsheet.runtime.workspace import Workspace

    film = partial(load, file, parse_sets(sets), inputs)
    with Workspace.of(file) as workspace:
        done = conform(workspace, film_to_conform(film), edited, store)
    if as_json:
        print_json(done)
        return 0
    for note in done.notes:
        click.echo(f"note: {note}", err=True)
    click.echo("\n".join(conformed_lines(done)))
    click.echo(f"next: {shell.command(['callsheet', 'plan', str(file)])}")
    return 0
