"""`callsheet show`: one run, call by call."""

from __future__ import annotations

import json
from dataclasses import asdict

import click


@click.command("show")
@click.argument("run", required=False)
@click.option("--events", is_flag=True, help="The run's events, one JSON object a line.")
@click.option("as_json", "--json", is_flag=True, help="Print one JSON object.")
def command(run: str | None, events: bool, as_json: bool) -> None:
    """Show RUN (by default the newest): its calls, what they cost, what is in doubt."""
    from callsheet.cli.views import ledger as ledgers

    ledger = ledgers.reader()
    found = ledgers.find_run(ledger.runs(), run)
    attempts = ledger.attempts(run=found.id)
    if events:
        for line in ledger.events(found.id):
            click.echo(line)
    elif as_json:
        data = {
            "name": found.name,
            "status": ledgers.status(found),
            "attempts": [asdict(a) for a in attempts],
        }
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        budget = f" of at most {ledgers.usd(found.budget)}" if found.budget is not None else ""
        spent = ledgers.usd(ledger.spent(found.id))
        click.echo(f"{found.name}  {ledgers.when(found.started)}  {ledgers.status(found)}  {spent}{budget}")
        for attempt in attempts:
            click.echo(f"  {ledgers.line(attempt)}")
