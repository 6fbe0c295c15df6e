"""`callsheet adopt-state`: take over what was bought in another folder."""

from __future__ import annotations

from pathlib import Path

import click

from callsheet.cli.answer import json_option, print_json
from callsheet.spec.plural import plural


@click.command("adopt-state")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--project",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The project that takes it over (default: that of the current folder).",
)
@json_option
def command(path: Path, project: Path | None, as_json: bool) -> int:
    """Take the runs, requests and results in PATH/.callsheet/ over into this project.

    What was bought there is not bought again then. PATH stays as it is, and may be deleted afterwards. Typed
    a second time, the command changes nothing.
    """
    from callsheet.runtime.adopt_state import adopt_state
    from callsheet.runtime.workspace import Workspace, named_state
    from callsheet.spec.project import project_root

    with Workspace(project_root(project or Path()), named_state()) as workspace:
        done = adopt_state(workspace, path)
        if as_json:
            print_json(done)
            return 0
        for file in done.damaged:
            click.echo(f"damaged, and left where it is: {file}", err=True)
        what = ", ".join(
            [plural(done.runs, "run"), plural(done.attempts, "request"), plural(done.files, "file")]
        )
        click.echo(f"taken over from {done.source} into {workspace.state}: {what}")
    return 0
