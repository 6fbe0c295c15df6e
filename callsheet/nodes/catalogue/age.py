"""How old what is known of models is: types, hand knowledge, or the list that the project keeps."""

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
    """What is to be said of a catalogue that is older than 60 days, "" for nothing."""
    day = newest(listed)
    try:
        old = today() - date.fromisoformat(day) > timedelta(days=OLD_DAYS)
    except ValueError:
        return ""
    said = f"what is known of models is of {day}, more than {OLD_DAYS} days ago"
    return f"{said}; callsheet models sync brings it up to today" if old else ""
