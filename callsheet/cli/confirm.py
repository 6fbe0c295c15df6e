"""What `run` asks the person at the terminal before it makes anything."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from callsheet.cli.output import paint_on
from callsheet.cli.views.wording import printable
from callsheet.runtime.start import Answers

if TYPE_CHECKING:
    from callsheet.dsl.diagnostics.diagnostic import Diagnostic
    from callsheet.dsl.graph import Graph
    from callsheet.runtime.consent import Question
    from callsheet.runtime.prepare import Prepared
    from callsheet.runtime.store.os_lock import InUse


@dataclass(frozen=True, slots=True)
class Person(Answers):
    """The person who typed the command. yes: `--yes`. limit: `--budget`, which is an answer where nobody sits
    at a terminal. quiet: tell nothing that is no question. A no is click.Abort."""

    yes: bool = False
    limit: bool = False
    quiet: bool = False

    def warned(self, diagnostics: Sequence[Diagnostic]) -> None:
        if not self.quiet:
            from callsheet.dsl.diagnostics.render import render_all

            click.echo(render_all(diagnostics, paint_on(sys.stderr)) + "\n", err=True)

    def store(self, graph: Graph) -> None:
        _ask_for_store(graph)

    def grants(self, prepared: Prepared) -> bool:
        return _ask_for_grants(prepared)

    def credit(self, prepared: Prepared) -> None:
        if not self.quiet:
            _tell_of_balances(prepared)

    def buy_again(self, prepared: Prepared) -> Prepared:
        return _ask_to_buy_again(prepared)

    def cost(self, prepared: Prepared, by_plan: bool) -> None:
        """A saved plan was seen by whoever made it: to run it is to agree to what it costs."""
        from callsheet.runtime.consent import question

        if self.yes or by_plan or (asked := question(prepared)) is None:
            return
        if sys.stdin.isatty():
            _ask(asked, prepared)
        elif not self.limit:
            raise asked.unanswered(
                "nothing was sent; callsheet plan shows it; say --yes, or set a limit: --budget USD"
            )

    def note(self, text: str) -> None:
        click.echo(f"note: {text}", err=True)


def _ask_for_grants(prepared: Prepared) -> bool:
    """Ask the person at the terminal for what the pipeline needs a word for, once for each project.

    Returns whether prices were granted, so that the plan has to be made anew.
    Raises InputError without a terminal, and click.Abort for a no.
    """
    from callsheet.runtime.grants import Grants, needs_of, require_grants

    if not prepared.needs_grants:
        return False
    root = prepared.workspace.root
    if not sys.stdin.isatty():
        require_grants(prepared.plan, root)
        return False
    grants, cheaper = Grants(root), False
    for need in grants.missing(needs_of(prepared.plan)):
        click.echo(printable(f"{need}."))
        if need.kind == "price":
            if click.confirm("Count the lower price in this project?"):
                grants.remember([need])
                cheaper = True
            continue
        click.confirm("Grant that for this project?", abort=True)
        grants.remember([need])
    return cheaper


def _ask_to_buy_again(prepared: Prepared) -> Prepared:
    """Ask the person at the terminal before anything is bought that the lock file names. `--yes` is no answer
    to that; `--buy-again` is.

    Raises InputError without a terminal, and click.Abort for a no.
    """
    from callsheet.runtime.buy_again import agreed_to, bought_before, refuse_to_buy_again

    found = bought_before(prepared)
    if found is None:
        return prepared
    if not sys.stdin.isatty():
        refuse_to_buy_again(prepared)
    click.echo(printable(f"{found}; {found.next_step}."))
    click.confirm("Buy again what was paid for already?", abort=True)
    return agreed_to(prepared)


def _ask_for_store(graph: Graph) -> None:
    """Ask the person at the terminal, once for each project, whether the store outside of it that its
    `callsheet.toml` names is used. Raises click.Abort for a no."""
    from callsheet.runtime.project_store import grant, needs_grant, shown
    from callsheet.runtime.settings import settings_of

    settings = settings_of(graph.path)
    if sys.stdin.isatty() and needs_grant(settings):
        click.echo(printable(f"callsheet.toml names the store {shown(settings)}, outside the project."))
        click.echo("Results are read from it, and yours are uploaded to it.")
        click.confirm("Grant that for this project?", abort=True)
        grant(settings)


def _ask(asked: Question, prepared: Prepared) -> None:
    """Show the plan to the person at the terminal, and ask before money is spent."""
    from callsheet.cli.views.plan import amount, shown
    from callsheet.runtime.consent import budget
    from callsheet.runtime.plan_outcome import outcome_of

    outcome = outcome_of(asked.plan, prepared.workspace, budget(prepared))
    click.echo(shown(outcome) + "\n")
    if asked.reason:
        click.echo(printable(asked.reason))
    where = printable(str(outcome.graph.path))
    click.confirm(f"Run {where} for {amount(outcome.cost)}?", abort=True)


def _tell_of_balances(prepared: Prepared) -> None:
    """Tell how much credit is left, where the provider tells it; and whether the run may need more."""
    from callsheet.runtime.balance import balances
    from callsheet.spec.money import money

    for found in balances(prepared):
        needed = prepared.plan.cost.high
        more = f", and this may cost {money(needed)}" if needed > found.usd else ""
        left = money(found.usd) if found.usd >= 0 else f"-{money(-found.usd)}"
        click.echo(printable(f"{found.provider}: {left} of credit left{more}"), err=True)


def tells_of_waiting() -> Callable[[InUse], None]:
    """Tells which process has to end first, once for each."""
    told: set[str] = set()

    def tell(other: InUse) -> None:
        if other.message not in told:
            told.add(other.message)
            click.echo(printable(f"waiting: {other.message}"), err=True)

    return tell
