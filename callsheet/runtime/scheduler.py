"""What may start now. A pure state machine: it knows neither time nor network.

Every instance starts as soon as all that it needs is finished and its lane has room; of several, the
one with the most work behind it goes first. A failed instance blocks only what depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import Literal

from callsheet.runtime.graph import Needs

State = Literal["waiting", "ready", "running", "finished", "failed", "blocked"]


class Lane:
    """The instances of one provider: at most `limit` of them run at once."""

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError(f"a lane with room for {limit} would never start anything")
        self.limit = limit
        self.queue: list[tuple[float, int, str]] = []
        self.busy = 0


class Scheduler:
    """The state of each address of a run.

    needs: address → the addresses it waits for. lane: address → name of its lane. limits: lane → how
    many at once. urgency: address → how much work hangs on it; more goes first, ties in the order of
    `needs`. Starting or ending an address that is not at that point raises ValueError.
    """

    def __init__(
        self, needs: Needs, lane: Mapping[str, str], limits: Mapping[str, int], urgency: Mapping[str, float]
    ) -> None:
        self.states: dict[str, State] = dict.fromkeys(needs, "waiting")
        self.causes: dict[str, str] = {}
        self.stopped = False
        self._lanes = {name: Lane(limit) for name, limit in limits.items()}
        self._lane = {address: self._lanes[lane[address]] for address in needs}
        self._rank = {address: (-urgency[address], i) for i, address in enumerate(needs)}
        self._missing = {address: len(set(before)) for address, before in needs.items()}
        self._dependants: dict[str, list[str]] = {address: [] for address in needs}
        for address, before in needs.items():
            for need in dict.fromkeys(before):
                self._dependants[need].append(address)
        self._offered: dict[str, None] = {}
        self._active = 0
        for address, count in self._missing.items():
            if not count:
                self._queue(address)

    @property
    def done(self) -> bool:
        """Nothing runs and nothing more can start."""
        return not self._active and not self.ready()

    def ready(self) -> tuple[str, ...]:
        """The addresses to start now, most urgent first; the same ones until they are started."""
        if self.stopped:
            return ()
        for lane in self._lanes.values():
            while lane.queue and lane.busy < lane.limit:
                self._offered[heappop(lane.queue)[2]] = None
                lane.busy += 1
        return tuple(sorted(self._offered, key=self._rank.__getitem__))

    def started(self, address: str) -> None:
        """`address`, one of `ready()`, runs now."""
        if address not in self._offered:
            raise ValueError(f"{address} was started without being ready")
        del self._offered[address]
        self._active += 1
        self.states[address] = "running"

    def finished(self, address: str) -> None:
        """`address` was made; what waited for it alone becomes ready."""
        self._ended(address, "finished")
        for dependant in self._dependants[address]:
            self._missing[dependant] -= 1
            if not self._missing[dependant] and self.states[dependant] == "waiting":
                self._queue(dependant)

    def failed(self, address: str) -> tuple[str, ...]:
        """`address` could not be made. The addresses this blocks, nearest first; `causes` keeps why."""
        self._ended(address, "failed")
        blocked: list[str] = []
        frontier = [address]
        for source in frontier:
            for dependant in self._dependants[source]:
                if self.states[dependant] == "waiting":
                    self.states[dependant] = "blocked"
                    self.causes[dependant] = address
                    frontier.append(dependant)
                    blocked.append(dependant)
        return tuple(blocked)

    def stop(self) -> None:
        """Start nothing more; what runs may still end."""
        self.stopped = True

    def _queue(self, address: str) -> None:
        self.states[address] = "ready"
        heappush(self._lane[address].queue, (*self._rank[address], address))

    def _ended(self, address: str, state: State) -> None:
        if self.states[address] != "running":
            raise ValueError(f"{address} ended while it was {self.states[address]}")
        self.states[address] = state
        self._active -= 1
        self._lane[address].busy -= 1
