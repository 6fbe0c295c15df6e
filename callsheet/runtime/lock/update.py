"""Updates a lock with the results of a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from callsheet.dsl.graph import Graph
from callsheet.runtime import keys
from callsheet.runtime.lock.digests import pins
from callsheet.runtime.lock.model import Block, Lock, Made
from callsheet.spec.describe import describe
from callsheet.spec.node import NodeSpec

TAKE: Final = re.compile(r"#[0-9]+\Z")


@dataclass(frozen=True, slots=True)
class Known:
    """What a run knows of instances, each by address.

    keys and outputs: of results that exist. spent: USD of what was made in this run, None of what nobody
    knows. ways: the number of the alternative that made a result, where it was not the first. refused: keys
    of requests that were refused before.
    """

    keys: Mapping[str, str]
    outputs: Mapping[str, Mapping[str, object]]
    spent: Mapping[str, float | None] = field(default_factory=dict)
    alternatives: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def spec(self, graph: Graph, address: str) -> NodeSpec:
        """The spec that made an instance, which may be that of an alternative."""
        return graph.instances[address].as_alternative(self.alternatives.get(address, 0)).spec


def updated_lock(
    lock: Lock, graph: Graph, known: Known, cost: Callable[[str], float | None], whole: bool
) -> Lock:
    """`lock` with an entry for every known instance; other entries stay.

    cost: USD that the result with a key cost, asked where neither `known` nor the lock has it. whole: `graph`
    is the whole pipeline, so entries of other instances are removed.
    """
    costs = {block.made.key: block.made.usd for block in lock.instances.values() if block.made}
    blocks = dict(_kept(lock, graph) if whole else lock.instances)
    for address, key in known.keys.items():
        old = blocks.get(address, Block())
        spec = known.spec(graph, address)
        usd = _cost(known, address, costs, cost) if spec.provider != "local" else 0.0
        made = Made(key, spec.uses, pins(known.outputs[address]), usd, _refused(known, address, old.made))
        blocks[address] = replace(old, made=_unless_same(old.made, made, spec))
    new = replace(lock, instances=blocks)
    return replace(new, endpoints=dict(_endpoints(new, graph, known)))


def _cost(
    known: Known, address: str, costs: Mapping[str, float | None], cost: Callable[[str], float | None]
) -> float | None:
    """What a result cost: as this run says, else as the lock or the ledger has it."""
    key, now = known.keys[address], known.spent.get(address, 0.0)
    if now != 0.0:
        return now
    return costs[key] if key in costs else cost(key)


def schema_digest(spec: NodeSpec) -> str:
    """The digest of an endpoint's inputs and outputs: names, types, defaults, choices, ranges."""
    page = describe(spec)
    return keys.digest([page["inputs"], page["outputs"]])


def _refused(known: Known, address: str, old: Made | None) -> tuple[str, ...]:
    """The refused keys from this run, or from the lock if that has the same result."""
    if address not in known.alternatives:
        return ()
    same = old is not None and old.key == known.keys[address]
    return known.refused.get(address) or (old.refused if old is not None and same else ())


def _unless_same(old: Made | None, new: Made, spec: NodeSpec) -> Made:
    """The old entry, if both have the same key and a local operation made them: other bytes are no change
    then. Also where the new one only lacks what nobody knows any more."""
    if old is None or old.key != new.key:
        return new
    less = new.outputs.items() <= old.outputs.items() and replace(new, outputs=old.outputs) == old
    return old if spec.counts_as_recipe or less else new


def _kept(lock: Lock, graph: Graph) -> Iterator[tuple[str, Block]]:
    """The entries of instances of the graph. Of skipped instances only the decisions are kept."""
    there = {*graph.instances, *(TAKE.sub("", address) for address in graph.instances)}
    skipped = set(graph.skipped)
    for address, block in lock.instances.items():
        if address in there:
            yield address, block
        elif TAKE.sub("", address) in skipped and block.decided:
            yield address, replace(block, made=None)


def _endpoints(lock: Lock, graph: Graph, known: Known) -> Iterator[tuple[str, str]]:
    """The schema digest of each endpoint when it was last used: the current one if it was used in this
    run."""
    specs = {spec.uses: spec for instance in graph.instances.values() for spec in instance.specs}
    new = {known.spec(graph, address).uses for address in known.spent}
    for uses in {block.made.uses for block in lock.instances.values() if block.made}:
        spec = specs.get(uses)
        if uses in lock.endpoints and uses not in new:
            yield uses, lock.endpoints[uses]
        elif spec is not None and spec.provider != "local":
            yield uses, schema_digest(spec)
