"""Which of its outputs a pipeline uses of each instance."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from callsheet.dsl.graph import Graph
from callsheet.spec.values import Place, Ref, refs_in

Used = frozenset[Place]
"""The places among the outputs of an instance that a pipeline refers to: ("images", 0)."""


class Uses:
    """The uses in a graph. graph: gives it as it is now, since it may grow."""

    def __init__(self, graph: Callable[[], Graph]) -> None:
        self._now = graph
        self._graph: Graph | None = None
        self._used: dict[str, set[Place]] = {}
        self._not_known_yet: set[str] = set()

    def of(self, address: str) -> Used | None:
        """What is used of the instance at `address`; None when nobody knows yet."""
        graph = self._now()
        if graph is not self._graph:
            self._look_up(graph)
        instance = graph.instances.get(address)
        if instance is None or instance.node in self._not_known_yet:
            return None
        return frozenset(self._used.get(address, ()))

    def _look_up(self, graph: Graph) -> None:
        self._graph, self._not_known_yet, self._used = graph, set(_open_ends(graph)), {}
        for ref in _refs(graph):
            self._used.setdefault(ref.address, set()).add(ref.path)


def _refs(graph: Graph) -> Iterator[Ref]:
    yield from refs_in(graph.outputs)
    for instance in graph.instances.values():
        yield from refs_in(instance.params)
        for other in instance.alternatives:
            yield from refs_in(other.params)
    for pending in graph.dynamic.pending.values() if graph.dynamic else ():
        yield from refs_in(pending.tree)


def _open_ends(graph: Graph) -> Iterator[str]:
    """The nodes that something refers to which is not known yet."""
    if graph.dynamic is not None:
        for unknown in graph.dynamic.unknown():
            yield from unknown.after
        for nodes in graph.dynamic.unknown_outputs.values():
            yield from nodes
