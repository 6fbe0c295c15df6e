"""A run as a page shows it: a chart of what it did."""

from __future__ import annotations

from dataclasses import dataclass

from callsheet.page.document.fields import Json, kept


@dataclass(frozen=True, slots=True)
class Bar:
    """One instance in the chart of a run. ready: when everything that it needs was there. started, ended: of
    the work on it; None where it was not begun, or goes on. sent, fetched: when the provider had accepted the
    request and when the result was there, None for local work. outcome: made, reused, failed, blocked,
    interrupted, "" while it goes on. usd: what was paid in this run; None where nobody knows."""

    instance: int
    ready: float
    started: float | None = None
    ended: float | None = None
    sent: float | None = None
    fetched: float | None = None
    outcome: str = ""
    usd: float | None = 0.0
    attempts: int = 0

    def to_json(self) -> Json:
        """As JSON values; times are seconds since the run began."""
        found = kept(
            started=self.started,
            ended=self.ended,
            sent=self.sent,
            fetched=self.fetched,
            outcome=self.outcome,
            attempts=self.attempts if self.attempts > 1 else None,
        )
        return {"instance": self.instance, "ready": self.ready, **found, "usd": self.usd}


@dataclass(frozen=True, slots=True)
class RunView:
    """A run. status: done, failed, waiting, interrupted, running or killed. seconds: how long it took, None
    while it goes on. bars: in the order in which work began; () for a run that is only summed up. paid: what
    was spent by then: (seconds since the run began, USD in all). finished_by: the run that resumed this one
    and is done, "" if there is none."""

    name: str
    started: float
    status: str
    seconds: float | None
    calls: int
    usd: float
    unpriced: int = 0
    budget: float | None = None
    bars: tuple[Bar, ...] = ()
    paid: tuple[tuple[float, float], ...] = ()
    finished_by: str = ""

    def to_json(self) -> Json:
        """As JSON values."""
        found = kept(
            name=self.name,
            started=round(self.started, 3),
            status=self.status,
            seconds=self.seconds,
            unpriced=self.unpriced or None,
            budget=self.budget,
            bars=[bar.to_json() for bar in self.bars],
            paid=[list(step) for step in self.paid],
            finished_by=self.finished_by,
        )
        return {**found, "calls": self.calls, "usd": self.usd}
