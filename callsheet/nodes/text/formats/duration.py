"""Reads durations as people write them."""

from __future__ import annotations

import re
from typing import Final

NUMBER: Final = r"(\d{1,6}(?:[.,]\d{1,6})?)"
SECONDS: Final = re.compile(rf"(?:~|ca\.?)?\s*{NUMBER}\s*(?:s|sec|secs|seconds?|\"|″)?\Z", re.IGNORECASE)
CLOCK: Final = re.compile(rf"(?:(\d{{1,3}}):)?(\d{{1,3}}):{NUMBER}\Z")
SPOKEN: Final = re.compile(
    rf"(\d{{1,4}})\s*(?:m|min|mins|minutes?|'|′)(?:\s*{NUMBER}\s*(?:s|sec|secs|seconds?|\"|″)?)?\Z",
    re.IGNORECASE,
)
MILLISECONDS: Final = re.compile(rf"{NUMBER}\s*ms\Z", re.IGNORECASE)


def seconds(text: str) -> float | None:
    """Seconds from `6`, `6,5`, `~6 sec`, `0:06`, `1:02:03`, `1m 30s`, `1'30"` and the like, or None."""
    text = text.strip()
    if match := SECONDS.match(text):
        return _number(match[1])
    if match := CLOCK.match(text):
        return int(match[1] or 0) * 3600 + int(match[2]) * 60 + _number(match[3])
    if match := SPOKEN.match(text):
        return int(match[1]) * 60 + _number(match[2] or "0")
    if match := MILLISECONDS.match(text):
        return _number(match[1]) / 1000
    return None


def _number(text: str) -> float:
    return float(text.replace(",", "."))
