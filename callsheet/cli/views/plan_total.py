"""Several films planned together: one total, in which what films share counts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, replace

from callsheet.cli.views.plan import COUNTED, Outcome, amount, counts
from callsheet.runtime.plan.estimate import Cost, cost
from callsheet.runtime.plan.forecast import Action, Forecast
from callsheet.spec.plural import plural


def plan_total(outcomes: Sequence[Outcome]) -> str:
    """`3 films: 5 to make, 40 reused: $1.20 (2 more are made for another of them)`."""
    found, alone = Counter[Action](), list(_apart(outcomes))
    for outcome in alone:
        found.update(counts(outcome))
    named = ", ".join(f"{found[action]} {COUNTED[action]}" for action in COUNTED if found[action])
    shared = sum(len(outcome.forecasts) for outcome in outcomes) - found.total()
    shared += sum(len(outcome.graph.skipped) for outcome in outcomes)
    more = f" ({shared} more {'is' if shared == 1 else 'are'} made for another of them)" if shared else ""
    films = plural(len(outcomes), "film")
    return f"{films}: {named or 'nothing to make'}: {amount(total_cost(outcomes))}{more}"


def total_cost(outcomes: Sequence[Outcome]) -> Cost:
    """The cost of all films together, one made after the other."""
    fields = zip(*(astuple(outcome.cost) for outcome in _apart(outcomes)), strict=True)
    return Cost(*map(sum, fields)) if outcomes else Cost(0, 0, 0, 0, 0)


def _apart(outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """Each film without what an earlier one of them makes for it, as far as that is known."""
    made: set[str] = set()
    for outcome in outcomes:
        alone = [found for found in outcome.forecasts if found.key not in made or not _once(found, outcome)]
        made |= {found.key for found in alone if _once(found, outcome)}
        yield replace(outcome, forecasts=alone, cost=cost(alone, outcome.pending))


def _once(found: Forecast, outcome: Outcome) -> bool:
    """Whether another film that asks for the same reuses what is made here."""
    if found.action != "make" or not found.key:
        return False
    return outcome.graph.instances[found.step.address].options.cache == "auto"
