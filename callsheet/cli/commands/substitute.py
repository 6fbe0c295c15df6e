"""`callsheet substitute`: a pipeline file for another model, with its comments and its layout."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from callsheet.cli import completion
from callsheet.cli.answer import json_option, print_json
from callsheet.cli.options import parse_sets
from callsheet.cli.output import paint_on
from callsheet.cli.pipelines import FileFirst, addressed_pipeline_options


@click.command("substitute", cls=FileFirst)
@addressed_pipeline_options
@click.argument("old", shell_complete=completion.models)
@click.argument("new", shell_complete=completion.models)
@click.option("--diff", "dry", is_flag=True, help="Print the changes, write nothing.")
@click.option("--force", is_flag=True, help="Write the file even if it would not pass check.")
@json_option
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    old: str,
    new: str,
    dry: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Replace the model OLD with the model NEW in FILE.

    \b
    callsheet substitute film.yaml fal-ai/pika/v2.2/image-to-video fal-ai/veo3.1/image-to-video --diff

    Parameters keep their name, or get the name of the one with the same role (first frame, reference, …) or
    meaning. Values become ones that NEW accepts. Parameters that NEW lacks are listed. Comments and layout
    stay as they are. If the new file would not pass check, FILE is not changed.
    """
    from callsheet.cli.views.substitution import failure, summary
    from callsheet.runtime.substitute import substitute

    done = substitute(file, old, new, parse_sets(sets), inputs)
    if as_json:
        if not dry and (force or done.ok):
            done.write()
        print_json(done)
        return 0 if done.ok else 1
    click.echo("\n".join(summary(done, old, new)))
    if dry:
        click.echo(done.diff, nl=False)
    if not done.ok:
        click.echo(failure(done, kept=not (force or dry), paint=paint_on(sys.stderr)), err=True)
    if not dry and (force or done.ok):
        done.write()
        click.echo(f"wrote {file}")
    return 0 if done.ok else 1
