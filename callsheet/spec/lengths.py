"""The lengths of video that a model can make, and the shortest one that is long enough."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from callsheet.spec.node import NodeSpec
from callsheet.spec.prediction import length
from callsheet.spec.roles import DURATIONS, MILLISECONDS
from callsheet.spec.types import INTEGER, NUMBER, Choice, Maybe, OneOf, Type

Value = str | int | float
SLACK: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Lengths:
    """The lengths of one model. values: its list of lengths, if it has one; else a range.

    unit: "s" or "ms". minimum, maximum: in that unit.
    """

    uses: str
    unit: str
    values: tuple[Value, ...] = ()
    whole: bool = False
    minimum: float | None = None
    maximum: float | None = None

    @property
    def encoded(self) -> tuple[Any, ...]:
        """As a constant of an expression, whose text is its value."""
        return (self.uses, self.unit, self.values, self.whole, self.minimum, self.maximum)

    @classmethod
    def decoded(cls, encoded: tuple[Any, ...]) -> Lengths:
        return cls(*encoded)

    @property
    def type(self) -> Type:
        return Choice(self.values) if self.values else INTEGER if self.whole else NUMBER

    @property
    def longest(self) -> str:
        """The longest length, in the parameter's own type."""
        if self.values:
            return str(max(self.values, key=self._seconds))
        return "any length" if self.maximum is None else f"{self.maximum:g} {self.unit}"

    def fitting(self, seconds: float) -> Value | None:
        """The least length of at least `seconds`, in the parameter's own type; None when there is none."""
        if self.values:
            enough = [v for v in self.values if self._seconds(v) >= seconds - SLACK]
            return min(enough, key=self._seconds, default=None)
        wanted = max(seconds * (1000 if self.unit == "ms" else 1), self.minimum or 0.0)
        if self.whole:
            wanted = math.ceil(wanted - SLACK)
        return None if self.maximum is not None and wanted > self.maximum + SLACK else wanted

    def _seconds(self, value: Value) -> float:
        return length(value, self.unit) or 0.0


def lengths_of(spec: NodeSpec) -> Lengths | None:
    """The lengths of a model; None when no parameter sets the length, or its values are not known."""
    name = next((n for n in (*DURATIONS, *MILLISECONDS) if n in spec.inputs), None)
    if name is None:
        return None
    field = spec.inputs[name]
    unit = "ms" if name in MILLISECONDS else "s"
    options = tuple(_options(field.type))
    listed = (v for option in options if isinstance(option, Choice) for v in option.values)
    values = tuple(v for v in listed if length(v, unit) is not None)
    if values:
        return Lengths(spec.uses, unit, values)
    if not {INTEGER, NUMBER}.intersection(options):
        return None
    return Lengths(spec.uses, unit, (), NUMBER not in options, field.minimum, field.maximum)


def _options(t: Type) -> Iterator[Type]:
    match t:
        case Maybe(inner):
            yield from _options(inner)
        case OneOf(options):
            for option in options:
                yield from _options(option)
        case _:
            yield t
