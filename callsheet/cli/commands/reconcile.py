"""`callsheet reconcile`: resolve requests whose outcome is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from callsheet.cli.amounts import Number
from callsheet.cli.answer import json_option, print_json
from callsheet.spec import shell

if TYPE_CHECKING:
    from callsheet.runtime.reconcile import Reconciled


@click.command("reconcile")
@click.argument("address", required=False)
@click.option("--adopt", metavar="ID", help="The request with this id is the one; its result is fetched.")
@click.option(
    "--unseen",
    is_flag=True,
    help="With --adopt: also if the provider does not show what the request asked for.",
)
@click.option("--lost", is_flag=True, help="Give the request up; it stays counted as spent.")
@click.option("--pay-again", is_flag=True, help="Send it again in the next run; it may be paid twice.")
@click.option(
    "--grace",
    type=Number("seconds", 0, 31_536_000, "600"),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="After this time, a request that the provider does not list was never accepted.",
)
@json_option
def command(
    address: str | None,
    adopt: str | None,
    unseen: bool,
    lost: bool,
    pay_again: bool,
    grace: float,
    as_json: bool,
) -> int:
    """Look up the requests whose outcome is unknown at their provider, and resolve those that can be proven.

    Also reads bills, and lists what is paid and not fetched. With ADDRESS and a decision, you resolve one
    yourself. Exits with 1 while some outcomes are unknown, or a provider cannot be asked.
    """
    from callsheet.api.money import reconcile
    from callsheet.cli.views.bills import bill_lines
    from callsheet.cli.views.ledger import attempt_line

    done = reconcile(address or "", adopt, unseen, lost, pay_again, grace)
    if as_json:
        print_json(done)
        return 1 if done.unknown else 0
    if adopt is not None:
        click.echo(f"adopted {address}: request {adopt}; the next run fetches its result")
    elif lost:
        click.echo(f"gave up {address}; it stays counted as spent")
    elif pay_again:
        click.echo(f"the next run sends {address} again")
    else:
        _tell(done)
        for line in bill_lines(done.bills):
            click.echo(line, err=True)
    for attempt in done.unknown:
        click.echo(f"outcome unknown: {attempt_line(attempt)}")
    for attempt in done.unfetched:
        click.echo(f"paid, not fetched: {attempt_line(attempt)}")
    if done.unfetched:
        one = shell.quoted(done.unfetched[0].address)
        click.echo(
            f"`callsheet resume --fetch-only` fetches them; `callsheet reconcile {one} --lost` gives it up"
        )
    if not done.unknown:
        click.echo("no request has an unknown outcome")
    return 1 if done.unknown or done.problems else 0


def _tell(done: Reconciled) -> None:
    for provider, problem in done.problems.items():
        click.echo(f"{provider}: {problem}", err=True)
    for finding in done.findings:
        click.echo(f"{finding.attempt.address}: {finding.verdict}, {finding.reason}")
        for candidate in finding.candidates:
            click.echo(f"  it may be request {candidate}")
