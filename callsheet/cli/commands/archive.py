"""`callsheet archive`: a film with everything that makes it again, in one file."""

from __future__ import annotations

from pathlib import Path

import click

from callsheet.cli.answer import json_option, print_json
from callsheet.cli.options import parse_sets, store_option
from callsheet.cli.pipelines import sole_pipeline_options
from callsheet.spec import shell


@click.command("archive")
@sole_pipeline_options
@store_option
@click.option(
    "-o",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The tar file to write.",
)
@json_option
def command(
    file: Path, sets: tuple[str, ...], inputs: tuple[Path, ...], store: str, target: Path, as_json: bool
) -> int:
    """Write FILE with its lock file, lists, media, recipes, models and all results into one tar file.

    Also years later, `callsheet run FILE --from-lock` makes the film from it, without a provider and without
    the list of models of that day. The whole command is in archive.json.
    """
    from callsheet.api.handover import archive
    from callsheet.spec.plural import plural

    made = archive(file, target, sets=parse_sets(sets), inputs=inputs, store=store)
    if as_json:
        print_json(made)
        return 0
    click.echo(f"{made.path}: {plural(made.results, 'result')}, {plural(made.files, 'file')} of the project")
    unpack, enter = shell.command(["tar", "-xf", made.path]), shell.command(["cd", made.folder])
    click.echo(f"to make the film from it: {unpack}; {enter}; {made.run}")
    return 0
