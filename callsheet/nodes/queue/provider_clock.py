"""The provider's clock, as the dates of its replies tell it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime


class ProviderClock:
    """What time it is at the provider. monotonic: seconds since any moment."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ahead: float | None = None

    def hear(self, headers: Mapping[str, str]) -> None:
        """A reply came. One from a cache on the way may be old; the latest date counts."""
        date = _date(headers)
        if date is not None:
            ahead = date - self._monotonic()
            self._ahead = ahead if self._ahead is None else max(self._ahead, ahead)

    def now(self) -> float | None:
        """Seconds since the epoch; None when no reply had a date."""
        return None if self._ahead is None else self._ahead + self._monotonic()


def _date(headers: Mapping[str, str]) -> float | None:
    try:
        date = parsedate_to_datetime(headers.get("date", ""))
        age = headers.get("age", "")
        return date.timestamp() + (int(age) if age.isascii() and age.isdigit() and len(age) < 9 else 0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
