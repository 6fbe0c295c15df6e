"""Runs that a page starts. Nothing is bought before its price was shown and somebody agreed to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from callsheet.errors import InputError
from callsheet.review.asked import Asked, amount, number, text, texts
from callsheet.review.film import Film, price_of
from callsheet.review.message import Refusal
from callsheet.review.work import Work
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.dry_run import dry_run
from callsheet.runtime.events import Event
from callsheet.runtime.execute.result import Result
from callsheet.runtime.plan import estimate
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.plan.run_options import RunOptions, RunSettings
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.project_state import decisions
from callsheet.runtime.redo import noted, redo
from callsheet.runtime.retake import Retaken, require_retakeable, retake
from callsheet.runtime.run import run
from callsheet.runtime.start import Answers, Start
from callsheet.runtime.workspace import Workspace
from callsheet.spec.money import money
from callsheet.spec.permissions import PERMISSIONS
from callsheet.spec.profile import PROFILE

SPECK: Final = 1e-6
"""USD by which two sums may differ that are the same."""
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a person agreed to after its price was shown. usd: at most. unpriced: calls without a known
    price."""

    usd: float
    unpriced: int

    @classmethod
    def given(cls, asked: Asked) -> Agreed | None:
        """The agreement in a request; None where nobody was asked yet. Raises Refusal."""
        found = asked.get("agreed")
        if found is None:
            return None
        if not isinstance(found, dict):
            raise Refusal(400, "agreed is no object")
        return cls(amount(found, "usd"), number(found, "unpriced", 0))

    def covers(self, cost: estimate.Cost) -> bool:
        """Whether it is an answer to what a run costs."""
        return cost.high <= self.usd + SPECK and cost.unpriced <= self.unpriced


@dataclass(frozen=True, slots=True)
class Purchases:
    """What a page buys of a film. work: where the runs go on."""

    film: Film
    work: Work

    def price(self, asked: Asked) -> Answer:
        """What a run costs now; with `only`, one of these addresses."""
        only = texts(asked, "only") if asked.get("only") else []
        with self.film.open() as workspace:
            plan = dry_run(self.film.load(), workspace, RunOptions(only=only, store=self.film.store))
        changed = [f.step.address for f in plan.forecasts if f.action in ("make", "may change", "re-attach")]
        return {"price": price_of(plan.cost), "reaches": changed[:200], "count": len(changed)}

    def run(self, asked: Asked) -> Answer:
        """Run the film, or a part of it; without an agreement, only say what that costs."""
        agreed = Agreed.given(asked)
        if agreed is None:
            return self.price(asked)
        only = texts(asked, "only") if asked.get("only") else []
        return self.work.start(self._run(tuple(only), agreed))

    def preview(self, asked: Asked) -> Answer:
        """Preview the film, free of charge."""
        return self.work.start(self._run((), None))

    def stop(self, asked: Asked) -> Answer:
        """Stop the run, as Ctrl-C does."""
        return {"stopping": self.work.stop()}

    def retake(self, asked: Asked) -> Answer:
        """Ask for one more take of each of these, and make them; without an agreement, only say what that
        costs. note: why; note_id: the note that is the reason, which gets a reply."""
        addresses, agreed = list(dict.fromkeys(texts(asked, "addresses"))), Agreed.given(asked)
        price, bases = self._price_of_takes(addresses)
        if agreed is None:
            return {"price": price, "count": len(bases), "reaches": bases}
        if price["usd"] > agreed.usd + SPECK or price["unpriced"] > agreed.unpriced:
            raise _costs_more(price["text"], agreed)
        if self.work.busy:
            raise Refusal(409, "a run of this page goes on", "wait for its end, or stop it")
        new = []
        for base in bases:
            with self.film.open() as workspace:
                done = self._retaken(workspace, base, asked)
                new.append(f"{done.address}#{done.takes}")
        return {"takes": new, **self.work.start(self._run(tuple(new), agreed))}

    def _retaken(self, workspace: Workspace, base: str, asked: Asked) -> Retaken:
        """One more take is asked for: because of a note, or for a reason in words."""
        graph, name = self.film.load(), text(asked, "note_id")
        if name:
            return redo(workspace, graph, noted(self.film.file, name), base)
        return retake(workspace, graph, base, text(asked, "note"))

    def _price_of_takes(self, addresses: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
        """What one more take of each costs, with what has to be made for it first; and what is meant."""
        with self.film.open() as workspace:
            graph = self.film.load()
            now = decisions(graph, workspace)
            bases: dict[str, None] = {}
            for address in addresses:
                takes = now.one(address)
                require_retakeable(takes[0], len(takes))
                bases[takes[0].base] = None
            plan = dry_run(graph, workspace, RunOptions(only=list(bases), store=self.film.store))
            counting = {i.base: i.address for i in graph.instances.values() if i.take.picked}
        found = {f.step.address: f for f in plan.forecasts}
        for base in bases:
            if found[counting[base]].action not in ("reuse", "declined"):
                raise InputError(f"{base} is not made yet, so there is no take to do again", "run the film")
        prices = [found[counting[base]].step for base in bases]
        usd = plan.cost.high + sum(step.usd or 0.0 for step in prices)
        unpriced = plan.cost.unpriced + sum(step.usd is None for step in prices)
        least = plan.cost.low + sum(step.least for step in prices)
        return price_of(estimate.Cost(least, usd, usd, 0.0, unpriced)), list(bases)

    def _run(
        self, only: tuple[str, ...], agreed: Agreed | None
    ) -> Callable[[Callable[[Event], None], Stop], Result]:
        """A run that buys what was agreed to; without an agreement, a preview."""
        film = self.film

        def execute(tell: Callable[[Event], None], stop: Stop) -> Result:
            trust, profile = PERMISSIONS.get().trust, PROFILE.get()
            request = RunRequest(
                film.file, film.sets, film.inputs, only, film.out, trust=trust, profile=profile
            )
            answers = Answers(lambda plan: _require_agreed(plan, agreed))
            settings = RunSettings(preview=agreed is None, store=film.store)
            with film.open() as workspace:
                prepared = Start(workspace, request, settings, answers).prepared()
                return run(prepared, tell, confirm=answers.confirm, stop=stop)

        return execute


def _require_agreed(plan: Plan, agreed: Agreed | None) -> bool:
    """Raises Refusal where a run costs more than was agreed to."""
    if agreed is not None and not agreed.covers(plan.cost):
        raise _costs_more(price_of(plan.cost)["text"], agreed)
    return True


def _costs_more(price: str, agreed: Agreed) -> Refusal:
    calls = f" and {agreed.unpriced} calls without a known price" if agreed.unpriced else ""
    message = f"it costs {price} now, and {money(agreed.usd)}{calls} was agreed to"
    return Refusal(409, message, "nothing was sent; look at the new price")
