"""What a run would do and cost, given what earlier runs left: the value that `callsheet.plan` returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from callsheet.dsl.graph import Graph
from callsheet.runtime.plan.draft import Draft, Step
from callsheet.runtime.plan.estimate import Cost, cost
from callsheet.runtime.plan.forecast import MAKES_NOTHING, Action, Forecast
from callsheet.runtime.plan.upper_bound import UpperBound
from callsheet.spec import html
from callsheet.spec.json_documents import PlanJson
from callsheet.spec.money import money


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """What a run would do.

    draft: the steps as if nothing were made yet. forecasts: for each step, whether it is made or reused, why,
    and for how much. workers: the providers that make things on this machine; everything else is bought.
    pending: instances that come with lists that are not known yet. document: what `to_json` gives.
    """

    draft: Draft
    forecasts: tuple[Forecast, ...]
    workers: Collection[str]
    pending: tuple[UpperBound, ...] = ()
    document: PlanJson | None = field(default=None, compare=False)

    def to_json(self) -> PlanJson:
        """The plan as `callsheet plan --json` prints it; an unknown price or length is null."""
        if self.document is None:
            raise ValueError("only plans that callsheet.plan made have a document")
        return self.document

    @property
    def graph(self) -> Graph:
        """The planned graph, as far as it is known."""
        return self.draft.graph

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps, each after everything that it needs, with the prices of making all of them."""
        return self.draft.steps

    @property
    def cost(self) -> Cost:
        """What the run would cost, in USD, as a range."""
        return cost(self.forecasts, self.pending)

    @property
    def usd(self) -> float:
        """USD if every call succeeds at once. Reused results cost nothing; calls without a known price are
        not included."""
        return self.cost.high

    @property
    def counts(self) -> dict[Action, int]:
        """How many instances each action has."""
        return dict(Counter(found.action for found in self.forecasts))

    @property
    def nothing_to_make(self) -> bool:
        """Whether a run would make nothing new and fetch nothing."""
        return not self.pending and all(found.action in MAKES_NOTHING for found in self.forecasts)

    def __repr__(self) -> str:
        return f"<Plan of {self._summary()}>"

    def _repr_html_(self) -> str:
        """The steps as a table, for a notebook."""
        return html.table(self._summary(), ("instance", "uses", "action", "USD", "why"), list(self._rows()))

    def _summary(self) -> str:
        """`lighthouse: 6 make, 4 reuse, $4.85`."""
        counts = [f"{count:,} {action}" for action, count in self.counts.items()]
        counts += [f"at most {sum(p.most for p in self.pending):,} not known yet"] if self.pending else []
        unpriced = f" and {self.cost.unpriced:,} without a known price" if self.cost.unpriced else ""
        return f"{self.graph.name}: {', '.join([*counts, money(self.usd)])}{unpriced}"

    def _rows(self) -> Iterator[html.Row]:
        for found in self.forecasts:
            usd = "unpriced" if found.usd is None else f"{found.usd:,.2f}"
            yield found.step.address, found.step.uses, found.action, usd, found.reason
