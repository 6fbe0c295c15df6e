"""Which versions of callsheet a file works with: `>=0.3, <1`."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Final

PART: Final = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*([0-9]{1,6}(?:\.[0-9]{1,6}){0,3})\s*")
LENGTH: Final = 4


def requirement_in(value: object) -> str | None:
    """`value`, if it is a list of versions with a comparison each, parted by commas."""
    if not isinstance(value, str) or not all(map(PART.fullmatch, value.split(","))):
        return None
    return value


def fits(version: str, requirement: str) -> bool:
    """Whether `version` is one of the versions. A development version counts as the version it leads to."""
    own = _numbers(version)
    for part in requirement.split(","):
        found = PART.fullmatch(part)
        assert found is not None, requirement
        other = _numbers(found[2])
        kept = {
            ">=": own >= other,
            "<=": own <= other,
            "==": own == other,
            "!=": own != other,
            ">": own > other,
            "<": own < other,
        }
        if not kept[found[1]]:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    """`1.2.0.dev3` → (1, 2, 0, 0)."""
    digits = ("".join(takewhile(str.isdigit, part)) for part in version.split("."))
    found = [int(digit) for digit in takewhile(bool, digits)][:LENGTH]
    return tuple(found + [0] * (LENGTH - len(found)))
