"""Amounts as a person types them: sizes, times, money and other numbers."""

from __future__ import annotations

import re
from typing import Final

import click

from callsheet.errors import InputError
from callsheet.spec.money import WRITTEN, parse_money

QUANTITY: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*")
BYTES: Final = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
EACH: Final = "each"
SECONDS: Final = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def to_bytes(text: str) -> int:
    """`10GB` → 10,000,000,000. Raises InputError."""
    return round(_quantity(text, BYTES, "a size", "10GB, 500MB"))


def to_seconds(text: str) -> float:
    """`30d` → 2,592,000. Raises InputError."""
    return _quantity(text, SECONDS, "a time", "30d, 12h, 2w")


def _quantity(text: str, units: dict[str, int], what: str, such_as: str) -> float:
    found = QUANTITY.fullmatch(text)
    if found is None or found[2].lower() not in units:
        raise InputError(f"{text} is not {what}", f"write a number and a unit: {such_as}")
    return float(found[1]) * units[found[2].lower()]


class Usd(click.ParamType[bool | float]):
    """An amount of money: `2.50`."""

    name = "usd"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> bool | float:
        """Raises InputError. EACH, the value of `--unpriced` without a number, is True."""
        name = param.opts[0] if param is not None else "the amount"
        if isinstance(value, bool) or value == EACH:
            return bool(value)
        return parse_money(str(value), name)


class Number(click.ParamType[float]):
    """A number in the digits 0 to 9, finite and within bounds. unit: what it counts."""

    name = "number"

    def __init__(self, unit: str, least: float, most: float, such_as: str) -> None:
        self.unit, self.least, self.most, self.such_as = unit, least, most, such_as

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Raises InputError."""
        name, written = param.opts[0] if param is not None else "the number", str(value).strip()
        found = float(written) if WRITTEN.fullmatch(written) else self.least - 1
        if not self.least <= found <= self.most:
            step = f"write {self.unit} from {self.least:,g} to {self.most:,g}: {name} {self.such_as}"
            raise InputError(f"{name} {value} cannot be meant", step)
        return found
