"""What a plan means for whoever pays: its cost and time, what has to be granted, what could be mistaken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from callsheet.dsl.graph import Graph
from callsheet.nodes.openapi.live_list import LiveList
from callsheet.nodes.openapi.project_models import FOLDER
from callsheet.runtime.foresee_adoption import foresee_adoption
from callsheet.runtime.grants import Need, needs_of
from callsheet.runtime.neighbours import neighbours
from callsheet.runtime.other_states import PaidElsewhere
from callsheet.runtime.plan import estimate
from callsheet.runtime.plan.estimate import Cost, Time, cost
from callsheet.runtime.plan.forecast import Action, Forecast
from callsheet.runtime.plan.recorded_durations import durations
from callsheet.runtime.plan.row_costs import row_costs
from callsheet.runtime.plan.too_short import TooShort, too_short
from callsheet.runtime.plan.upper_bound import UpperBound
from callsheet.runtime.workspace import Workspace
from callsheet.spec.json_documents import PlanJson, PlansJson, RangeJson
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.rules.rule import Problem
from callsheet.spec.values import leaves

if TYPE_CHECKING:
    from callsheet.runtime.plan.budget import Budget
    from callsheet.runtime.plan.plan import Plan

ACTIONS: Final[tuple[Action, ...]] = (
    "make",
    "may change",
    "re-attach",
    "blocked",
    "declined",
    "unknown",
    "reuse",
    "skipped",
)
"""In the order in which they are counted."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be shown. pending: what may come with lists that are not known yet. needs: what a person has
    to grant. budget: None without a limit. elsewhere: what is paid for in the state of another folder.
    ledger: whether there is one. near: what could be mistaken for this film or its project, and a store that
    is not used. listed: the day when the project's own list of models was read, "" for never. short: shots of
    which a cut shows more than there is."""

    graph: Graph
    forecasts: Sequence[Forecast]
    cost: Cost
    time: Time
    pending: Sequence[UpperBound] = ()
    needs: Sequence[Need] = ()
    budget: Budget | None = None
    elsewhere: PaidElsewhere | None = None
    ledger: bool = True
    near: Sequence[Problem] = ()
    listed: str = ""
    short: Sequence[TooShort] = ()


def outcome_of(seen: Plan, workspace: Workspace, budget: Budget | None = None) -> Outcome:
    """What a plan shows: the forecasts with their cost and time."""
    time = estimate.time(seen.forecasts, durations(workspace))
    found = Outcome(seen.graph, seen.forecasts, seen.cost, time, seen.pending, needs_of(seen), budget)
    elsewhere, near = foresee_adoption(seen, workspace), tuple(neighbours(seen.graph, workspace))
    listed = LiveList(workspace.root / FOLDER).date
    ledger = workspace.books.exists
    short = too_short(seen.graph, {f.step.address: _facts(f) for f in seen.forecasts})
    return replace(found, elsewhere=elsewhere, ledger=ledger, near=near, listed=listed, short=short)


def _facts(found: Forecast) -> Mapping[str, Facts]:
    """Of a result that is here, what it is; of another, what is expected."""
    if found.outputs is None:
        return found.step.facts
    firsts = {name: next(leaves(value, Artifact), None) for name, value in found.outputs.items()}
    return {name: artifact.facts for name, artifact in firsts.items() if artifact is not None}


def counts(outcome: Outcome) -> dict[Action, int]:
    """How many instances each action has, those that are skipped too; only what there is."""
    found: dict[Action, int] = {a: sum(f.action == a for f in outcome.forecasts) for a in ACTIONS}
    found["skipped"] += len(outcome.graph.skipped)
    return {action: count for action, count in found.items() if count}


def total_cost(outcomes: Sequence[Outcome]) -> Cost:
    """The cost of all films together, one made after the other."""
    fields = zip(*(astuple(outcome.cost) for outcome in apart(outcomes)), strict=True)
    return Cost(*map(sum, fields)) if outcomes else Cost(0, 0, 0, 0, 0)


def apart(outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
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


def plan_json(outcome: Outcome, seen: Plan) -> PlanJson:
    """The plan as `callsheet plan --json` prints it; an unknown price or length is null."""
    data: Any = seen.draft.to_json()
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
    if seen.graph.rows:
        data["rows"] = {one.row: one.to_json() for one in row_costs(seen.graph, seen.forecasts)}
    if outcome.short:
        data["too_short"] = [shot.to_json() for shot in outcome.short]
    if seen.pending:
        data["pending"] = [bound.to_json() for bound in seen.pending]
    document: PlanJson = data
    return document


def total_json(plans: Sequence[PlanJson], outcomes: Sequence[Outcome]) -> PlansJson:
    """Several plans, and what all of them cost."""
    return {"version": 1, "plans": [*plans], "usd": _usd(total_cost(outcomes))}


def _usd(cost: Cost) -> RangeJson:
    return {
        "low": round(cost.low, 6),
        "high": None if cost.unpriced else round(cost.high, 6),
        "worst": None if cost.unpriced or cost.unbounded else round(cost.worst, 6),
        "blocked": round(cost.blocked, 6),
        "unpriced": cost.unpriced,
    }
