"""Frames a second: the exact rate that a rounded number stands for."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

NTSC: Final = tuple(Fraction(nominal * 1000, 1001) for nominal in (24, 30, 48, 60, 120))


def exact(rate: float) -> Fraction:
    """The frames a second that a rounded number stands for: 23.976 is 24000/1001."""
    near = next((known for known in NTSC if abs(rate - float(known)) < 0.002), None)
    return near if near is not None else Fraction(rate).limit_denominator(1001)
