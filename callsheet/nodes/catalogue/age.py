"""The age of what is known about models: from types, by hand, or from the project's own list."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from callsheet.nodes.catalogue.catalogue import GENERATED, KNOWLEDGE
from callsheet.spec.price.age import today

OLD_DAYS: Final = 60


def newest(listed: str) -> str:
    """The day of the newest source. listed: when the project's own list of models was read, "" for never."""
    return max(str(GENERATED.head.get("date", "")), str(KNOWLEDGE.head.get("gathered", "")), listed)


def too_old(listed: str) -> str:
    """A warning when the newest source is more than 60 days old, else "". listed: as for `newest`."""
    day = newest(listed)
    try:
        old = today() - date.fromisoformat(day) > timedelta(days=OLD_DAYS)
    except ValueError:
        return ""
    said = f"what is known of models is of {day}, more than {OLD_DAYS} days ago"
    return f"{said}; callsheet models sync brings it up to today" if old else ""
