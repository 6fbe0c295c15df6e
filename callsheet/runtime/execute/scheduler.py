"""Decides what may start. A pure state machine without time or network.

An instance starts as soon as everything that it needs is finished and its provider has room; of several, the
one with the most work behind it goes first. A failed instance blocks only what depends on it, and not even
that where the dependant tolerates it or has an alternative.

    idle → waiting → ready → running → finished
              ↑                   ├──→ held       made, but a person has to approve it first
              └── alternative ────┴──→ failed     blocked: what depended on it
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final, Literal

from callsheet.errors import FALLS, Kind
from callsheet.runtime.graph.dag import Needs

State = Literal["idle", "waiting", "ready", "running", "finished", "held", "failed", "blocked"]
OVER: Final[tuple[State, ...]] = ("finished", "failed", "blocked")


class Lane:
    """The instances of one provider. limit: how many of them run at once."""

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError(f"a lane with room for {limit} would never start anything")
        self.limit = limit
        self.queue: list[tuple[float, int, str]] = []
        self.busy = 0


@dataclass(frozen=True, slots=True)
class Way:
    """An alternative: the addresses that it needs, its provider's lane, and the kinds of failure after which
    it is tried."""

    needs: tuple[str, ...]
    lane: str
    kinds: tuple[Kind, ...] = FALLS


@dataclass(frozen=True, slots=True)
class Work:
    """Addresses to be made, and what decides when.

    needs: address → addresses that come first. lane: address → name of its provider. limits: provider → how
    many at once. urgency: address → seconds of work behind it; more goes first, ties in the order of `needs`.
    tolerant: address → those of its needs that may fail. ways: address → its alternatives, in order. idle:
    addresses that only an alternative needs; they are made when it is tried. held: results that are there
    already and wait for an approval. begun: address → the number of the alternative that is tried already;
    `needs` and `lane` are those of that alternative.
    """

    needs: Needs
    lane: Mapping[str, str]
    limits: Mapping[str, int]
    urgency: Mapping[str, float]
    tolerant: Mapping[str, Collection[str]] = field(default_factory=dict)
    ways: Mapping[str, Sequence[Way]] = field(default_factory=dict)
    idle: Collection[str] = ()
    held: Collection[str] = ()
    begun: Mapping[str, int] = field(default_factory=dict)


class Scheduler:
    """The state of each address of a run. Raises ValueError when an address is started or ended in the wrong
    state."""

    def __init__(self, work: Work) -> None:
        self.states: dict[str, State] = {}
        self.causes: dict[str, str] = {}
        self.way: dict[str, int] = {}
        self.rerouted: list[tuple[str, int]] = []
        self.stopped = False
        self._spare: dict[str, None] = {}
        self._asked: set[str] = set()
        self._lanes: dict[str, Lane] = {}
        self._lane: dict[str, Lane] = {}
        self._rank: dict[str, tuple[float, int]] = {}
        self._tolerant: dict[str, Collection[str]] = {}
        self._ways: dict[str, deque[tuple[int, Way]]] = {}
        self._waits: dict[str, set[str]] = {}
        self._dependants: dict[str, dict[str, None]] = {}
        self._offered: dict[str, None] = {}
        self._active = 0
        self.add(work)

    def add(self, work: Work) -> tuple[str, ...]:
        """Add addresses; they may need any that are known. Returns those that are blocked at once, since
        something they need failed."""
        needs, lane, urgency = work.needs, work.lane, work.urgency
        self._lanes |= {name: Lane(work.limits[name]) for name in work.limits.keys() - self._lanes.keys()}
        self._rank |= {address: (-urgency[address], i) for i, address in enumerate(needs, len(self._rank))}
        self._lane |= {address: self._lanes[lane[address]] for address in needs if address in lane}
        self._tolerant |= work.tolerant
        self._spare |= dict.fromkeys(work.idle)
        self.way |= {**dict.fromkeys(needs, 0), **work.begun}
        self._ways |= {
            address: deque(list(enumerate(left, 1))[self.way[address] :])
            for address, left in work.ways.items()
        }
        self.states |= dict.fromkeys(needs, "waiting")
        self.states |= dict.fromkeys(work.idle, "idle")
        self.states |= dict.fromkeys(work.held, "held")
        self._dependants |= {address: {} for address in needs}
        self._waits |= {address: self._await(address, before) for address, before in needs.items()}
        blocked: list[str] = []
        for address, before in needs.items():
            blocked += self._begin(address, before)
        return tuple(blocked)

    def _await(self, address: str, needs: Sequence[str]) -> set[str]:
        """Those of `needs` that are still to be made; each of them remembers who waits."""
        waits = {need for need in needs if self.states[need] not in OVER}
        for need in needs:
            if need in waits:
                self._dependants[need][address] = None
        return waits

    def _begin(self, address: str, needs: Sequence[str]) -> tuple[str, ...]:
        """Set the first state of a new address. Returns what is blocked with it."""
        if self.states[address] != "waiting":
            return ()
        lost = next((need for need in needs if self._lost(need, address)), None)
        if lost is not None:
            self.states[address], self.causes[address] = "blocked", self.causes.get(lost, lost)
            return address, *self._spread(address, self.causes[address])
        for need in sorted(self._waits[address], key=self._rank.__getitem__):
            self._ask_for(need)
        if not self._waits[address]:
            self._queue(address)
        return ()

    @property
    def done(self) -> bool:
        """Nothing runs, and nothing more can start."""
        return not self._active and not self.ready()

    @property
    def unasked(self) -> tuple[str, ...]:
        """Addresses that only an untried alternative needs."""
        return tuple(a for a in self._spare if self.states[a] in ("idle", "blocked") and a not in self._asked)

    @property
    def behind(self) -> tuple[str, ...]:
        """Everything that depends, directly or not, on a result that waits for an approval."""
        found: dict[str, None] = {}
        frontier = [address for address, state in self.states.items() if state == "held"]
        for source in frontier:
            for dependant in self._dependants[source]:
                waits = self.states[dependant] == "waiting" and source in self._waits[dependant]
                if waits and dependant not in found:
                    found[dependant] = None
                    frontier.append(dependant)
        return tuple(found)

    def ready(self) -> tuple[str, ...]:
        """The addresses to start now, most urgent first. The same ones are returned until they are
        started."""
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
        """`address` was made. What waited only for it becomes ready."""
        self._ended(address, "finished")
        for dependant in self._dependants[address]:
            self._met(dependant, address)

    def held(self, address: str) -> None:
        """`address` was made, and has to be approved before anything that needs it starts."""
        self._ended(address, "held")

    def turned(self, address: str, kind: Kind = "failed") -> bool:
        """Try the next alternative of `address` for this kind of failure. Returns whether there is one.

        If so, `way[address]` is its number, and what it needs is made. If not, `address` still runs, and
        `failed` may be called.
        """
        if self.states[address] != "running":
            raise ValueError(f"{address} turned while it was {self.states[address]}")
        way = self._next_way(address, kind)
        if way is None:
            return False
        self._ended(address, "waiting")
        self._follow(address, way)
        return True

    def failed(self, address: str) -> tuple[str, ...]:
        """`address` could not be made. Returns the addresses that this blocks, nearest first.

        `causes` has the reason of each. `rerouted` has the addresses that go on with an alternative instead,
        with the number of the one that they leave.
        """
        self._ended(address, "failed")
        self.rerouted.clear()
        return self._spread(address, cause=address)

    def _spread(self, address: str, cause: str) -> tuple[str, ...]:
        """Block everything that needs `address`, directly or not."""
        blocked: list[str] = []
        frontier = [address]
        for source in frontier:
            for dependant in self._dependants[source]:
                if source not in self._waits[dependant]:
                    continue
                if source in self._tolerant.get(dependant, ()):
                    self._met(dependant, source)
                elif (was := self.states[dependant]) in ("waiting", "idle"):
                    before = self.way[dependant]
                    if before and (way := self._next_way(dependant)):
                        self._follow(dependant, way)
                        self.rerouted.append((dependant, before))
                        continue
                    self.states[dependant] = "blocked"
                    self.causes[dependant] = cause
                    frontier.append(dependant)
                    blocked += [dependant] if was == "waiting" else []
        return tuple(blocked)

    def widen(self, lane: str, limit: int) -> None:
        """From now on, so many instances of a provider run at once. Fewer than before end by themselves."""
        if lane in self._lanes:
            self._lanes[lane].limit = max(1, limit)

    def stop(self) -> None:
        """Start nothing more. What runs may still end."""
        self.stopped = True

    def _met(self, address: str, need: str) -> None:
        waits = self._waits[address]
        waits.discard(need)
        if not waits and self.states[address] == "waiting":
            self._queue(address)

    def _next_way(self, address: str, kind: Kind = "failed") -> Way | None:
        """The next alternative for this kind of failure whose needs can still be made."""
        left = self._ways.get(address)
        while left:
            number, way = left.popleft()
            if kind in way.kinds and not any(self._lost(need, address) for need in way.needs):
                self.way[address] = number
                return way
        return None

    def _lost(self, need: str, address: str) -> bool:
        return self.states[need] in ("failed", "blocked") and need not in self._tolerant.get(address, ())

    def _follow(self, address: str, way: Way) -> None:
        self._lane[address] = self._lanes[way.lane]
        waits = self._waits[address] = self._await(address, way.needs)
        for need in way.needs:
            if need in waits:
                self._ask_for(need)
        if not waits:
            self._queue(address)

    def _ask_for(self, address: str) -> None:
        """Make an idle address after all, with everything that it needs."""
        wanted = [address]
        for found in wanted:
            if self.states[found] != "idle":
                continue
            self.states[found] = "waiting"
            self._asked.add(found)
            wanted += sorted(self._waits[found], key=self._rank.__getitem__)
            if not self._waits[found]:
                self._queue(found)

    def _queue(self, address: str) -> None:
        self.states[address] = "ready"
        heappush(self._lane[address].queue, (*self._rank[address], address))

    def _ended(self, address: str, state: State) -> None:
        if self.states[address] != "running":
            raise ValueError(f"{address} ended while it was {self.states[address]}")
        self.states[address] = state
        self._active -= 1
        self._lane[address].busy -= 1
