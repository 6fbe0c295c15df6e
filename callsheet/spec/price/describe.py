"""A price rule as JSON values for people and programs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from callsheet.spec.node import NodeSpec
from callsheet.spec.price.conditions import Conditions
from callsheet.spec.price.quote import quote
from callsheet.spec.price.rule import Extra

Data = dict[str, Any]


def price_data(spec: NodeSpec) -> Data:
    """The formula with its parts, and what a call with the defaults costs where that is known."""
    price = spec.price
    if price is None:
        return {}
    usual = quote(replace(spec, own_price=None, observed=None), {})
    exact = usual.high is not None and usual.low == usual.high
    return _present(
        unit=price.unit,
        formula=price.formula,
        quantity=price.how,
        rates=[_present(usd=r.usd, when=_conditions(r.when)) for r in price.rates] or None,
        factors=[_present(times=f.times, when=_conditions(f.when)) for f in price.factors] or None,
        plus=[_extra(extra) for extra in price.extras] or None,
        minimum=dict(price.minimum) or None,
        round=_present(to=price.rounding.to, how=price.rounding.how) if price.rounding else None,
        usd_with_defaults=usual.high if exact else None,
        usd_between=None if exact or usual.high is None else [usual.low, usual.high],
        open=list(usual.why) or None,
        note=price.note or None,
        origin=None if price.origin == "formula" else price.origin,
        source=price.source,
        date=price.date,
    )


def own_price_data(spec: NodeSpec) -> Data | None:
    """The price that the project states, and whether it counts."""
    own = spec.own_price
    if own is None:
        return None
    lower = bool(quote(spec, {}).lower)
    return _present(formula=own.formula, place=spec.own_place, date=own.date or None, counts=not lower)


def observed_data(spec: NodeSpec) -> Data | None:
    """What calls with the defaults alone were billed; those with other parameters are in a plan."""
    found = spec.observed(spec, {}) if spec.observed else None
    if found is None or found.low is None or found.high is None:
        return None
    return {"low": found.low, "high": found.high, "date": found.date}


def _extra(extra: Extra) -> Data:
    return _present(usd=extra.usd, unit=extra.unit, **extra.how, when=_conditions(extra.when))


def _conditions(when: Conditions) -> Data | None:
    return {name: values[0] if len(values) == 1 else list(values) for name, values in when.items()} or None


def _present(**parts: Any) -> Data:
    return {key: value for key, value in parts.items() if value is not None}
