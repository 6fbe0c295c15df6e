"""`callsheet runs`: what was run in this project, and what it cost."""

from __future__ import annotations

import json
from typing import Any

import click


@click.command("runs")
@click.option("as_json", "--json", is_flag=True, help="Print one JSON array.")
def command(as_json: bool) -> None:
    """List the runs of this project, newest first."""
    from callsheet.cli.views import ledger as ledgers
    from callsheet.runtime.ledger import MICROS

    ledger = ledgers.reader()
    rows: list[dict[str, Any]] = [
        {
            "name": run.name,
            "started": ledgers.when(run.started),
            "status": ledgers.status(run),
            "calls": len(ledger.attempts(run=run.id)),
            "usd": ledger.spent(run.id) / MICROS,
        }
        for run in ledger.runs()
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo("{name:<24}  {started}  {status:<11}  {calls:>4} calls  ${usd:.2f}".format(**row))
