"""What was spent, and what is left to pay."""

from __future__ import annotations

from dataclasses import dataclass

from callsheet.page.document.fields import Json, kept


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """What one model cost for one shot in one run. expected: before it was sent. billed: by bills, None where
    there is none yet. usd: as billed, else as expected. unpriced: calls that `usd` does not cover."""

    shot: str
    uses: str
    run: str
    calls: int
    usd: float
    expected: float
    billed: float | None = None
    unpriced: int = 0

    def to_json(self) -> Json:
        """As JSON values."""
        return {
            "shot": self.shot,
            "uses": self.uses,
            "run": self.run,
            "calls": self.calls,
            "usd": self.usd,
            "expected": self.expected,
            "billed": self.billed,
            **kept(unpriced=self.unpriced or None),
        }


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left to make, in USD. low, high, worst: as in `callsheet plan`. count: instances to make.
    pending: how many more there are at most, from lists that a run still has to write."""

    count: int
    low: float
    high: float
    worst: float
    unpriced: int = 0
    pending: int = 0

    def to_json(self) -> Json:
        """As JSON values."""
        return {
            "count": self.count,
            "low": self.low,
            "high": self.high,
            "worst": self.worst,
            "unpriced": self.unpriced,
            "pending": self.pending,
        }
