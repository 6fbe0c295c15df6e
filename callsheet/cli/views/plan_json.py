"""A plan as JSON values: what `callsheet plan --json` prints, and what a saved plan shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from callsheet.cli.views.plan import Outcome, counts
from callsheet.cli.views.plan_total import total_cost
from callsheet.runtime.plan.estimate import Cost
from callsheet.runtime.plan.plan import Plan


def plan_json(outcome: Outcome, seen: Plan) -> dict[str, Any]:
    """The plan as `callsheet plan --json` prints it; an unknown price or length is null."""
    data: dict[str, Any] = seen.draft.to_json()
    cost, time = outcome.cost, outcome.time
    data["counts"] = counts(outcome)
    data["usd"] = _usd(cost)
    if outcome.budget is not None:
        data["budget"] = outcome.budget.to_json()
    data["time"] = {"seconds": round(time.seconds, 1), "path": [*time.path], "measured": time.measured}
    for step, found in zip(data["steps"], seen.forecasts, strict=True):
        usd = None if found.step.usd is None else round(found.step.usd, 6)
        if found.step.quote is not None and found.step.provider != "local":
            step["price"] = found.step.quote.to_json()
        step.update({"action": found.action, "reason": found.reason, "key": found.key or None, "usd": usd})
    if outcome.needs:
        data["needs"] = [asdict(need) for need in outcome.needs]
    if elsewhere := outcome.elsewhere:
        where = {"lock": str(elsewhere.lock)} if elsewhere.state is None else {"state": str(elsewhere.state)}
        usd = round(elsewhere.usd, 6)
        data["paid_elsewhere"] = {**where, "addresses": [*elsewhere.addresses], "usd": usd}
    if outcome.near:
        data["notes"] = [f"{problem.message}; {problem.help}" for problem in outcome.near]
    if seen.pending:
        data["pending"] = [bound.to_json() for bound in seen.pending]
    return data


def total_json(plans: Sequence[dict[str, Any]], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Several plans, and what all of them cost."""
    return {"plans": [*plans], "usd": _usd(total_cost(outcomes))}


def _usd(cost: Cost) -> dict[str, Any]:
    return {
        "low": round(cost.low, 6),
        "high": None if cost.unpriced else round(cost.high, 6),
        "worst": None if cost.unpriced or cost.unbounded else round(cost.worst, 6),
        "blocked": round(cost.blocked, 6),
        "unpriced": cost.unpriced,
    }
