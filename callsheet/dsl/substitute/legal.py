"""What a parameter takes instead of a value that another model took: the same, or the nearest."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from callsheet.spec.conform import problems
from callsheet.spec.types import Choice, Field, Maybe, OneOf, Scalar, Type

AMOUNT: Final = re.compile(r"(-?\d+(?:\.\d+)?)\s*([a-zA-Z]*)\Z")
RATIO: Final = re.compile(r"(\d+)\s*[:_x/]\s*(\d+)\Z")
UNITS: Final = ({"", "s", "sec", "seconds"}, {"", "p", "P"}, {"k", "K"})


@dataclass(frozen=True, slots=True)
class Legal:
    """A value that fits. same: it means what the old one meant."""

    value: str | int | float | bool
    same: bool


def legal(field: Field, value: object) -> Legal | None:
    """What `field` takes for `value`, the same meaning before the nearest; None when nothing is near."""
    if not isinstance(value, str | int | float | bool):
        return None
    if not list(problems(field, value)):
        return Legal(value, True)
    found = [c for c in _candidates(field.type, value, field) if not list(problems(field, c.value))]
    return next((c for c in found if c.same), found[0] if found else None)


def _candidates(t: Type, value: str | int | float | bool, field: Field) -> Iterator[Legal]:
    match t:
        case Maybe(inner):
            yield from _candidates(inner, value, field)
        case OneOf(options):
            for option in options:
                yield from _candidates(option, value, field)
        case Choice(values):
            yield from _chosen(values, value)
        case Scalar("string") if not isinstance(value, bool):
            yield Legal(f"{value:g}" if isinstance(value, float) else str(value), True)
        case Scalar("integer" | "number" as name):
            yield from _number(name, value, field)


def _number(name: str, value: str | int | float | bool, field: Field) -> Iterator[Legal]:
    amount = _amount(value)
    if amount is None or amount[1] not in UNITS[0]:
        return
    number = amount[0]
    low = -math.inf if field.minimum is None else field.minimum
    high = math.inf if field.maximum is None else field.maximum
    near = min(max(number, low), high)
    near = round(near) if name == "integer" else near
    yield Legal(int(near) if float(near).is_integer() else near, near == number)


def _chosen(values: tuple[str | int | float, ...], value: str | int | float | bool) -> Iterator[Legal]:
    """The listed value that says the same, else the nearest in size or shape; the larger of two as near."""
    text = str(value).lower()
    yield from (Legal(v, True) for v in values if str(v).lower() == text)
    for measure in (_size, _shape):
        wanted = measure(value)
        if wanted is None:
            continue
        known = [(v, size) for v in values if (size := measure(v)) is not None and _alike(value, v)]
        for v, size in sorted(known, key=lambda k: (abs(k[1] - wanted), -k[1])):
            yield Legal(v, math.isclose(size, wanted, rel_tol=1e-3))


def _amount(value: object) -> tuple[float, str] | None:
    """A number and its unit: 8, "8", "8s", "1080p"."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value), ""
    match = AMOUNT.match(str(value).strip())
    return (float(match[1]), match[2]) if match else None


def _alike(one: object, other: object) -> bool:
    """Whether two amounts may be in one unit; what is no amount may be alike."""
    a, b = _amount(one), _amount(other)
    return a is None or b is None or any(a[1] in units and b[1] in units for units in UNITS)


def _size(value: object) -> float | None:
    amount = _amount(value)
    return None if amount is None else amount[0]


def _shape(value: object) -> float | None:
    """The logarithm of width over height: `16:9`, `landscape_16_9`, `square_hd`."""
    text = str(value).lower()
    if text.startswith("square"):
        return 0.0
    match = RATIO.search(text)
    if match is None or not int(match[1]) or not int(match[2]):
        return None
    shape = math.log(int(match[1]) / int(match[2]))
    return -abs(shape) if text.startswith("portrait") else shape
