"""`callsheet cancel`: call back requests that are still under way at a provider."""

from __future__ import annotations

import asyncio

import click

from callsheet.runtime.workspace import Workspace


@click.command("cancel")
@click.argument("run", required=False)
@click.option("--only", multiple=True, metavar="ADDRESS", help="These instances only.")
def command(run: str | None, only: tuple[str, ...]) -> int:
    """Cancel what RUN (by default the newest) left under way. What runs already may be billed."""
    from callsheet.cli.views import ledger as ledgers

    ledger = ledgers.reader()
    found = ledgers.find_run(ledger.runs(), run)
    ledger.close()
    return asyncio.run(_cancel(found.id, only))


async def _cancel(run: int, only: tuple[str, ...]) -> int:
    from callsheet.errors import CallsheetError
    from callsheet.runtime.calls.pending import cancel_requests

    code = 0
    async with Workspace().open_for_payment() as project:
        attempts = await project.ledger.attempts("INTENT", "ACCEPTED", run=run)
        chosen = [a for a in attempts if not only or a.address in only]
        if not chosen:
            click.echo("nothing is under way")
        async for attempt, outcome in cancel_requests(project, chosen):
            if isinstance(outcome, CallsheetError):
                code = 1
                click.echo(f"{attempt.address}: {outcome.message}", err=True)
            else:
                click.echo(f"cancelled {attempt.address}")
    return code
