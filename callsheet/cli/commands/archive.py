"""`callsheet archive`: a film with everything that makes it again, in one file."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from callsheet.cli.options import fetch_what_is_pinned, parse_sets, sole_pipeline_options, store_option


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
def command(file: Path, sets: tuple[str, ...], inputs: Path | None, store: str, target: Path) -> int:
    """Write FILE with its lock file, lists, media, recipes, models and all results into one tar file.

    In ten years, `callsheet run FILE --from-lock` makes the film from it, without a provider and without the
    list of models of that day.
    """
    from callsheet.api import load
    from callsheet.runtime.archive import archive
    from callsheet.runtime.workspace import Workspace
    from callsheet.spec.plural import plural

    fetch_what_is_pinned()
    with Workspace.of(file) as workspace:
        made = archive(workspace, load(file, parse_sets(sets), inputs), target, store)
    click.echo(f"{made.path}: {plural(made.results, 'result')}, {plural(made.files, 'file')} of the project")
    words = [word for one in sets for word in ("--set", one)]
    run = shlex.join(["callsheet", "run", made.film, "--from-lock", *words])
    click.echo(f"to make the film from it: tar -xf {shlex.quote(str(made.path))}; cd {made.folder}; {run}")
    return 0
