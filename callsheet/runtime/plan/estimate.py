"""Estimates what a run costs and how long it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from statistics import median

from callsheet.runtime.graph.dag import remaining
from callsheet.runtime.plan.forecast import COSTS, Forecast
from callsheet.runtime.plan.upper_bound import UpperBound

Durations = Callable[[str], Sequence[float]]
"""`uses` → seconds that the newest results of it took in this project."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run costs, in USD.

    low: steps that are made for certain, at the least that each can cost. high: with those that may change,
    at the most. worst: if every attempt fails,
    every alternative is tried, and all of them are billed. blocked: what the steps that wait for an approval
    would cost in addition. unpriced: calls without a known price. unbounded: steps with an alternative
    without a known price, so that `worst` may be higher.
    """

    low: float
    high: float
    worst: float
    blocked: float
    unpriced: int
    unbounded: int = 0


@dataclass(frozen=True, slots=True)
class Time:
    """How long a run takes.

    seconds: the longest chain of steps. path: its addresses, from first to last. measured: how many of them
    have a recorded duration; the others are guessed.
    """

    seconds: float
    path: tuple[str, ...]
    measured: int


def cost(forecasts: Sequence[Forecast], more: Sequence[UpperBound] = ()) -> Cost:
    """The cost of a run with these forecasts. more: instances that unknown lists may add."""
    come = [bound.usd or 0.0 for bound in more]
    low = sum(f.step.least for f in forecasts if f.action == "make")
    high = fsum([*come, *(f.usd or 0.0 for f in forecasts if f.action in ("make", "may change"))])
    worst = max(high, fsum([*come, *map(_worst, forecasts)]))
    blocked = sum(f.step.usd or 0.0 for f in forecasts if f.action == "blocked")
    unpriced = sum(f.usd is None for f in forecasts)
    unpriced += sum(bound.most for bound in more if bound.usd is None)
    unbounded = sum(f.usd is not None and f.step.most is None for f in forecasts if f.action in COSTS)
    return Cost(low, high, worst, blocked, unpriced, unbounded)


def _worst(found: Forecast) -> float:
    """The highest cost of a step; also of one that only an alternative needs."""
    if found.action in ("make", "may change") or (found.action == "skipped" and found.step.spare):
        return max(found.step.usd or 0.0, found.step.most or 0.0)
    return 0.0


def time(forecasts: Sequence[Forecast], durations: Durations) -> Time:
    """The duration of the longest chain of steps, if each starts as soon as it can."""
    work = [f for f in forecasts if f.action in ("make", "may change", "re-attach")]
    history = {uses: durations(uses) for uses in {f.step.uses for f in work}}
    seconds = {f.step.address: _seconds(f, history) for f in work}
    needs = {f.step.address: tuple(n for n in f.step.needs if n in seconds) for f in work}
    longest = remaining(needs, seconds)
    path = _path(needs, longest)
    uses = {f.step.address: f.step.uses for f in work}
    total = max(longest.values(), default=0.0)
    return Time(total, path, sum(bool(history[uses[address]]) for address in path))


def _seconds(found: Forecast, history: Mapping[str, Sequence[float]]) -> float:
    before = history[found.step.uses]
    return median(before) if before else found.step.seconds


def _path(needs: Mapping[str, tuple[str, ...]], longest: Mapping[str, float]) -> tuple[str, ...]:
    """The addresses of the longest chain."""
    after: dict[str, list[str]] = {}
    for address, before in needs.items():
        for need in before:
            after.setdefault(need, []).append(address)
    starts = [address for address, before in needs.items() if not before]
    path: list[str] = []
    while starts:
        path.append(max(starts, key=longest.__getitem__))
        starts = after.get(path[-1], [])
    return tuple(path)
