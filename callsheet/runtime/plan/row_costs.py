"""What each row of a batch adds to a plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callsheet.dsl.graph import Graph
from callsheet.runtime.plan.estimate import Cost, cost
from callsheet.runtime.plan.forecast import MAKES_NOTHING, Forecast
from callsheet.spec.json_documents import RowJson


@dataclass(frozen=True, slots=True)
class RowCost:
    """row: its id. count: how many of its instances are made. cost: of these; what another row buys, too, is
    in the cost of one of the two."""

    row: str
    count: int
    cost: Cost

    def to_json(self) -> RowJson:
        """JSON values; USD are null where a price is not known."""
        return {"to_make": self.count, "usd": None if self.cost.unpriced else round(self.cost.high, 6)}


def row_costs(graph: Graph, forecasts: Sequence[Forecast]) -> Iterator[RowCost]:
    """The cost of each row, in the order of the table."""
    of: dict[str, list[Forecast]] = {row: [] for row in graph.rows}
    for found in forecasts:
        of[graph.instances[found.step.address].key[0]].append(found)
    for row, mine in of.items():
        yield RowCost(row, sum(found.action not in MAKES_NOTHING for found in mine), cost(mine))
