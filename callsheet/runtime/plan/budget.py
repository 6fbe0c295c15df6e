"""What a film may cost at most, held against what a run would do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from callsheet.dsl.graph import Graph
from callsheet.errors import InputError
from callsheet.runtime.ledger import MICROS, Ceiling, LedgerReader, micros
from callsheet.runtime.plan.estimate import Cost
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.settings import Limits
from callsheet.spec.json_documents import BudgetJson
from callsheet.spec.money import money, require_money, telling
from callsheet.spec.plural import plural
from callsheet.spec.price.age import today
from callsheet.spec.project import SETTINGS

NO_LIMITS: Final = Limits()
NAMED: Final = 3
"""Calls that a message names."""
CALLS: Final = "call without a known price"


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit, in micro-dollars.

    limit: for a run and those that it goes on from. counted: what counts for it already: spent, reserved and
    in doubt. cap: what each call without a known price counts as; None where no such call is allowed. source:
    who says so: "--budget", the pipeline's file, or the project.
    """

    limit: int
    counted: int
    cap: int | None
    source: str

    @property
    def left(self) -> int:
        """Micro-dollars that may still be spent."""
        return max(0, self.limit - self.counted)

    def problem(self, forecasts: Sequence[Forecast], cost: Cost) -> InputError | None:
        """Why a run cannot be made under this budget; None if it can."""
        unpriced = cost.unpriced if self.cap is None else 0
        too_much = self._too_much(forecasts)
        if too_much is not None:
            more = f", and there {'are' if unpriced > 1 else 'is'} {plural(unpriced, CALLS)}"
            return InputError(
                f"{too_much}{more if unpriced else ''}",
                "nothing was sent; raise the budget, or make less with --only",
            )
        if unpriced:
            named = [f.step.address for f in forecasts if f.usd is None][:NAMED]
            which = f" ({', '.join(named)}{', …' if unpriced > len(named) else ''})" if named else ""
            return InputError(
                f"{plural(unpriced, CALLS)}{which}, and the budget is {self}",
                "nothing was sent; say what each of them counts as: --unpriced 0.50",
            )
        return None

    def _too_much(self, forecasts: Sequence[Forecast]) -> str | None:
        """That what is made for certain does not fit, at the most that it can cost; None if it does."""
        least, most = self._sure(forecasts)
        if most <= self.left:
            return None
        how, usd = ("costs at least", least) if least > self.left else ("may cost up to", most)
        tell = telling(usd / MICROS, self.left / MICROS)
        return f"what is to be made {how} {tell(usd / MICROS)}, and the budget is {self.told(tell)}"

    def warning(self, cost: Cost) -> str:
        """What is to be said of a run that may need more than is left; "" if it cannot."""
        most = micros(cost.worst) + (self.cap or 0) * cost.unpriced
        if most <= self.left and not cost.unbounded:
            return ""
        tell = telling(most / MICROS, self.left / MICROS)
        how = f"up to {tell(most / MICROS)}" if most > self.left else "more than is known"
        return f"it may need {how}, and the budget is {self.told(tell)}: what does not fit is not made"

    def told(self, tell: Callable[[float], str]) -> str:
        """The limit, what counts for it, and who says so. tell: how a sum is written."""
        counted = f", {tell(self.counted / MICROS)} of it spent or in doubt" if self.counted else ""
        return f"{tell(self.limit / MICROS)} ({self.source}{counted})"

    def __str__(self) -> str:
        return self.told(money)

    def to_json(self) -> BudgetJson:
        """As JSON values, in USD."""
        cap = None if self.cap is None else self.cap / MICROS
        return {
            "usd": self.limit / MICROS,
            "counted": self.counted / MICROS,
            "unpriced": cap,
            "source": self.source,
        }

    def _sure(self, forecasts: Sequence[Forecast]) -> tuple[int, int]:
        """Micro-dollars of what is made for certain, at the least and at the most, each price rounded as the
        ledger reserves it."""
        made = [f for f in forecasts if f.action == "make"]
        unknown = (self.cap or 0) * sum(f.usd is None for f in made)
        least = sum(micros(f.step.least) for f in made if f.usd is not None)
        return least + unknown, sum(micros(f.usd) for f in made if f.usd is not None) + unknown


def budget_of(
    graph: Graph, options: RunOptions, ledger: LedgerReader | None, project: Limits = NO_LIMITS
) -> Budget | None:
    """The budget of a run of `graph`: the least of what a person or the file allows and what the project
    allows; None without a limit. ledger: None while nothing was ever bought.

    Raises InputError for an option that is no amount of money.
    """
    cap = None if options.unpriced is None else micros(require_money(options.unpriced, "--unpriced"))
    first = None if options.resumes is None else options.resumes.first
    counted = ledger.counted(first, f"{graph.name}-") if ledger else 0
    limits: list[tuple[int, str]] = []
    if options.budget is not None:
        limits.append((micros(require_money(options.budget, "--budget")), "--budget"))
    elif graph.budget is not None:
        limits.append((micros(graph.budget), f"`budget:` in {graph.path.name}"))
    limits.extend(_of_project(project, ledger, counted))
    if not limits:
        return None
    limit, source = min(limits, key=lambda found: found[0])
    return Budget(limit, counted, cap, source)


def _of_project(project: Limits, ledger: LedgerReader | None, counted: int) -> Iterator[tuple[int, str]]:
    """The limits of the project for this run, in micro-dollars, and who says so."""
    if project.run is not None:
        yield micros(project.run), f"`run` in {SETTINGS}"
    if (month := month_of(project)) is not None:
        spent = ledger.spent_since(month.since) if ledger else 0
        whole, gone = money(month.limit / MICROS), money(spent / MICROS)
        yield counted + max(0, month.limit - spent), f"`month` of {whole} in {SETTINGS}, {gone} spent"


def month_of(project: Limits) -> Ceiling | None:
    """What all runs of the project may spend together in this month; None without a limit."""
    if project.month is None:
        return None
    return Ceiling(micros(project.month), _first_of_month(), f"`month` in {SETTINGS}")


def _first_of_month() -> float:
    """When the month began, in seconds since the epoch."""
    first = today().replace(day=1)
    return time.mktime(first.timetuple())
