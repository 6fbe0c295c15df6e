"""`callsheet show`: one run, request by request."""

from __future__ import annotations

import click

from callsheet.cli.answer import json_option, print_json


@click.command("show")
@click.argument("run", required=False)
@click.option("--events", "as_events", is_flag=True, help="Print the run's events, one JSON object a line.")
@click.option(
    "start", "--events-from", type=click.IntRange(1), metavar="N", help="The events from the number N on."
)
@click.option("--follow", is_flag=True, help="With events: go on until the run has ended.")
@json_option
def command(run: str | None, as_events: bool, start: int | None, follow: bool, as_json: bool) -> None:
    """Show RUN (by default the newest): its requests, their cost, and which have an unknown outcome.

    If a stream of events was cut off, read the rest: `callsheet show RUN --events-from 17 --follow`.
    """
    from callsheet.cli.views.ledger import attempt_line, run_head
    from callsheet.runtime.runs import events_from, show
    from callsheet.runtime.workspace import Workspace

    workspace = Workspace.here()
    if as_events or start is not None or follow:
        for line in events_from(workspace, run, start or 1, follow):
            click.echo(line)
        return
    found = show(workspace, run)
    if as_json:
        print_json(found)
        return
    click.echo(run_head(found.summary))
    for attempt in found.attempts:
        click.echo(f"  {attempt_line(attempt)}")
