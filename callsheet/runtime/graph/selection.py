"""Selects a part of a pipeline: what the user names, with everything that it needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from callsheet.dsl.address import elements, node_of, steps
from callsheet.dsl.graph import DynamicPart, Graph, Instance
from callsheet.errors import InputError
from callsheet.runtime.graph.dag import all_needs_of, upstream
from callsheet.runtime.graph.selected_part import SelectedPart
from callsheet.runtime.graph.spelling import elements_of, spelled
from callsheet.spec.suggest import nearest_names
from callsheet.spec.values import refs_in


def select(graph: Graph, only: Sequence[str]) -> Graph:
    """The part of `graph` that makes `only` (addresses or node names). Raises InputError.

    Of what is not known yet, the lists that it waits for are made, and the rest of the graph does not count.
    """
    wanted: list[str] = []
    for name in (spelled(graph, name) for name in only):
        found = [a for a, i in graph.instances.items() if _is_meant(i, name)]
        found += _awaited(graph, name)
        if not found:
            raise _unknown(graph, name)
        wanted += found
    kept = upstream(all_needs_of(graph), wanted)
    instances = {a: instance for a, instance in graph.instances.items() if a in kept}
    rows = {instance.key[0] for instance in instances.values()} if graph.rows else None
    return replace(
        graph,
        instances=instances,
        outputs={
            name: tree
            for name, tree in graph.outputs.items()
            if made_from(tree, kept) and (rows is None or elements(name)[0] in rows)
        },
        skipped=(),
        dynamic=_still_unknown(graph, only),
    )


def _still_unknown(graph: Graph, only: Sequence[str]) -> DynamicPart | None:
    """What is not known yet of `only`; of all nodes where it names an element, since any may be at it."""
    if graph.dynamic is None:
        return None
    known = {name for i in graph.instances.values() for name in (i.address, i.base, i.node)}
    kept: set[str] = set()
    for name in (spelled(graph, name) for name in only):
        nodes = () if name in graph.instances else _unknown_nodes(graph.dynamic, node_of(name))
        if not nodes and name not in known:
            return graph.dynamic
        kept.update(nodes)
    return SelectedPart(graph.dynamic, frozenset(kept))


def _is_meant(instance: Instance, name: str) -> bool:
    """Whether `name` is the address or the node of an instance, or the element of an axis that it is at:
    `row["dawn"]`."""
    if name in (instance.address, instance.node, instance.base) or instance.is_meant(name):
        return True
    return name in elements_of(instance)


def made_from(tree: object, addresses: Collection[str]) -> bool:
    """Whether every address in a value tree is among these."""
    return all(ref.address in addresses for ref in refs_in(tree))


def _awaited(graph: Graph, name: str) -> Iterator[str]:
    """What has to be made before the instances that `name` means are known, if it means any."""
    if graph.dynamic is None or name in graph.instances:
        return
    nodes = _unknown_nodes(graph.dynamic, node_of(name))
    after = {found.node: found.after for found in graph.dynamic.unknown()}
    makers = {*nodes, *(before for node in nodes for before in after[node])}
    for pending in graph.dynamic.pending.values():
        for need in pending.needs if _may_meet(pending.address, name) else ():
            if need in graph.instances and any(_is_inside(graph.instances[need].node, m) for m in makers):
                yield need


def _unknown_nodes(dynamic: DynamicPart, asked: str) -> list[str]:
    """The nodes with unknown instances that a node means, and those that they refer to."""
    after = {found.node: found.after for found in dynamic.unknown()}
    nodes = [node for node in after if _is_inside(node, asked) or _is_inside(asked, node)]
    for found in nodes:
        near = [node for before in after[found] for node in after if _is_inside(node, before)]
        nodes += [node for node in dict.fromkeys(near) if node not in nodes]
    return nodes


def _is_inside(node: str, outer: str) -> bool:
    """Whether a node is `outer`, or inside the recipe that `outer` puts in."""
    return node == outer or node.startswith(f"{outer}/")


def _may_meet(pending: str, name: str) -> bool:
    """Whether the list is not of another use of the recipe in which `name` is."""
    pairs = zip(steps(pending)[:-1], steps(name), strict=False)
    return not any(
        a != b and "[" in a and "[" in b and a.partition("[")[0] == b.partition("[")[0] for a, b in pairs
    )


def _unknown(graph: Graph, name: str) -> InputError:
    nodes = [i.node for i in graph.instances.values()]
    nodes += [found.node for found in graph.dynamic.unknown()] if graph.dynamic else []
    names = list(dict.fromkeys([*nodes, *graph.instances]))
    near = nearest_names(name, names)
    hint = f"did you mean {' or '.join(near)}?" if near else f"the nodes are {', '.join(names[:10])}"
    if name in graph.skipped:
        return InputError(f"{name} is not made: its when is false")
    return InputError(f"there is no node or instance {name} in this pipeline", hint)
