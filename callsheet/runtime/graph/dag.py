"""The graph of instances, and the order of work that follows from it.

The only module that imports networkx.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import networkx as nx

from callsheet.dsl.graph import Graph
from callsheet.spec.values import refs_in

Needs = Mapping[str, tuple[str, ...]]


def needs_of(graph: Graph, addresses: Iterable[str] | None = None) -> dict[str, tuple[str, ...]]:
    """Address → the addresses it waits for, of all or some. A skipped instance is not waited for.

    Raises ValueError for a need that the graph does not have.
    """
    skipped = set(graph.skipped)
    return {
        address: tuple(_known(graph, need) for need in graph.instances[address].needs if need not in skipped)
        for address in (graph.instances if addresses is None else addresses)
    }


def all_needs_of(graph: Graph, addresses: Iterable[str] | None = None) -> dict[str, tuple[str, ...]]:
    """The same with what the alternatives of each instance need."""
    needs, skipped = needs_of(graph, addresses), set(graph.skipped)
    for address in needs:
        instance = graph.instances[address]
        if instance.alternatives:
            needs[address] = tuple(_known(graph, need) for need in instance.all_needs if need not in skipped)
    return needs


def spare(graph: Graph) -> frozenset[str]:
    """Instances that only alternatives need, directly or not: they are made when one of these is tried."""
    firsts, every = needs_of(graph), all_needs_of(graph)
    if firsts == every:
        return frozenset()
    shown = {ref.address for tree in graph.outputs.values() for ref in refs_in(tree)}
    asked: dict[str, list[str]] = {address: [] for address in firsts}
    for address, before in firsts.items():
        for need in before:
            asked[need].append(address)
    lent = {need for address, before in every.items() for need in before if address not in asked[need]}
    found: set[str] = set()
    for address in reversed(order(every)):
        is_lent = address in lent or bool(asked[address])
        if is_lent and address not in shown and found.issuperset(asked[address]):
            found.add(address)
    return frozenset(found)


def _known(graph: Graph, address: str) -> str:
    if address not in graph.instances:
        raise ValueError(f"an instance needs {address}, which the graph does not have")
    return address


def order(needs: Needs) -> tuple[str, ...]:
    """The addresses in topological order, otherwise in the order given.

    Raises ValueError when addresses need each other in a circle.
    """
    place = {address: i for i, address in enumerate(needs)}
    try:
        return tuple(nx.lexicographical_topological_sort(_digraph(needs), key=place.__getitem__))
    except nx.NetworkXUnfeasible as error:
        circle = nx.find_cycle(_digraph(needs))
        raise ValueError("a cycle: " + " → ".join([circle[0][0], *(edge[1] for edge in circle)])) from error


def remaining(needs: Needs, seconds: Mapping[str, float]) -> dict[str, float]:
    """Address → seconds of the longest path that starts with it and runs to the end."""
    digraph = _digraph(needs)
    longest: dict[str, float] = {}
    for address in reversed(list(nx.topological_sort(digraph))):
        after = max((longest[child] for child in digraph.successors(address)), default=0.0)
        longest[address] = seconds[address] + after
    return longest


def upstream(needs: Needs, addresses: Iterable[str]) -> set[str]:
    """`addresses` and everything that they need, directly or not."""
    found: set[str] = set()
    waiting = list(addresses)
    while waiting:
        address = waiting.pop()
        if address not in found:
            found.add(address)
            waiting.extend(needs[address])
    return found


def downstream(needs: Needs, address: str) -> set[str]:
    """Everything that needs `address`, directly or not."""
    found: set[str] = nx.descendants(_digraph(needs), address)
    return found


def _digraph(needs: Needs) -> nx.DiGraph[str]:
    digraph: nx.DiGraph[str] = nx.DiGraph()
    digraph.add_nodes_from(needs)
    digraph.add_edges_from((need, address) for address, before in needs.items() for need in before)
    return digraph
