"""What a call of one endpoint costs, as far as its parameters are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from callsheet.spec.media import Facts
from callsheet.spec.node import NodeSpec
from callsheet.spec.price.call import Call
from callsheet.spec.price.price import Price
from callsheet.spec.price.span import Span, hull
from callsheet.spec.types import NOTHING

if TYPE_CHECKING:
    from callsheet.spec.json_documents import PriceJson


@dataclass(frozen=True, slots=True)
class Quote:
    """USD. low, high: equal where the price is known; None where nobody published one. why: what keeps it
    open. origin: yours, observed, formula, list or unknown. date: the day the price was read, "" unknown.
    lower: the place of a price of the project's own that is less, and does not count. agrees: it was
    observed, and is what the rule says."""

    low: float | None
    high: float | None
    why: tuple[str, ...] = ()
    origin: str = "unknown"
    date: str = ""
    lower: str = ""
    agrees: bool = False

    def to_json(self) -> PriceJson:
        """Where it comes from, its day, and its range with the reasons where it is one."""
        data: PriceJson = {"origin": self.origin if self.high is not None else "unknown"}
        if self.date:
            data["date"] = self.date
        if self.lower:
            data["lower"] = self.lower
        if self.low != self.high:
            data["low"], data["high"], data["why"] = self.low, self.high, [*self.why]
        return data


UNKNOWN_PRICE = Quote(None, None)

Calls = Mapping[tuple[str, ...], Call]
"""What makes it another call than the first → the call."""


def quote(
    spec: NodeSpec, parameters: Mapping[str, object], facts: Mapping[str, Facts] | None = None
) -> Quote:
    """The price of a call with these parameters; `UNKNOWN` stands for those that only the run tells.

    In this order: what the project says (where that is not less, or a person granted it; "nothing" is less
    than what nobody knows), what it was billed before, hand knowledge, the provider's list. Where sources
    differ about the default of a parameter that is not given, the price is a range over both.
    facts: what is expected to come out, where that is at hand.
    """
    if spec.provider == "local":
        return Quote(0.0, 0.0, origin="formula")
    if spec.price is None and spec.own_price is None and spec.observed is None:
        return UNKNOWN_PRICE
    calls = _calls(spec, parameters, facts)
    known = _known(spec, calls)
    if spec.own_price is None:
        return known
    own = _quoted(spec, spec.own_price, calls)
    if own.high is None:
        return known
    dear_enough = own.high > 0 if known.high is None else own.high >= known.high
    if dear_enough or spec.own_granted():
        return own
    return replace(known, lower=spec.own_place)


def _known(spec: NodeSpec, calls: Calls) -> Quote:
    """What equal calls were billed, else what the rule says: hand knowledge, or the provider's list."""
    ruled = _quoted(spec, spec.price, calls)
    observed = spec.observed(spec, next(iter(calls.values())).values) if spec.observed else None
    if observed is None:
        return ruled
    return replace(observed, agrees=(observed.low, observed.high) == (ruled.low, ruled.high))


def _quoted(spec: NodeSpec, price: Price | None, calls: Calls) -> Quote:
    """What one rule says of a call."""
    whole = _over(price, calls) if price else None
    if price is None or whole is None or not (whole.exact or spec.length is not None):
        return UNKNOWN_PRICE
    return Quote(whole.low, whole.high, whole.why, price.origin, price.date)


def _over(price: Price, calls: Calls) -> Span | None:
    """USD of whichever call it is; None where no price is published for one of them."""
    whole: Span | None = None
    for why, call in calls.items():
        found = price.span(call)
        if found is None:
            return None
        if whole is None or (found.low, found.high) != (whole.low, whole.high):
            also = replace(found, why=(*found.why, *why))
            whole = hull([whole, also] if whole else [also])
    return whole


def _calls(
    spec: NodeSpec, parameters: Mapping[str, object], facts: Mapping[str, Facts] | None
) -> dict[tuple[str, ...], Call]:
    """What makes it another call → the call: with the defaults of the parameters, and with those that hand
    knowledge has instead."""
    calls: dict[tuple[str, ...], Call] = {(): call_of(spec, parameters, facts)}
    if others := {n: v for n, v in _other_defaults(spec) if n not in parameters}:
        why = tuple(f"sources differ about the default of {name}" for name in others)
        calls[why] = call_of(spec, {**others, **parameters}, facts)
    return calls


def _other_defaults(spec: NodeSpec) -> Iterator[tuple[str, object]]:
    for name, value in (spec.price.defaults or {} if spec.price else {}).items():
        stated = spec.inputs[name].default if name in spec.inputs else NOTHING
        if stated is not NOTHING and str(stated) != str(value):
            yield name, value


def call_of(
    spec: NodeSpec, parameters: Mapping[str, object], facts: Mapping[str, Facts] | None = None
) -> Call:
    """The call as a price rule sees it, the defaults of the endpoint filled in."""
    defaults = {name: f.default for name, f in spec.inputs.items() if f.default is not NOTHING}
    values = {**defaults, **parameters}
    certain = spec.determined(values)
    expected = spec.facts(values) if facts is None else facts
    return Call(
        values=values,
        made=_main(certain or expected),
        guess=_main(expected),
        seconds=spec.length,
        accepts=spec.accepts,
        inputs=spec.inputs,
        together={
            total.of[0]: total.max_seconds
            for total in spec.totals
            if total.max_seconds is not None and len(total.of) == 1 and not total.when
        },
        foresee=lambda changed: _main(spec.facts(changed)),
    )


def _main(facts: Mapping[str, Facts]) -> Facts:
    """Of the first output that is media."""
    return next(iter(facts.values()), Facts())
