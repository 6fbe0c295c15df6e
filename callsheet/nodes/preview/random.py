"""Random numbers that are the same every time for the same purpose."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Gives numbers that depend on `parts` only, the same on every machine."""

    def __init__(self, *parts: object) -> None:
        self.digest = sha256("\x1f".join(map(str, parts)).encode("utf-8", "replace")).digest()
        self._row = Random(int.from_bytes(self.digest))

    def share(self) -> float:
        """A number from 0 up to 1."""
        return self._row.random()

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.share()

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.share() * (high - low + 1))

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.share() * len(choices))]
