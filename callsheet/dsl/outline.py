"""A graph at a glance: its nodes, how many instances each has, and which waits for which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from callsheet.dsl.address import steps
from callsheet.dsl.graph import Graph, Ref, refs_in


@dataclass(frozen=True, slots=True)
class Box:
    """A node or an instance as it is drawn. `count` is the number of instances; 0 when all are skipped.

    within: the recipes that it is in, outermost first.
    """

    name: str
    uses: str
    count: int
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """Boxes in the order of the file; edges (from, to); outputs: name → boxes they come from."""

    title: str
    boxes: tuple[Box, ...]
    edges: tuple[tuple[str, str], ...]
    outputs: Mapping[str, tuple[str, ...]]

    def sources(self) -> dict[str, list[str]]:
        """For each box the boxes that it waits for."""
        found: dict[str, list[str]] = {box.name: [] for box in self.boxes}
        for before, after in self.edges:
            found[after].append(before)
        return found


def outline(graph: Graph, by_instance: bool = False) -> Outline:
    """The outline by node, or with every instance on its own."""
    name_of = {a: a if by_instance else i.node for a, i in graph.instances.items()}
    counts: dict[str, int] = {}
    uses: dict[str, str] = {}
    edges: dict[tuple[str, str], None] = {}
    for address, instance in graph.instances.items():
        name = name_of[address]
        counts[name] = counts.get(name, 0) + 1
        uses[name] = instance.spec.uses
        edges.update(dict.fromkeys((name_of[need], name) for need in instance.all_needs))
    outputs = {n: _names(value, name_of) for n, value in graph.outputs.items()}
    boxes = tuple(Box(name, uses[name], count, steps(name)[:-1]) for name, count in counts.items())
    return Outline(graph.name, boxes, tuple(edges), outputs)


def _names(value: object, name_of: Mapping[str, str]) -> tuple[str, ...]:
    refs: Iterator[Ref] = refs_in(value)
    return tuple(dict.fromkeys(name_of[ref.address] for ref in refs))
