"""A provider's list price as a price rule: one number for an endpoint, without tiers, and so only a hint."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from callsheet.spec.price.quantity import UNITS

NAMES: Final[Mapping[str, str]] = {
    "generation": "request",
    "call": "request",
    "run": "request",
    "video second": "second",
    "audio second": "second",
    "1000 character": "1k_characters",
    "1,000 character": "1k_characters",
    "1k character": "1k_characters",
    "thousand character": "1k_characters",
    "compute second": "compute_second",
    "gpu second": "compute_second",
    "processed megapixel": "processed_megapixel",
    "5 second": "clip_5s",
}
"""What lists call a unit, in the singular → ours. Others, "unit" above all, say nothing."""


def unit_of(listed: str) -> str | None:
    """Our unit for that of a list; None where it says nothing that can be counted."""
    name = re.sub(r"[\s_-]+", " ", listed.strip().lower())
    name = name.removeprefix("per ").removesuffix("s")
    for ours in (listed, NAMES.get(name, name.replace(" ", "_"))):
        if ours in UNITS and ours != "each":
            return ours
    return None


def list_price_data(usd: float, unit: str, day: str, source: str) -> dict[str, Any] | None:
    """The rule as data; None where the unit cannot be counted or the number is no price."""
    ours = unit_of(unit)
    if ours is None or not math.isfinite(usd) or usd <= 0:
        return None
    return {"unit": ours, "rates": [{"usd": usd}], "date": day, "source": source}
