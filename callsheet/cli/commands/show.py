"""`callsheet show`: one run, request by request."""

from __future__ import annotations

import json
from dataclasses import asdict

import click


@click.command("show")
@click.argument("run", required=False)
@click.option("--events", "as_events", is_flag=True, help="Print the run's events, one JSON object a line.")
@click.option("as_json", "--json", is_flag=True, help="Print one JSON object.")
def command(run: str | None, as_events: bool, as_json: bool) -> None:
    """Show RUN (by default the newest): its requests, their cost, and which have an unknown outcome."""
    from callsheet.cli.views.ledger import attempt_line, run_head
    from callsheet.runtime.runs import events, show
    from callsheet.runtime.workspace import Workspace

    workspace = Workspace.here()
    if as_events:
        for line in events(workspace, run):
            click.echo(line)
        return
    found = show(workspace, run)
    if as_json:
        data = {
            "name": found.summary.name,
            "status": found.summary.status,
            "attempts": [asdict(attempt) for attempt in found.attempts],
        }
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    click.echo(run_head(found.summary))
    for attempt in found.attempts:
        click.echo(f"  {attempt_line(attempt)}")
