"""`callsheet archive`: a film with everything that makes it again, in one file."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from callsheet.cli.options import fetch_what_is_pinned, parse_sets, sole_pipeline_options, store_option
from callsheet.spec.project import from_root


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
def command(file: Path, sets: tuple[str, ...], inputs: tuple[Path, ...], store: str, target: Path) -> int:
    """Write FILE with its lock file, lists, media, recipes, models and all results into one tar file.

    In ten years, `callsheet run FILE --from-lock` makes the film from it, without a provider and without the
    list of models of that day. The archive says the whole command.
    """
    from callsheet.cli.invocation import run_command
    from callsheet.runtime.archive import archive
    from callsheet.runtime.check import load
    from callsheet.runtime.plan.run_request import RunRequest
    from callsheet.runtime.workspace import Workspace
    from callsheet.spec.permissions import PERMISSIONS
    from callsheet.spec.plural import plural
    from callsheet.spec.profile import PROFILE

    fetch_what_is_pinned()
    with Workspace.of(file) as workspace:
        graph = load(file, parse_sets(sets), inputs)
        request = RunRequest(
            from_root(file, workspace.root),
            parse_sets(sets),
            tuple(from_root(path, workspace.root) for path in inputs),
            trust=PERMISSIONS.get().trust,
            profile=PROFILE.get(),
        )
        run = f"{run_command(request, preview=False)} --from-lock"
        made = archive(workspace, graph, target, store, run)
    click.echo(f"{made.path}: {plural(made.results, 'result')}, {plural(made.files, 'file')} of the project")
    click.echo(f"to make the film from it: tar -xf {shlex.quote(str(made.path))}; cd {made.folder}; {run}")
    return 0
