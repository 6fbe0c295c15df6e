"""The provider's clock, as the dates of its replies tell it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from functools import lru_cache

from callsheet.spec.since_boot import since_boot


class ProviderClock:
    """What time it is at the provider. seconds: since any moment, with what the machine slept: a request that
    is sent after a sleep would else seem to be sent before it, and its absence be believed too early."""

    def __init__(self, seconds: Callable[[], float] = since_boot) -> None:
        self._seconds = seconds
        self._ahead: float | None = None

    def hear(self, headers: Mapping[str, str]) -> None:
        """A reply came. One from a cache on the way may be old; the latest date counts."""
        date = _date(headers)
        if date is not None:
            ahead = date - self._seconds()
            self._ahead = ahead if self._ahead is None else max(self._ahead, ahead)

    def now(self) -> float | None:
        """Seconds since the epoch; None when no reply had a date."""
        return None if self._ahead is None else self._ahead + self._seconds()


def _date(headers: Mapping[str, str]) -> float | None:
    date, age = _moment(headers.get("date", "")), headers.get("age", "")
    if date is None:
        return None
    return date + (int(age) if age.isascii() and age.isdigit() and len(age) < 9 else 0)


@lru_cache(16)
def _moment(date: str) -> float | None:
    """Seconds since the epoch; many replies come in the same second."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
