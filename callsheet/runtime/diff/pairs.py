"""Finds which instance of one state is which of the other.

First by key: instances with the same request and the same inputs are the same, whatever their names. Then by
address. Then by node: a removed and an added node with the same endpoint and mostly equal parameters are one
node that was renamed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from callsheet.dsl.graph import Instance
from callsheet.runtime import keys
from callsheet.runtime.diff.side import Side

ALIKE: Final = 0.5
"""The least share of equal parameters of two nodes that count as one renamed node."""


def paired(old: Side, new: Side) -> dict[str, str]:
    """New address → old address; instances without a partner are left out."""
    found = _by_key(old, new)
    taken = set(found.values())
    for address in new.steps:
        if address not in found and address in old.steps and address not in taken:
            found[address] = address
            taken.add(address)
    for address, before in _by_node(old, new, found):
        found[address] = before
    return found


def _by_key(old: Side, new: Side) -> dict[str, str]:
    waiting: dict[str, list[str]] = {}
    for address, key in old.keys.items():
        waiting.setdefault(key, []).append(address)
    found = {}
    for address, key in new.keys.items():
        if address in waiting.get(key, ()):
            waiting[key].remove(address)
            found[address] = address
    for address, key in new.keys.items():
        if address not in found and waiting.get(key):
            found[address] = waiting[key].pop(0)
    return found


def _by_node(old: Side, new: Side, found: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    gone = _nodes(old, set(found.values()))
    come = _nodes(new, set(found))
    known = (
        {i.node for i in old.requests.instances.values()},
        {i.node for i in new.requests.instances.values()},
    )
    for name, points in come.items():
        if name in known[0]:
            continue
        for other in list(gone):
            if other not in known[1] and _alike(old, new, gone[other], points):
                before = gone.pop(other)
                yield from ((points[k].address, before[k].address) for k in points if k in before)
                break


def _nodes(side: Side, taken: set[str]) -> dict[str, dict[tuple[str, ...], Instance]]:
    """Node → point of its axes, and take → instance, for the instances without a partner."""
    found: dict[str, dict[tuple[str, ...], Instance]] = {}
    for address, instance in side.requests.instances.items():
        if address not in taken:
            point = (*instance.key, str(instance.take.number))
            found.setdefault(instance.node, {})[point] = instance
    return found


def _alike(
    old: Side,
    new: Side,
    before: Mapping[tuple[str, ...], Instance],
    after: Mapping[tuple[str, ...], Instance],
) -> bool:
    point = next((k for k in after if k in before), None)
    if point is None or before[point].spec.uses != after[point].spec.uses:
        return False
    was = old.requests.parameters(before[point].address)
    now = new.requests.parameters(after[point].address)
    same = sum(n in was and keys.same(was[n], v) for n, v in now.items())
    return same >= ALIKE * max(len(was), len(now), 1)
