"""Costs as a table, and as comma-separated values."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from callsheet.cli.views.wording import printable, spent
from callsheet.runtime.costs import Cost
from callsheet.spec.money import money

RISKY: Final = ("=", "+", "-", "@", "\t")
"""A cell that begins so is a formula to a spreadsheet."""


def table(found: Sequence[Cost], total: Cost, by: str) -> str:
    """One line for each cost, and the total."""
    rows = [(by, "calls", "cost", "billed"), *map(_cells, (*found, total))]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join(_line(row, widths) for row in rows)


def _cells(cost: Cost) -> tuple[str, ...]:
    return printable(cost.name), str(cost.calls), spent(cost.usd, cost.unpriced), _billed(cost)


def _billed(cost: Cost) -> str:
    """`$0.10`, `$0.10 for 3 of 4`; "no bill" is not the same as a bill of nothing."""
    if cost.unbilled == cost.calls:
        return "no bill"
    some = f" for {cost.calls - cost.unbilled} of {cost.calls}" if cost.unbilled else ""
    return money(cost.billed) + some


def _line(row: tuple[str, ...], widths: Sequence[int]) -> str:
    name, calls, usd, billed = row
    return f"{name:<{widths[0]}}  {calls:>{widths[1]}}  {usd:<{widths[2]}}  {billed}".rstrip()


def csv_text(found: Sequence[Cost], by: str) -> str:
    """Comma-separated values; names that a spreadsheet would take for formulas are quoted with an
    apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((by, "calls", "usd", "billed_usd", "unpriced", "unbilled"))
    writer.writerows(_row(cost) for cost in found)
    return text.getvalue()


def _row(cost: Cost) -> Iterator[object]:
    name = printable(cost.name)
    yield f"'{name}" if name.startswith(RISKY) else name
    yield from (cost.calls, cost.usd, cost.billed, cost.unpriced, cost.unbilled)
