"""Sizes and times as people write and read them."""

from __future__ import annotations

import re
from typing import Final

from callsheet.errors import InputError

QUANTITY: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*")
BYTES: Final = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
SECONDS: Final = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def to_bytes(text: str) -> int:
    """`10GB` → 10,000,000,000. Raises InputError."""
    return round(_quantity(text, BYTES, "a size", "10GB, 500MB"))


def to_seconds(text: str) -> float:
    """`30d` → 2,592,000. Raises InputError."""
    return _quantity(text, SECONDS, "a time", "30d, 12h, 2w")


def size(count: float) -> str:
    """`1.2 GB`."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def _quantity(text: str, units: dict[str, int], what: str, such_as: str) -> float:
    found = QUANTITY.fullmatch(text)
    if found is None or found[2].lower() not in units:
        raise InputError(f"{text} is not {what}", f"write a number and a unit: {such_as}")
    return float(found[1]) * units[found[2].lower()]
