"""What one call costs, as a rule over its parameters and over what will come out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from callsheet.spec.media import Facts
from callsheet.spec.price import span
from callsheet.spec.price.call import Call
from callsheet.spec.price.conditions import Conditions, holds
from callsheet.spec.price.quantity import AS_IT_IS, Step, quantity
from callsheet.spec.price.rule import Extra, Factor, PriceRule, Stated
from callsheet.spec.price.span import Span, hull, known

HIDDEN: Final = 0.005
"""USD: a page that rounds the rate of a GPU second to 0 charges less than this."""


class Price(PriceRule):
    """A rule that tells what a call costs."""

    __slots__ = ()

    def usd(self, parameters: Mapping[str, object], facts: Mapping[str, Facts]) -> float | None:
        """The price in USD, or None: no published price for these values, or values not known yet."""
        made = next(iter(facts.values()), Facts())
        found = self.span(Call(parameters, made, made))
        return found.high if found is not None and found.exact else None

    def span(self, call: Call) -> Span | None:
        """USD of a call; None where no price is published for its parameters."""
        values = {**(self.defaults or {}), **{n: v for n, v in call.values.items() if v is not None}}
        call = replace(call, values=values)
        base = self._said(call) if "tokens_out" in self.unit else None
        if base is None:
            base = self._counted(call)
            if base is None:
                return None
            if stated := self._stated_seconds(call):
                base = Span(max(base.low, stated.low), max(base.high, stated.high), base.why)
        total = sum((self._extra(extra, call) for extra in self.extras if not extra.factored), base)
        total = total.at_least(self.minimum.get("usd", 0.0))
        if self.rounding and self.rounding.usd:
            total = self.rounding.step(total)
        return total.mapped(lambda usd: round(usd, 6))

    @property
    def formula(self) -> str:
        """`seconds × $0.15 (generate_audio) or $0.10`."""
        from callsheet.spec.price.formula import formula

        return formula(self)

    def _counted(self, call: Call) -> Span | None:
        rate = self._rate(call)
        if rate is None:
            return None
        count = quantity(self.unit, self.how, call, self._step())
        count = count.at_least(self._least())
        if "outputs" in self.minimum:
            least = call.length().scaled(self.minimum["outputs"])
            count = Span(max(count.low, least.low), max(count.high, least.high), count.why)
        base = count * rate
        base = sum((self._extra(extra, call) for extra in self.extras if extra.factored), base)
        for factor in self.factors:
            base = base * self._times(factor, call)
        return base

    def _step(self) -> Step:
        return self.rounding.step if self.rounding and not self.rounding.usd else AS_IT_IS

    def _least(self) -> float:
        return self.minimum.get("seconds", self.minimum.get("minutes", 0.0))

    def _rate(self, call: Call) -> Span | None:
        """USD per unit: of every rate that may be the first that holds."""
        found: list[Span] = []
        for rate in self.rates:
            answer = holds(rate.when, call)
            if answer is False:
                continue
            if rate.usd is None and self.unit != "compute_second":
                return None
            hidden = span.between(0.0, HIDDEN, "the rate of a GPU second is not published")
            found.append(hidden if rate.usd is None else known(rate.usd))
            if answer:
                break
        return hull(found, ("which rate counts is not known yet",)) if found else None

    def _times(self, factor: Factor, call: Call) -> Span:
        answer = holds(factor.when, call)
        if answer is None:
            return hull([known(1.0), known(factor.times)], (_open(factor.when),))
        return known(factor.times if answer else 1.0)

    def _extra(self, extra: Extra, call: Call) -> Span:
        answer = holds(extra.when, call)
        if answer is False:
            return known(0.0)
        cost = quantity(extra.unit, extra.how, call, AS_IT_IS).scaled(extra.usd)
        if "above" in extra.how and extra.unit != "each":
            cost = quantity(extra.unit, {}, call, AS_IT_IS)
            cost = cost.mapped(lambda count: max(count - float(extra.how["above"]), 0.0) * extra.usd)
        return cost if answer else hull([known(0.0), cost], (_open(extra.when),))

    def _said(self, call: Call) -> Span | None:
        """What the page says that such a call comes to."""
        stated = [s for s in self.stated if holds(s.when, call) is not False]
        sure = [s for s in stated if holds(s.when, call)]
        spans = [self._sum(s, call) for s in (sure[:1] or stated or self._nearby(call))]
        return hull(spans, ("the page states no sum for these parameters",)) if spans else None

    def _nearby(self, call: Call) -> Iterator[Stated]:
        """The sums that the page states for other sizes."""
        for one in self.stated:
            rest = {name: wanted for name, wanted in one.when.items() if name != "image_size"}
            if holds(rest, call) is not False:
                yield one

    def _stated_seconds(self, call: Call) -> Span | None:
        found = [self._sum(s, call) for s in self.stated if holds(s.when, call) is True]
        return found[0] if found else None

    def _sum(self, stated: Stated, call: Call) -> Span:
        match stated.per:
            case "second":
                return call.length().scaled(stated.usd)
            case "image":
                return quantity("image", None, call, AS_IT_IS).scaled(stated.usd)
        return known(stated.usd)


def _open(when: Conditions) -> str:
    """Why it is not known whether conditions hold."""
    if "@unchecked" in when:
        return "a tier that nobody has checked may count"
    return f"{' and '.join(name.removeprefix('@') for name in when)} is not known yet"
