"""How many requests may be in progress at once: found out by asking, a little more each time.

A refusal for being too many holds new requests back for a pause and halves the limit, once for each
episode of refusals. After it the limit grows by one slot with each request that is accepted, up to three
quarters of what it was, and then slowly. Pure: the clock is a parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HALF: Final = 0.5
RECOVERED: Final = 0.75
"""The share of the former limit that is tried again at once; beyond it the limit grows slowly."""
ROUNDS: Final = 16
"""Above the recovered share, a full round of accepted requests widens the limit by this part of it."""
EPISODE: Final = 10.0
"""The length of an episode of refusals, in pauses."""
PAUSE: Final = 1.0
"""Seconds of the first pause, when the provider asks for none. It doubles while nothing is accepted."""
LONGEST_OWN_PAUSE: Final = 60.0
LONGEST_PAUSE: Final = 600.0
"""Seconds; the second one for a provider that asks for longer pauses."""
TRIES: Final = 5
PATIENCE: Final = 60.0
"""After so many pauses in a row, and so many times the first pause, there is no hope for room in this run."""
TRUST: Final = 8.0
"""A pause that the provider asks for is made longer only when our own would be so many times as long."""


@dataclass(slots=True)
class Limit:
    """Slots of one provider or one endpoint.

    most: slots that are never exceeded. width: slots on offer now, at least one. recovered: the width up to
    which each accepted request adds a slot. in_progress: slots taken. held: requests among them that were
    accepted. full: slots on offer until the next request is accepted, since the provider refuses more.
    pause_until: no new ones before; episode_until: no second halving before; both in seconds of the caller's
    clock. refusals: pauses in a row in which nothing was accepted; vain_since: when the first of them began.
    """

    most: int
    width: float = 0.0
    recovered: float = 0.0
    in_progress: int = 0
    held: int = 0
    full: float = float("inf")
    pause_until: float = float("-inf")
    episode_until: float = float("-inf")
    refusals: int = 0
    vain_since: float = 0.0

    def __post_init__(self) -> None:
        self.width = min(float(self.most), self.width or float(self.most))
        self.recovered = self.recovered or self.width

    def is_open(self, now: float) -> bool:
        """Whether one more may start."""
        return now >= self.pause_until and self.in_progress < int(min(self.width, self.full))

    def started(self) -> None:
        self.in_progress += 1

    def finished(self, accepted: bool = True) -> None:
        """One that had started is over, however it went. accepted: whether the provider had taken it."""
        self.in_progress -= 1
        self.held -= accepted

    def accepted(self) -> None:
        """The provider took one: the limit grows, at first by a slot each, then by a part of one."""
        self.held += 1
        self.refusals, self.full = 0, float("inf")
        step = 1.0 if self.width < self.recovered else max(1.0, self.recovered / ROUNDS) / self.width
        self.width = min(float(self.most), self.width + step)

    def refused(self, now: float, retry_after: float | None = None) -> None:
        """The provider has no room. retry_after: seconds it asked for; bounded, and never negative.

        Refusals during a pause are the same piece of news. If nothing was accepted since the last pause, the
        provider is asked again when one of its requests has ended.
        """
        if now < self.pause_until:
            self.pause_until = max(self.pause_until, now + min(retry_after or 0.0, LONGEST_PAUSE))
            return
        pause = self._pause(retry_after)
        self.vain_since = self.vain_since if self.refusals else now
        if self.refusals:
            self.full = max(1.0, self.held)
        elif now >= self.episode_until:
            self._halve()
            self.episode_until = now + EPISODE * pause
        else:
            self.width = self._tried()
        self.refusals += 1
        self.pause_until = now + pause

    def is_hopeless(self, now: float) -> bool:
        """Whether the provider has accepted nothing for long, though it was asked again and again."""
        return self.refusals >= TRIES and now >= self.vain_since + PATIENCE * PAUSE

    def _halve(self) -> None:
        tried = self._tried()
        self.recovered = max(1.0, tried * RECOVERED)
        self.width = max(1.0, tried * HALF)

    def _tried(self) -> float:
        """The slots that were in use, the refused one included."""
        return max(1.0, min(self.width, float(self.in_progress)))

    def _pause(self, retry_after: float | None) -> float:
        own = min(PAUSE * 2.0 ** min(self.refusals, 16), LONGEST_OWN_PAUSE)
        return own if retry_after is None else min(max(own / TRUST, retry_after), LONGEST_PAUSE)


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

    def is_hopeless(self, provider: str, endpoint: str, now: float) -> bool:
        """Whether nothing was accepted for long, though it was asked again and again."""
        return any(limit.is_hopeless(now) for limit in self.of(provider, endpoint))

    def started(self, provider: str, endpoint: str) -> None:
        for limit in self.of(provider, endpoint):
            limit.started()

    def finished(self, provider: str, endpoint: str, accepted: bool = True) -> None:
        for limit in self.of(provider, endpoint):
            limit.finished(accepted)

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
