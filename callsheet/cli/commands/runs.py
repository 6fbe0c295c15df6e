"""`callsheet runs`: the past runs of this project, and what they cost."""

from __future__ import annotations

import json

import click


@click.command("runs")
@click.option("as_json", "--json", is_flag=True, help="Print one JSON array.")
def command(as_json: bool) -> None:
    """List the runs of this project, newest first."""
    from callsheet.cli.views.ledger import run_json, run_row
    from callsheet.runtime.runs import runs
    from callsheet.runtime.workspace import Workspace

    found = runs(Workspace.here())
    if as_json:
        click.echo(json.dumps([run_json(run) for run in found], indent=2))
        return
    for run in found:
        click.echo(run_row(run))
