"""Computes what a request is billed: units, and the price of one."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.emulator.settings import Price
from callsheet.spec.node import NodeSpec
from callsheet.spec.price.quote import quote
from callsheet.spec.types import NOTHING, media_in


def priced(price: Price | None, spec: NodeSpec | None, body: Mapping[str, object]) -> tuple[float, float]:
    """(units, USD per unit): what was configured, else the catalogue's formula, else one free request."""
    usd = _formula(spec, body) if spec else None
    if price is not None:
        return (1.0 if price.units is None else price.units), price.unit_price
    unit_price = base_price(spec)
    if usd is None or not unit_price:
        return 1.0, unit_price
    return round(usd / unit_price, 6), unit_price


def base_price(spec: NodeSpec | None) -> float:
    """USD per unit as a price list gives it: one number, whatever the parameters."""
    rates = spec.price.rates if spec and spec.price else ()
    return next((rate.usd for rate in rates if rate.usd), 0.0)


def _formula(spec: NodeSpec, body: Mapping[str, object]) -> float | None:
    values = {name: field.default for name, field in spec.inputs.items() if field.default is not NOTHING}
    values.update({name: value for name, value in body.items() if name in spec.inputs})
    known = {n: v for n, v in values.items() if not any(True for _ in media_in(spec.inputs[n].type))}
    return quote(spec, known).high
