"""`callsheet resume`: fetch what is paid for, then go on with the run."""

from __future__ import annotations

import asyncio

import click

from callsheet.runtime.workspace import Workspace


@click.command("resume")
@click.argument("run", required=False)
@click.option("--fetch-only", is_flag=True, help="Only fetch what is paid for; make nothing new.")
def command(run: str | None, fetch_only: bool) -> int:
    """Go on with RUN (by default the newest) where it was stopped; nothing is paid twice."""
    from callsheet.cli.invocation import Record
    from callsheet.cli.views import ledger as ledgers

    ledger = ledgers.reader()
    found = ledgers.find_run(ledger.runs(), run)
    ledger.close()
    failed = asyncio.run(_fetch())
    if fetch_only:
        return 1 if failed else 0
    from callsheet.cli.commands.run import command as run_command

    arguments = [*Record.from_json(found.pipeline).arguments(), "--yes"]
    result = run_command.main(arguments, standalone_mode=False)
    return int(result or 0)


async def _fetch() -> bool:
    """Bring home what is accepted; whether something could not be."""
    from callsheet.cli.views import ledger as ledgers
    from callsheet.errors import CallsheetError
    from callsheet.runtime.calls.pending import fetch_pending

    failed = False
    async with Workspace().open_for_payment() as project:
        async for attempt, outcome in fetch_pending(project):
            if isinstance(outcome, CallsheetError):
                failed = True
                click.echo(f"{attempt.address}: {outcome.message}", err=True)
            else:
                click.echo(f"fetched {attempt.address}  request {attempt.request_id}")
        for attempt in await project.ledger.attempts("UNKNOWN"):
            click.echo(f"in doubt: {ledgers.line(attempt)}; see callsheet reconcile", err=True)
    return failed
