"""`callsheet export`: the shots of a film for an editing program."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from callsheet.cli.answer import json_option, print_json
from callsheet.cli.options import parse_sets, store_option
from callsheet.cli.pipelines import sole_pipeline_options
from callsheet.runtime.export.formats import FORMATS, Program


@click.command("export")
@sole_pipeline_options
@store_option
@click.option(
    "--format",
    "-f",
    "formats",
    type=click.Choice(FORMATS),
    multiple=True,
    help="otio: OpenTimelineIO; otioz: with its media in one file. edl: CMX 3600. fcp7: XML for Premiere and "
    "Resolve. fcpxml: Final Cut. mlt: Kdenlive, Shotcut. csv: a table. srt, vtt: the name of each shot. zip: "
    "all of it in one file. May be repeated. Without it: what the program of --for reads best, else otio.",
)
@click.option("-o", "target", type=click.Path(file_okay=False, path_type=Path), help="The folder to write.")
@click.option(
    "--output",
    default="",
    metavar="NAME",
    help="The output that is the film. Without it: the first one that was joined from clips.",
)
@click.option(
    "--start",
    default="01:00:00:00",
    show_default=True,
    metavar="TIMECODE",
    help="The time code at which the film begins.",
)
@click.option(
    "--for",
    "program",
    type=click.Choice(get_args(Program)),
    default="any",
    show_default=True,
    help="The program that reads it: each format is written as it takes it, and what it leaves out is said.",
)
@click.option(
    "--handles",
    type=click.IntRange(min=0, max=10_000),
    default=0,
    metavar="FRAMES",
    help="Name the shots that have fewer frames than this before or after what is shown.",
)
@click.option("--preview", is_flag=True, help="Hand the last preview over instead of the film.")
@json_option
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    store: str,
    formats: tuple[str, ...],
    target: Path | None,
    output: str,
    start: str,
    program: Program,
    handles: int,
    preview: bool,
    as_json: bool,
) -> int:
    """Write the shots of a finished film in order, with their times, and their media beside them.

    The folder is out/NAME/handover/, or the one that -o names. The media are the whole clips, so that an
    editor has more of each than the film shows. A note names what a format cannot hold.
    """
    from callsheet.cli.views.handover import handover_lines
    from callsheet.runtime.check import load
    from callsheet.runtime.export.handover import Asked, hand_over
    from callsheet.runtime.workspace import Workspace

    asked = Asked(formats, target, output, start, program, handles)
    with Workspace.of(file) as workspace:
        done = hand_over(workspace, load(file, parse_sets(sets), inputs), asked, store, preview)
    if as_json:
        print_json(done)
        return 0
    for note in done.notes:
        click.echo(f"note: {note}", err=True)
    click.echo("\n".join(handover_lines(done)))
    return 0
