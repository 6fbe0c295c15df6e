"""What `run` checks before it makes anything: the saved plan, the keys, and a person's yes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from callsheet.cli.views.wording import printable
from callsheet.runtime.plan.plan_mark import is_plan

if TYPE_CHECKING:
    from callsheet.dsl.graph import Graph
    from callsheet.runtime.consent import Question
    from callsheet.runtime.plan.plan_file import PlanFile
    from callsheet.runtime.plan.run_request import RunRequest
    from callsheet.runtime.prepare import Prepared
    from callsheet.runtime.store.os_lock import InUse


def saved_plan(file: Path, given: RunRequest, preview: bool) -> PlanFile | None:
    """The plan that `file` is, if it is one. Raises InputError for options that a plan decides itself."""
    if not is_plan(file):
        return None
    from callsheet.errors import InputError
    from callsheet.runtime.plan import plan_file

    if given.sets or given.inputs or given.only or given.profile or preview:
        raise InputError(
            f"{file} is a saved plan, which cannot be changed",
            "run it without --set, --inputs, --profile, --only and --preview, or make another plan",
        )
    saved = plan_file.read(file)
    if saved.request.trust and not given.trust:
        raise InputError(f"{file} runs code beside the pipeline", "if you trust it, say so with --trust")
    return saved


def planned(saved: PlanFile, given: RunRequest) -> RunRequest:
    """What the plan was made from, with the limits of this run."""
    return replace(saved.request, out=given.out, budget=given.budget, unpriced=given.unpriced)


class Answered(NamedTuple):
    """What the command line says about the cost. yes: `--yes`. limit: `--budget`, which is an answer where
    nobody sits at a terminal."""

    yes: bool = False
    limit: bool = False


def confirm(prepared: Prepared, saved: PlanFile | None, again: str, answered: Answered) -> None:
    """Make sure that a run may begin: the saved plan is still true and was not executed, the budget is large
    enough, every key is set, and somebody agrees to the cost.

    again: the command that makes the saved plan anew. Raises InputError, and click.Abort for a no.
    """
    from callsheet.runtime.consent import question, require_budget

    if saved is not None:
        _refuse_if_moved(saved, prepared, again)
    warning = require_budget(prepared)
    prepared.require_keys()
    if saved is not None:
        from callsheet.runtime.plan.plan_file import claim

        claim(saved, prepared.workspace.state)
    elif not answered.yes and (asked := question(prepared)) is not None:
        if sys.stdin.isatty():
            _ask(asked, prepared)
        elif not answered.limit:
            raise asked.unanswered(
                "nothing was sent; callsheet plan shows it; say --yes, or set a limit: --budget USD"
            )
    if warning:
        click.echo(f"note: {warning}", err=True)


def _refuse_if_moved(saved: PlanFile, prepared: Prepared, again: str) -> None:
    from callsheet.runtime.plan.plan_file import refuse_if_moved
    from callsheet.runtime.plan.plan_inputs import inputs_of

    plan = prepared.plan
    refuse_if_moved(saved, inputs_of(plan.graph, plan.forecasts, prepared.lock), again)


def ask_for_grants(prepared: Prepared) -> bool:
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


def ask_to_buy_again(prepared: Prepared) -> Prepared:
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


def ask_for_store(graph: Graph) -> None:
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
    from callsheet.cli.views.plan import amount, outcome_of, shown
    from callsheet.runtime.consent import budget

    outcome = outcome_of(asked.plan, prepared.workspace, budget(prepared))
    click.echo(shown(outcome) + "\n")
    if asked.reason:
        click.echo(printable(asked.reason))
    where = printable(str(outcome.graph.path))
    click.confirm(f"Run {where} for {amount(outcome.cost)}?", abort=True)


def tell_of_balances(prepared: Prepared) -> None:
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
