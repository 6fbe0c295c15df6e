"""Nothing is bought unasked: what a run may spend, and who agreed to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from callsheet.errors import InputError
from callsheet.runtime.ledger import NewRun, micros
from callsheet.runtime.plan.agreement import Agreement, agreement
from callsheet.runtime.plan.budget import Budget, budget_of
from callsheet.runtime.plan.estimate import Cost
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.prepare import Prepared
from callsheet.spec.money import span
from callsheet.spec.plural import plural

Confirm = Callable[[Plan], bool] | bool
"""Who answers for a run: a function that takes the plan, or the answer itself."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person has to agree to before a run begins. news: what is new since the run that it goes on
    from; nothing where it is new as a whole."""

    plan: Plan
    resumes: str
    news: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Why it is asked again, in words; "" for a new run."""
        return f"new since {self.resumes}: {'; '.join(self.news)}" if self.news else ""

    def unanswered(self, next_step: str) -> InputError:
        """What is raised where nobody agreed."""
        sums, where = amount(self.plan.cost), self.plan.graph.path
        reason = f" ({self.reason})" if self.reason else ""
        return InputError(f"{where} would spend {sums}, and nobody agreed to that{reason}", next_step)


def budget(prepared: Prepared) -> Budget | None:
    """The budget of a run; None without a limit. Raises InputError for one that is no amount of money."""
    if prepared.options.preview:
        return None
    ledger = prepared.workspace.ledger_reader(may_pay=True)
    return budget_of(prepared.graph, prepared.options, ledger, prepared.settings.budget)


def require_budget(prepared: Prepared) -> str:
    """Make sure that what is made for certain fits into the budget. Returns what is to be said of the rest,
    "" for nothing. Raises InputError, before anything is sent."""
    limit = budget(prepared)
    if limit is None or not _buys(prepared):
        return ""
    cost = prepared.plan.cost
    if problem := limit.problem(prepared.plan.forecasts, cost):
        raise problem
    return limit.warning(cost)


def question(prepared: Prepared) -> Question | None:
    """What has to be asked; None where nothing can be bought that nobody agreed to."""
    if not _buys(prepared):
        return None
    before = prepared.options.resumes
    if before is None:
        return Question(prepared.plan, "", ())
    known = Agreement.from_json(before.agreed)
    if known is None:
        return Question(prepared.plan, before.name, ("what was agreed to is not known",))
    ledger = prepared.workspace.require_ledger()
    news = tuple(known.news(agreed(prepared), ledger.attempts(run=before.id)))
    return Question(prepared.plan, before.name, news) if news else None


def require_consent(prepared: Prepared, confirm: Confirm) -> None:
    """Make sure that a run buys nothing unasked. confirm: the answer, or who gives it.

    Raises InputError, before anything is sent.
    """
    limited = prepared.options.budget is not None and prepared.options.resumes is None
    asked = None if confirm is True or limited else question(prepared)
    if asked is None:
        return
    if not callable(confirm):
        raise asked.unanswered("pass confirm=True, a function that is asked, or a limit: budget=…")
    if not confirm(prepared.plan):
        raise asked.unanswered("nothing was sent")


def new_run(prepared: Prepared) -> NewRun:
    """What the ledger keeps of a run that buys; it has no name yet."""
    options, limit = prepared.options, budget(prepared)
    first = None if options.resumes is None else options.resumes.first
    cap = None if options.unpriced is None else micros(options.unpriced)
    most = limit.limit if limit else None
    return NewRun("", options.record, most, cap, first, agreed(prepared).to_json())


def agreed(prepared: Prepared) -> Agreement:
    """What is agreed to with a run."""
    by_budget = prepared.options.budget is not None
    return agreement(prepared.graph, prepared.plan.cost, prepared.files, by_budget)


def amount(cost: Cost) -> str:
    """`$0.30 to $2.70 and 2 calls without a known price`."""
    usd = span(cost.low, cost.high)
    if not cost.unpriced:
        return usd
    calls = plural(cost.unpriced, "call without a known price")
    return f"{usd} and {calls}" if cost.high else calls


def _buys(prepared: Prepared) -> bool:
    """Whether a run may buy anything: now, when something is refused, or when what is under way fails."""
    cost = prepared.plan.cost
    if not prepared.paid or cost.worst > 0 or cost.unpriced or cost.unbounded:
        return bool(prepared.paid)
    fetched = (
        prepared.graph.instances[f.step.address] for f in prepared.plan.forecasts if f.action == "re-attach"
    )
    return any(i.alternatives or (i.options.attempts or 1) > 1 for i in fetched)
