"""How long a server asks to be left alone."""

from __future__ import annotations

import math
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST: Final = 3600.0


def retry_after(header: str | None, now: float | None = None) -> float | None:
    """Seconds to wait, 0…3600, from a Retry-After header in seconds or as an HTTP date.

    None where there is no header or it says nothing. now: seconds since the epoch.
    """
    if header is None or len(header) > 100:
        return None
    seconds = _seconds(header.strip(), time.time() if now is None else now)
    return None if seconds is None else min(max(seconds, 0.0), LONGEST)


def _seconds(text: str, now: float) -> float | None:
    try:
        number = float(text)
        return None if math.isnan(number) else number
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
