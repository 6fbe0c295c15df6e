"""A number that may not be known exactly: the least and the most that it can be, and why it is open."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Span:
    """low, high: both included; equal where the number is known. why: what keeps it open."""

    low: float
    high: float
    why: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        return self.low == self.high

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high, _both(self, other))

    def __mul__(self, other: Span) -> Span:
        """The product; no span of a price is below 0."""
        return Span(self.low * other.low, self.high * other.high, _both(self, other))

    def scaled(self, times: float) -> Span:
        return Span(self.low * times, self.high * times, self.why)

    def mapped(self, change: Callable[[float], float]) -> Span:
        """Both ends changed by a function that never falls."""
        return Span(change(self.low), change(self.high), self.why)

    def at_least(self, least: float) -> Span:
        return self.mapped(lambda end: max(end, least))


def known(value: float) -> Span:
    return Span(value, value)


def between(low: float, high: float, why: str) -> Span:
    """A span that is open because of `why`; a known number where both ends are the same."""
    return Span(low, high, (why,) if low != high else ())


def hull(spans: Iterable[Span], why: tuple[str, ...] = ()) -> Span:
    """The least span that holds all of `spans`, of which there is at least one."""
    found = list(spans)
    low, high = min(s.low for s in found), max(s.high for s in found)
    reasons = tuple(dict.fromkeys(reason for s in found for reason in (*s.why, *why)))
    return Span(low, high, reasons if low != high else ())


NEAR: Final = 1e-9
"""What is this close to a step counts as on it: floats are not exact."""


def up(value: float, step: float) -> float:
    """`value` rounded up to whole steps."""
    return math.ceil(value / step - NEAR) * step


def nearest(value: float, step: float) -> float:
    """`value` rounded to the nearest whole step, and to one step at least."""
    return max(math.floor(value / step + 0.5), 1) * step


def _both(one: Span, other: Span) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one.why, *other.why)))
