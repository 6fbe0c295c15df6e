"""How old a price is. `CALLSHEET_TODAY` sets the day, so that what is printed can be the same each time."""

from __future__ import annotations

import os
from datetime import date, timedelta
from typing import Final

OLD_DAYS: Final = 90


def today() -> date:
    """The day of today, or that of `CALLSHEET_TODAY`."""
    try:
        return date.fromisoformat(os.environ.get("CALLSHEET_TODAY", ""))
    except ValueError:
        return date.today()


def is_old(day: str) -> bool:
    """Whether a price was read more than 90 days ago; a date may be a year or a month alone."""
    parts = f"{day}-12-31".split("-")[:3] if len(day) == 4 else f"{day}-28".split("-")[:3]
    try:
        read = date(*map(int, parts))
    except (TypeError, ValueError):
        return False
    return today() - read > timedelta(days=OLD_DAYS)
