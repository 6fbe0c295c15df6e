"""How far each node of a run is, and how long the rest may take at the pace so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from callsheet.dsl.address import node_of
from callsheet.runtime.events import NodeFinished, Planned

LONG: Final = 6
"""Instances above which a node is told in one line."""
LOCAL: Final = ("media/", "text/")
NOT_MADE: Final = ("reuse", "skipped")


@dataclass(slots=True)
class NodeProgress:
    """What came of the instances of one node. seconds and usd: of those made in this run. stopped: how many
    were at work when the run was stopped. going_on: provider → how many of these go on there. local: it is
    made on this machine. since: when its first instance began, by the clock of the view. told: its line is
    printed."""

    name: str
    local: bool = False
    addresses: set[str] = field(default_factory=set)
    ended: int = 0
    made: int = 0
    reused: int = 0
    failed: int = 0
    stopped: int = 0
    going_on: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    usd: float = 0.0
    since: float | None = None
    told: bool = False

    @property
    def total(self) -> int:
        return len(self.addresses)

    @property
    def is_long(self) -> bool:
        return self.total > LONG

    @property
    def is_over(self) -> bool:
        return self.ended + self.stopped >= self.total

    def left(self, now: float, at_work: int) -> float | None:
        """Seconds that the rest takes at the pace so far; None while nothing is made. Those at work count as
        half made."""
        if self.since is None or not self.made:
            return None
        half = at_work / 2
        return (now - self.since) / (self.made + half) * max(self.total - self.ended - half, 0.0)

    def finished(self, event: NodeFinished) -> None:
        self.ended += 1
        self.usd += event.usd
        if event.reused:
            self.reused += 1
        else:
            self.made += 1
            self.seconds += event.seconds

    def stopped_at(self, provider: str) -> None:
        """One was at work when the run was stopped. provider: where it goes on, "" if it does not."""
        self.stopped += 1
        if provider:
            self.going_on[provider] += 1


class Progress:
    """The nodes of a run, by name, in the order of the film."""

    def __init__(self) -> None:
        self.nodes: dict[str, NodeProgress] = {}
        self._of: dict[str, NodeProgress] = {}
        self._shared: dict[str, int] = {}

    def add(self, instances: Iterable[Planned]) -> None:
        """More instances of the run; those that it takes from the store are none of its work."""
        for one in instances:
            if one.action not in NOT_MADE:
                node = self.nodes.setdefault(one.node, NodeProgress(one.node, one.uses.startswith(LOCAL)))
                node.addresses.add(one.address)
                self._of[one.address] = node
        self._shared.clear()

    def skip(self, address: str) -> None:
        """An instance is not made after all."""
        if (node := self._of.pop(address, None)) is not None:
            node.addresses.discard(address)

    def of(self, address: str) -> NodeProgress:
        """The node of an instance; of its own where the run did not announce it."""
        return self._of.get(address) or NodeProgress(node_of(address), addresses={address})

    def longest(self) -> int:
        """Characters of the longest address."""
        return max(map(len, self._of), default=0)

    def shared(self, address: str) -> int:
        """How many characters all addresses of its node begin with."""
        node = self.of(address)
        if node.name not in self._shared:
            self._shared[node.name] = _common(min(node.addresses), max(node.addresses))
        return self._shared[node.name]

    def left(self, elapsed: float, active: Mapping[str, float]) -> float | None:
        """Seconds that the rest takes at the pace so far; None while a model has given no result yet.

        elapsed: since the run began. active: address → seconds at work.
        """
        done, work = 0.0, 0.0
        for node in self.nodes.values():
            done += node.seconds
            rest = node.total - node.ended
            if rest and not node.made and not node.local:
                return None
            if rest and node.made:
                work += rest * node.seconds / node.made
        under_way = sum(min(seconds, self._mean(address)) for address, seconds in active.items())
        if not done or not elapsed:
            return None
        side_by_side = max((done + sum(active.values())) / elapsed, 1.0)
        return max(work - under_way, 0.0) / side_by_side

    def _mean(self, address: str) -> float:
        node = self.of(address)
        return node.seconds / node.made if node.made else 0.0


def _common(first: str, last: str) -> int:
    """How many characters two texts both begin with. All texts between them, in order, begin so, too."""
    pairs = enumerate(zip(first, last, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(first), len(last)))
