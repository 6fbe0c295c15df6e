"""Runs and paid requests as lines."""

from __future__ import annotations

import time

from callsheet.cli.views.wording import spent
from callsheet.runtime.ledger import MICROS, Attempt
from callsheet.runtime.runs import RunSummary
from callsheet.spec.money import money
from callsheet.spec.plural import plural


def run_row(run: RunSummary) -> str:
    """One run in a list."""
    usd = spent(run.usd, run.unpriced)
    row = f"{run.name:<24}  {when(run.started)}  {run.status:<11}  {plural(run.calls, 'call'):>9}  {usd}"
    return f"{row}{_finished(run)}"


def run_head(run: RunSummary) -> str:
    """The line above the requests of a run."""
    budget = "" if run.budget is None else f" of at most {money(run.budget)}"
    cost = spent(run.usd, run.unpriced)
    return f"{run.name}  {when(run.started)}  {run.status}  {cost}{budget}{_finished(run)}"


def _finished(run: RunSummary) -> str:
    return f"  finished by {run.finished_by}" if run.finished_by else ""


def attempt_line(attempt: Attempt) -> str:
    """`clip["dawn"]  UNKNOWN  fal-ai/veo3.1  $0.40  request 7f…`."""
    parts = [attempt.address, attempt.state, attempt.endpoint, cost(attempt)]
    parts += [f"request {attempt.request_id}"] if attempt.request_id else []
    parts += [attempt.error] if attempt.error else []
    return "  ".join(parts)


def cost(attempt: Attempt) -> str:
    """`$0.40`, `$0.40, billed $0.45 (+$0.05)`, `?` where nobody knows."""
    expected = "?" if attempt.reserved is None else money(attempt.reserved / MICROS)
    if attempt.actual is None:
        return expected
    billed = f"{expected}, billed {money(attempt.actual / MICROS)}"
    if attempt.reserved is None or attempt.actual == attempt.reserved:
        return billed
    more = (attempt.actual - attempt.reserved) / MICROS
    return f"{billed} ({'+' if more > 0 else '-'}{money(abs(more))})"


def when(seconds: float) -> str:
    """A moment in the person's own time zone."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
