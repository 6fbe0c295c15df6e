"""`callsheet runs`: the past runs of this project, and what they cost."""

from __future__ import annotations

import click

from callsheet.cli.answer import json_option, print_json


@click.command("runs")
@click.option("--bills", is_flag=True, help="First ask the providers what they billed.")
@json_option
def command(as_json: bool, bills: bool) -> None:
    """List the runs of this project, newest first."""
    from callsheet.api.money import runs
    from callsheet.cli.views.ledger import run_row

    if bills:
        from callsheet.cli.views.bills import bill_lines
        from callsheet.runtime.bills import read_bills
        from callsheet.runtime.workspace import Workspace

        for line in bill_lines(read_bills(Workspace.here())):
            click.echo(line, err=True)
    found = runs()
    if as_json:
        print_json(found)
        return
    for run in found.runs:
        click.echo(run_row(run))
