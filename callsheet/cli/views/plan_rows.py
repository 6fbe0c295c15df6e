"""What a plan says of the rows of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from callsheet.cli.views.wording import printable
from callsheet.dsl.graph import Graph
from callsheet.runtime.plan.estimate import Cost
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.plan.row_costs import row_costs
from callsheet.spec.batch import ROW
from callsheet.spec.money import span

FEW: Final = 12
"""Rows that get a line each."""


def row_lines(graph: Graph, forecasts: Sequence[Forecast], every: bool, grows: bool) -> Iterator[str]:
    """One line for each row that something is made for, or one for all of them. every: also of many rows.
    grows: lists that are not known yet bring more.
    """
    more = ", and what comes with its lists" if grows else ""
    rows = [found for found in row_costs(graph, forecasts) if found.count]
    if len(rows) <= FEW or every:
        yield from (
            f"{ROW} {printable(one.row)}: {one.count} to make, {_usd(one.cost)}{more}" for one in rows
        )
    else:
        prices = [one.cost.high for one in rows]
        each = span(min(prices), max(prices))
        yield f"{len(rows)} of {len(graph.rows)} rows are made, {each} each{more}; -v names them"


def _usd(costs: Cost) -> str:
    known = span(costs.low, costs.high)
    return f"{known} and {costs.unpriced} unpriced" if costs.unpriced else known
