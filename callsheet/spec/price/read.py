"""A price rule as data: read from a catalogue record, with what is wrong in one said in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from callsheet.spec.price.conditions import ASKED, conditions
from callsheet.spec.price.price import Price
from callsheet.spec.price.quantity import UNITS
from callsheet.spec.price.rule import Extra, Factor, Rate, Rounding, Stated


def price_from(data: Mapping[str, Any], defaults: Mapping[str, object], origin: str = "formula") -> Price:
    """The price that a catalogue record states."""
    return Price(
        unit=data["unit"],
        rates=tuple(Rate(r.get("usd"), conditions(r.get("when", {}))) for r in data.get("rates", ())),
        factors=tuple(Factor(f["times"], conditions(f.get("when", {}))) for f in data.get("factors", ())),
        source=data.get("source", ""),
        date=data.get("date", ""),
        defaults={**defaults, **data.get("defaults", {})},
        note=data.get("note", ""),
        extras=tuple(map(_extra, data.get("plus", ()))),
        minimum=data.get("minimum", {}),
        rounding=_rounding(data.get("round")),
        how=data.get("quantity"),
        stated=tuple(
            Stated(s["usd"], s["per"], conditions(s.get("when", {}))) for s in data.get("stated", ())
        ),
        origin=origin,
    )


def _extra(data: Mapping[str, Any]) -> Extra:
    how = {key: data[key] for key in ("of", "above", "times") if key in data}
    return Extra(
        data["usd"], data["unit"], conditions(data.get("when", {})), how, data.get("factored", False)
    )


def _rounding(data: Mapping[str, Any] | None) -> Rounding | None:
    return Rounding(data["to"], data.get("how", "up"), data.get("of") == "usd") if data else None


Mistake = tuple[tuple[str | int, ...], str]
"""Where in a rule, and what is wrong there."""
MOST_USD: Final = 10_000.0
"""No unit of any model costs more; what is dearer is a slip of the pen."""
KEYS: Final = frozenset(
    (
        *("unit", "rates", "factors", "plus", "minimum", "round", "quantity"),
        *("defaults", "note", "source", "date", "stated"),
    )
)


def mistakes(data: Mapping[str, Any], parameters: Iterable[str] | None = None) -> list[Mistake]:
    """(place, what is wrong there) of a price rule. parameters: those of the endpoint, if they are known."""
    found: list[Mistake] = []
    for key in data:
        if key not in KEYS:
            found.append(((key,), f"{key} is no part of a price; there are {', '.join(sorted(KEYS))}"))
    if data.get("unit") not in UNITS:
        found.append((("unit",), f"{data.get('unit')!r} is no unit; there are {', '.join(UNITS)}"))
    for part, amount in (("rates", "usd"), ("factors", "times"), ("plus", "usd")):
        items = data.get(part, [])
        if not isinstance(items, list):
            found.append(((part,), f"{part} is a list"))
            continue
        for i, item in enumerate(items):
            found += [((part, i, *place), said) for place, said in _of_item(item, amount, part, parameters)]
    if not data.get("rates"):
        found.append(((), "a price has `rates`: a list of {usd: …}"))
    return found


def _of_item(item: Any, amount: str, part: str, parameters: Iterable[str] | None) -> list[Mistake]:
    if not isinstance(item, dict):
        return [((), f"an element of {part} is a mapping with {amount}")]
    found: list[Mistake] = []
    value = item.get(amount)
    if isinstance(value, bool) or not isinstance(value, int | float):
        found.append(((amount,), f"{value!r} is no number"))
    elif not math.isfinite(value) or value < 0 or value > MOST_USD:
        found.append(((amount,), f"{value!r} is no price; it lies between 0 and {MOST_USD:g}"))
    if part == "plus" and item.get("unit") not in UNITS:
        found.append((("unit",), f"{item.get('unit')!r} is no unit; there are {', '.join(UNITS)}"))
    when = item.get("when", {})
    if not isinstance(when, dict):
        return [*found, (("when",), "`when` is a mapping of parameters to values")]
    for name in when:
        if name.startswith("@") and name not in ASKED:
            found.append((("when", name), f"{name} is no condition; there are {', '.join(ASKED)}"))
        elif not name.startswith("@") and parameters is not None and name not in set(parameters):
            found.append((("when", name), f"the model has no parameter {name}"))
    return found
