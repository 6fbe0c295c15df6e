"""Several films planned together: one total, in which what films share counts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from callsheet.cli.views.plan import COUNTED, amount
from callsheet.runtime.plan.forecast import Action
from callsheet.runtime.plan_outcome import Outcome, apart, counts, total_cost
from callsheet.spec.plural import plural


def plan_total(outcomes: Sequence[Outcome]) -> str:
    """`3 films: 5 to make, 40 reused: $1.20 (2 more are made for another of them)`."""
    found, alone = Counter[Action](), list(apart(outcomes))
    for outcome in alone:
        found.update(counts(outcome))
    named = ", ".join(f"{found[action]} {COUNTED[action]}" for action in COUNTED if found[action])
    shared = sum(len(outcome.forecasts) for outcome in outcomes) - found.total()
    shared += sum(len(outcome.graph.skipped) for outcome in outcomes)
    more = f" ({shared} more {'is' if shared == 1 else 'are'} made for another of them)" if shared else ""
    films = plural(len(outcomes), "film")
    return f"{films}: {named or 'nothing to make'}: {amount(total_cost(outcomes))}{more}"
