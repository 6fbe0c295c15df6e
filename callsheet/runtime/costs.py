"""Adds up what was spent: by film, row of a batch, shot, model, take or month."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from callsheet.dsl.address import elements
from callsheet.runtime.ledger import MICROS, Attempt, Run
from callsheet.runtime.plan.stored_request import read_request
from callsheet.runtime.runs import PAYS
from callsheet.runtime.workspace import Workspace

KEY: Final = re.compile(r"\[(.*?)\]")


@dataclass(frozen=True, slots=True)
class Cost:
    """One line of the sum. name: of the film, row, shot, model, take or month. usd: as billed, else as
    expected. billed: USD of it that are bills. unpriced: calls that `usd` does not cover. unbilled: those
    without a bill.
    """

    name: str
    calls: int
    usd: float
    billed: float
    unpriced: int
    unbilled: int


def costs(workspace: Workspace, by: str) -> list[Cost]:
    """What was spent, the dearest first; by month, the newest first. by: one of `GROUPS`.

    Raises InputError when nothing was ever bought.
    """
    ledger = workspace.require_ledger()
    runs = {run.id: run for run in ledger.runs()}
    groups: dict[str, list[Attempt]] = {}
    for attempt in ledger.attempts(*PAYS, "FAILED"):
        groups.setdefault(GROUPS[by](attempt, runs[attempt.run]), []).append(attempt)
    found = [_cost(name, attempts) for name, attempts in groups.items()]
    if by == "month":
        return sorted(found, key=lambda cost: cost.name, reverse=True)
    return sorted(found, key=lambda cost: (-cost.usd, cost.name))


def total(found: list[Cost]) -> Cost:
    """All lines together."""
    return Cost(
        "total",
        sum(cost.calls for cost in found),
        round(sum(cost.usd for cost in found), 6),
        round(sum(cost.billed for cost in found), 6),
        sum(cost.unpriced for cost in found),
        sum(cost.unbilled for cost in found),
    )


def _cost(name: str, attempts: list[Attempt]) -> Cost:
    return Cost(
        name,
        len(attempts),
        round(sum(attempt.usd for attempt in attempts), 6),
        sum(attempt.actual or 0 for attempt in attempts) / MICROS,
        sum(attempt.price is None for attempt in attempts),
        sum(attempt.actual is None for attempt in attempts),
    )


def _shot(attempt: Attempt, _: Run) -> str:
    """What stands in the brackets of the address: the shot, with other axes; the node where there are
    none."""
    found = KEY.search(attempt.address)
    return found[1].replace(chr(34), "") if found else attempt.address


def _row(attempt: Attempt, run: Run) -> str:
    """The film and its row; the film alone where it was not made for the rows of a table."""
    try:
        is_batch = bool(read_request(run.pipeline).each)
    except ValueError:
        is_batch = False
    key = elements(attempt.address)
    return f"{_film(attempt, run)} {key[0]}" if is_batch and key else _film(attempt, run)


def _film(_: Attempt, run: Run) -> str:
    return run.name.rpartition("-")[0] or run.name


def _month(attempt: Attempt, _: Run) -> str:
    return time.strftime("%Y-%m", time.localtime(attempt.created))


GROUPS: Final[Mapping[str, Callable[[Attempt, Run], str]]] = {
    "film": _film,
    "row": _row,
    "shot": _shot,
    "model": lambda attempt, _: attempt.endpoint,
    "take": lambda attempt, _: f"take {attempt.take}",
    "month": _month,
}
