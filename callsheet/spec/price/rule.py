"""The parts of a price rule, as data: rates, factors, extras, roundings, and what a page states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from callsheet.spec.price import span
from callsheet.spec.price.conditions import Conditions
from callsheet.spec.price.span import Span


@dataclass(frozen=True, slots=True)
class Rate:
    """USD per unit, where `when` holds; `usd` is None for a base that nobody has published."""

    usd: float | None
    when: Conditions


@dataclass(frozen=True, slots=True)
class Factor:
    """The price is multiplied by `times` where `when` holds."""

    times: float
    when: Conditions


@dataclass(frozen=True, slots=True)
class Extra:
    """What comes on top where `when` holds: USD for each `unit`.

    how: what is counted, where it is not the plain unit. factored: it comes before the factors.
    """

    usd: float
    unit: str
    when: Conditions
    how: Mapping[str, Any] = field(default_factory=dict)
    factored: bool = False


@dataclass(frozen=True, slots=True)
class Rounding:
    """Whole steps of `to`. usd: of the sum in USD, instead of the quantity. how: "unknown" counts as "up"."""

    to: float
    how: Literal["up", "nearest", "unknown"] = "up"
    usd: bool = False

    def step(self, value: Span) -> Span:
        if self.how == "nearest":
            return value.mapped(partial(span.nearest, step=self.to))
        return value.mapped(partial(span.up, step=self.to))


@dataclass(frozen=True, slots=True)
class Stated:
    """What the provider's own page says that `when` comes to: USD of each call, second or picture."""

    usd: float
    per: Literal["call", "second", "image"]
    when: Conditions


@dataclass(frozen=True, slots=True)
class PriceRule:
    """unit: one of `UNITS`; a rate is USD per unit. how: what is counted, where it is not the plain unit.

    The first rate whose conditions hold counts, then every factor that holds, then every extra. source: the
    page, with `date` the day it was read. defaults: parameter values that count where none is given. note:
    what is published beside the formula. stated: sums that the page names; where it names one for a call
    whose tokens nobody can count, that is the price, and elsewhere a price is never less. origin: where the
    rule comes from (see `Origin`).
    """

    unit: str
    rates: tuple[Rate, ...]
    factors: tuple[Factor, ...] = ()
    source: str = ""
    date: str = ""
    defaults: Mapping[str, object] | None = None
    note: str = ""
    extras: tuple[Extra, ...] = ()
    minimum: Mapping[str, float] = field(default_factory=dict)
    rounding: Rounding | None = None
    how: object = None
    stated: tuple[Stated, ...] = ()
    origin: str = "formula"
