"""What is not known yet of a selected part of a graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from callsheet.dsl.graph import DynamicPart, Graph, PendingList, Unknown


@dataclass(frozen=True, slots=True)
class SelectedPart:
    """The unknown instances of some nodes. whole: of all nodes. It is a `DynamicPart`."""

    whole: DynamicPart
    nodes: frozenset[str]

    @property
    def pending(self) -> Mapping[str, PendingList]:
        """All lists: the graph grows with each that is there."""
        return self.whole.pending

    @property
    def unknown_outputs(self) -> Mapping[str, tuple[str, ...]]:
        """As in the whole."""
        return self.whole.unknown_outputs

    @property
    def inputs(self) -> Mapping[str, object]:
        """As in the whole."""
        return self.whole.inputs

    @property
    def providers(self) -> frozenset[str]:
        """None where every selected instance is known."""
        return self.whole.providers if self.nodes else frozenset()

    def unknown(self) -> tuple[Unknown, ...]:
        """The unknown instances of the selected nodes."""
        return tuple(found for found in self.whole.unknown() if found.node in self.nodes)

    def redirected(self, to: Callable[[object], object]) -> SelectedPart:
        """The same with changed references."""
        return replace(self, whole=self.whole.redirected(to))

    def extended(self, lists: Mapping[str, object]) -> Graph:
        """The whole graph, with more lists known."""
        return self.whole.extended(lists)
