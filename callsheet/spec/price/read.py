"""Reads a price rule from the data of a catalogue record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from callsheet.spec.price.conditions import conditions
from callsheet.spec.price.price import Price
from callsheet.spec.price.rule import Extra, Factor, Rate, Rounding, Stated

MOST_USD: Final = 10_000.0
"""No unit of any model costs more; a higher price is a typing mistake."""


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
