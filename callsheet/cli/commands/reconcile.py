"""`callsheet reconcile`: settle the calls of which nobody knows whether they were accepted."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import click

from callsheet.errors import InputError
from callsheet.runtime.workspace import Workspace

if TYPE_CHECKING:
    from callsheet.runtime.calls.session import Project
    from callsheet.runtime.ledger import Attempt


@click.command("reconcile")
@click.argument("address", required=False)
@click.option("--adopt", metavar="ID", help="This request id is that call; it is fetched, not paid again.")
@click.option("--lost", is_flag=True, help="Give the call up; it stays counted as spent.")
@click.option("--pay-again", is_flag=True, help="Make it anew in the next run, though it may be paid twice.")
@click.option(
    "--grace", type=float, default=600.0, show_default=True, metavar="SECONDS", help="When absence counts."
)
def command(address: str | None, adopt: str | None, lost: bool, pay_again: bool, grace: float) -> int:
    """Look the calls in doubt up at their provider, and act on what is proven.

    With ADDRESS and a decision, a person settles one. Exits with 1 while calls are in doubt.
    """
    decisions = sum((adopt is not None, lost, pay_again))
    if decisions > 1:
        raise InputError("--adopt, --lost and --pay-again exclude each other", "choose one")
    if decisions and not address:
        raise InputError("a decision is about one call", "name it: callsheet reconcile 'clip[\"dawn\"]' …")
    return asyncio.run(_reconcile(address, adopt, lost, pay_again, grace))


async def _reconcile(address: str | None, adopt: str | None, lost: bool, again: bool, grace: float) -> int:
    from callsheet.cli.views import ledger as ledgers

    ledgers.reader().close()
    async with Workspace().open_for_payment() as project:
        if adopt or lost or again:
            await _decide(project, await _in_doubt(project, str(address)), adopt, lost)
        else:
            await _look_up(project, grace)
        left = await project.ledger.attempts("UNKNOWN")
        for attempt in left:
            click.echo(f"in doubt: {ledgers.line(attempt)}")
    if not left:
        click.echo("nothing is in doubt")
    return 1 if left else 0


async def _in_doubt(project: Project, address: str) -> Attempt:
    found = [a for a in await project.ledger.attempts("UNKNOWN", "LOST", "FAILED") if a.address == address]
    if not found:
        raise InputError(f"no call of {address} is in doubt", "`callsheet reconcile` lists what is")
    return found[-1]


async def _decide(project: Project, attempt: Attempt, adopt: str | None, lost: bool) -> None:
    from callsheet.runtime.calls import reconcile

    if adopt:
        await reconcile.adopt(project.ledger, attempt, adopt)
        click.echo(f"adopted {attempt.address}: request {adopt}; the next run fetches it")
    elif lost:
        await reconcile.declare_lost(project.ledger, attempt)
        click.echo(f"given up {attempt.address}; it stays counted as spent")
    else:
        await reconcile.pay_again(project.ledger, attempt)
        click.echo(f"{attempt.address} is made anew by the next run")


async def _look_up(project: Project, grace: float) -> None:
    from callsheet.errors import NodeError
    from callsheet.runtime.calls.reconcile import reconcile

    for queue in project.queues.values():
        try:
            findings = await reconcile(project.ledger, queue, time.time(), grace)
        except NodeError as error:
            click.echo(f"{queue.name}: {error.message}", err=True)
            continue
        for finding in findings:
            click.echo(f"{finding.attempt.address}: {finding.verdict}, {finding.reason}")
            for candidate in finding.candidates:
                click.echo(f"  it may be request {candidate}")
