"""`callsheet runs`: the past runs of this project, and what they cost."""

from __future__ import annotations

import json

import click


@click.command("runs")
@click.option("as_json", "--json", is_flag=True, help="Print one JSON array.")
@click.option("--bills", is_flag=True, help="First ask the providers what they billed.")
def command(as_json: bool, bills: bool) -> None:
    """List the runs of this project, newest first."""
    from callsheet.cli.views.ledger import run_json, run_row
    from callsheet.runtime.runs import runs
    from callsheet.runtime.workspace import Workspace

    if bills:
        from callsheet.cli.views.bills import bill_lines
        from callsheet.runtime.bills import read_bills

        for line in bill_lines(read_bills(Workspace.here())):
            click.echo(line, err=True)
    found = runs(Workspace.here())
    if as_json:
        click.echo(json.dumps([run_json(run) for run in found], indent=2))
        return
    for run in found:
        click.echo(run_row(run))
