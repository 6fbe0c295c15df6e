"""`callsheet resume`: fetch the results that are paid for, then continue a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from callsheet.cli.options import (
    buy_again_option,
    limit_options,
    notify_option,
    on_option,
    output_option,
    store_option,
    webhook_option,
    yes_option,
)
from callsheet.cli.permissions import grant_options, instances_option, trust_option
from callsheet.cli.views.wording import printable

if TYPE_CHECKING:
    from callsheet.runtime.fetch import Fetched
    from callsheet.runtime.workspace import Workspace


@click.command("resume")
@click.argument("run", required=False)
@click.option("--fetch-only", is_flag=True, help="Only fetch results that are paid for; send no request.")
@output_option
@limit_options
@on_option
@yes_option
@trust_option
@instances_option
@store_option
@webhook_option
@notify_option
@buy_again_option
@grant_options
def command(
    run: str | None,
    fetch_only: bool,
    output: str,
    budget: float | None,
    unpriced: bool | float,
    on: str,
    yes: bool,
    store: str,
    webhook: str,
    notify: str,
    pay_again: bool,
) -> int:
    """Continue RUN (by default the newest) where it was stopped. Nothing is paid twice.

    Results that are paid for are fetched. What is new since RUN is shown, and you are asked before it is
    bought, as by `run`. The budget of RUN still holds, less what was spent.
    """
    from callsheet.cli.commands.run import Typed
    from callsheet.cli.views import told
    from callsheet.runtime.plan.run_options import RunSettings
    from callsheet.runtime.resume import request_of
    from callsheet.runtime.runs import run_called
    from callsheet.runtime.workspace import Workspace

    with told(output) as view, Workspace.here() as workspace:
        found = run_called(workspace, run)
        alone = fetch_only or found.status == "done"
        ok = _fetch(workspace, brief=not alone)
        if not fetch_only and found.status == "done":
            click.echo(f"nothing to resume: {printable(found.name)} is done")
        if alone:
            return 0 if ok else 1
        request = request_of(workspace, run).under(budget, unpriced)
        settings = RunSettings(on=on, store=store, webhook=webhook, pay_again=pay_again, resumes=found)
        limit = budget is not None
        return Typed(workspace, request, settings, output, view, yes, limit, notify=notify).execute()


def _fetch(workspace: Workspace, brief: bool) -> bool:
    """Fetch what is paid for, and tell of each request; whether everything was fetched. brief: a run
    follows."""
    from callsheet.cli.views.ledger import attempt_line
    from callsheet.runtime.fetch import fetch

    done = fetch(workspace, _tell, brief)
    for attempt in done.unknown:
        click.echo(f"outcome unknown: {attempt_line(attempt)}; see callsheet reconcile", err=True)
    return done.ok


def _tell(request: Fetched) -> None:
    if request.problem:
        click.echo(f"{request.address}: {request.problem}", err=True)
        click.echo(f"  help: {request.next_step}", err=True)
    else:
        click.echo(f"fetched {request.address}  request {request.request_id}")
