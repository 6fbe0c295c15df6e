"""How many requests may be in progress at once: found out by asking, a little more each time.

Additive increase, multiplicative decrease: each success adds a fraction of a slot, a refusal for being
too many halves what is taken and holds new ones back for a while. Pure: the clock is a parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HALF: Final = 0.5
PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 300.0


@dataclass(slots=True)
class Limit:
    """Slots of one provider or one endpoint.

    most: slots that are never exceeded. width: slots on offer now, at least one. pause_until: no new
    ones before, in seconds of the caller's clock.
    """

    most: int
    width: float = 0.0
    in_progress: int = 0
    pause_until: float = 0.0
    halved_at: float = float("-inf")
    refusals: int = 0

    def __post_init__(self) -> None:
        self.width = min(float(self.most), self.width or float(self.most))

    def is_open(self, now: float) -> bool:
        """Whether one more may start."""
        return now >= self.pause_until and self.in_progress < int(self.width)

    def started(self) -> None:
        self.in_progress += 1

    def finished(self) -> None:
        """One that had started is over, however it went."""
        self.in_progress -= 1

    def accepted(self) -> None:
        """The provider took one: a full round of these widens the limit by one slot."""
        self.refusals = 0
        self.width = min(float(self.most), self.width + 1 / self.width)

    def refused(self, now: float, retry_after: float | None = None) -> None:
        """The provider has no room. retry_after: seconds it asked for; bounded, and never negative.

        Several refusals of the same moment are one piece of news: the width is halved once per pause.
        """
        pause = self._pause(retry_after)
        if now >= self.halved_at + pause:
            self.width = max(1.0, min(self.width, self.in_progress + 1) * HALF)
            self.halved_at = now
            self.refusals += 1
        self.pause_until = max(self.pause_until, now + pause)

    def _pause(self, retry_after: float | None) -> float:
        asked = PAUSE * 2.0 ** min(self.refusals, 16) if retry_after is None else max(retry_after, 0.0)
        return min(asked, LONGEST_PAUSE)


class Limits:
    """The limits of a run: a request needs a slot of its provider and one of its endpoint.

    per_provider, per_endpoint: the most of each. What counts is what is in progress here; the
    provider's own queue takes more, and makes them wait.
    """

    def __init__(self, per_provider: int = 40, per_endpoint: int = 40) -> None:
        self._most = {1: per_provider, 2: per_endpoint}
        self._limits: dict[tuple[str, ...], Limit] = {}

    def is_open(self, provider: str, endpoint: str, now: float) -> bool:
        """Whether one more request to `endpoint` may start."""
        return all(limit.is_open(now) for limit in self.of(provider, endpoint))

    def opens_at(self, provider: str, endpoint: str) -> float:
        """When the pauses in the way are over, in seconds of the caller's clock."""
        return max(limit.pause_until for limit in self.of(provider, endpoint))

    def started(self, provider: str, endpoint: str) -> None:
        for limit in self.of(provider, endpoint):
            limit.started()

    def finished(self, provider: str, endpoint: str) -> None:
        for limit in self.of(provider, endpoint):
            limit.finished()

    def accepted(self, provider: str, endpoint: str) -> None:
        for limit in self.of(provider, endpoint):
            limit.accepted()

    def refused(self, provider: str, endpoint: str, now: float, retry_after: float | None = None) -> None:
        """A 429: the endpoint's limit narrows; the provider's only pauses with it when several do."""
        whole, own = self.of(provider, endpoint)
        own.refused(now, retry_after)
        if self._narrowed(provider, now) > 1:
            whole.refused(now, retry_after)

    def of(self, provider: str, endpoint: str) -> tuple[Limit, Limit]:
        """The provider's limit and the endpoint's."""
        return self._limit((provider,)), self._limit((provider, endpoint))

    def _limit(self, name: tuple[str, ...]) -> Limit:
        if name not in self._limits:
            self._limits[name] = Limit(self._most[len(name)])
        return self._limits[name]

    def _narrowed(self, provider: str, now: float) -> int:
        """How many endpoints of the provider are pausing."""
        names = (name for name in self._limits if len(name) == 2 and name[0] == provider)
        return sum(self._limits[name].pause_until > now for name in names)
