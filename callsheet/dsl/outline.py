"""A graph at a glance: its nodes, how many instances each has, and which waits for which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate

from callsheet.dsl.address import steps
from callsheet.dsl.graph import DynamicPart, Graph
from callsheet.spec.json_documents import BoxJson, GraphJson
from callsheet.spec.values import Ref, refs_in


@dataclass(frozen=True, slots=True)
class Box:
    """A node or an instance as it is drawn. `count` is the number of instances; 0 when all are skipped.

    within: the recipes that it is in, outermost first. more: how many may come at most with lists that are
    not known yet.
    """

    name: str
    uses: str
    count: int
    within: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Outline:
    """Boxes in the order of the file; edges (from, to); outputs: name → boxes they come from."""

    title: str
    boxes: tuple[Box, ...]
    edges: tuple[tuple[str, str], ...]
    outputs: Mapping[str, tuple[str, ...]]

    def to_json(self) -> GraphJson:
        """Nodes, edges and outputs as JSON values."""
        return {
            "version": 1,
            "name": self.title,
            "nodes": [_box_json(box) for box in self.boxes],
            "edges": [{"from": a, "to": b} for a, b in self.edges],
            "outputs": {name: list(sources) for name, sources in self.outputs.items()},
        }

    def sources(self) -> dict[str, list[str]]:
        """For each box the boxes that it waits for."""
        found: dict[str, list[str]] = {box.name: [] for box in self.boxes}
        for before, after in self.edges:
            found[after].append(before)
        return found


def _box_json(box: Box) -> BoxJson:
    data: BoxJson = {"name": box.name, "uses": box.uses, "instances": box.count}
    if box.more:
        data["pending"] = box.more
    return data


def outline(graph: Graph, by_instance: bool = False) -> Outline:
    """The outline by node, or with every instance on its own; what is not known yet is drawn by node."""
    name_of = {a: a if by_instance else i.node for a, i in graph.instances.items()}
    boxes: dict[str, Box] = {}
    edges: dict[tuple[str, str], None] = {}
    for address, instance in graph.instances.items():
        name = name_of[address]
        box = boxes.get(name, Box(name, instance.spec.uses, 0, steps(name)[:-1]))
        boxes[name] = replace(box, count=box.count + 1, uses=_with(box.uses, instance.spec.uses))
        edges.update(dict.fromkeys((name_of[need], name) for need in instance.all_needs))
    outputs = {n: _names(value, name_of) for n, value in graph.outputs.items()}
    if graph.dynamic is not None:
        drawn = _Unknown(graph, graph.dynamic, name_of, boxes, edges)
        outputs |= {n: tuple(drawn.named(nodes)) for n, nodes in graph.dynamic.unknown_outputs.items()}
    return Outline(graph.name, tuple(boxes.values()), tuple(edges), outputs)


class _Unknown:
    """Adds what is not known yet to the boxes and edges of what is."""

    def __init__(
        self,
        graph: Graph,
        dynamic: DynamicPart,
        name_of: Mapping[str, str],
        boxes: dict[str, Box],
        edges: dict[tuple[str, str], None],
    ) -> None:
        self.boxes = boxes
        self.of_node: dict[str, dict[str, None]] = {}
        for address, instance in graph.instances.items():
            self._place(instance.node, name_of[address])
        unknown = dynamic.unknown()
        known = set(self.of_node)
        for found in unknown:
            box = boxes.get(found.node, Box(found.node, found.sample.spec.uses, 0, steps(found.node)[:-1]))
            uses = _with(box.uses, found.sample.spec.uses)
            boxes[found.node] = replace(box, more=box.more + found.most, uses=uses)
            if found.node not in known:
                self._place(found.node, found.node)
        for found in unknown:
            edges.update(dict.fromkeys((before, found.node) for before in self.named(found.after)))

    def _place(self, node: str, box: str) -> None:
        """The box is the node's, and that of the recipes it is in."""
        for name in accumulate(steps(node), "{}/{}".format):
            self.of_node.setdefault(name, {})[box] = None

    def named(self, nodes: Iterable[str]) -> Iterator[str]:
        """The boxes of these nodes."""
        for node in nodes:
            yield from self.of_node.get(node, {})


def _with(named: str, uses: str) -> str:
    """The models of a node, one or several, and another one."""
    return named if uses in named.split(" or ") else f"{named} or {uses}"


def _names(value: object, name_of: Mapping[str, str]) -> tuple[str, ...]:
    refs: Iterator[Ref] = refs_in(value)
    return tuple(dict.fromkeys(name_of[ref.address] for ref in refs))
