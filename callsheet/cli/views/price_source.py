"""Where a price comes from, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.spec.price.age import OLD_DAYS, is_old
from callsheet.spec.price.quote import Quote

SOURCES: Final[Mapping[str, str]] = {
    "yours": "by models/prices.yaml",
    "observed": "as this project was billed before",
    "formula": "by formula",
    "list": "by the provider's list, which has no tiers",
}


def source_of(found: Quote) -> str:
    """`by formula of 2026-08-20`, `without a known price`."""
    return source(found.origin, found.date) if found.high is not None else "without a known price"


def source(origin: str, day: str) -> str:
    """The same for an origin and its day, "" where that is not known."""
    old = f", more than {OLD_DAYS} days ago" if day and is_old(day) else ""
    return SOURCES.get(origin, origin) + (f", {day}" if day else "") + old
