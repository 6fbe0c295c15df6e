"""Updates a lock with the results of a run. What was paid for and is asked for is never dropped."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from callsheet.dsl.address import elements, node_of
from callsheet.dsl.graph import Graph
from callsheet.runtime import keys
from callsheet.runtime.lock.digests import pins
from callsheet.runtime.lock.model import Block, Decision, Lock, Made, joined
from callsheet.spec.describe import describe
from callsheet.spec.node import NodeSpec

TAKE: Final = re.compile(r"#[0-9]+\Z")


@dataclass(frozen=True, slots=True)
class Known:
    """What a run knows of instances, each by address.

    keys and outputs: of results that exist. spent: USD of what was made in this run, None of what nobody
    knows. alternatives: the number of the alternative that made a result, where it was not the first.
    refused: keys of requests that were refused before. named: results that exist elsewhere and that a lock
    names, without their outputs. unclear: endpoints of instances whose key is not known now.
    """

    keys: Mapping[str, str]
    outputs: Mapping[str, Mapping[str, object]]
    spent: Mapping[str, float | None] = field(default_factory=dict)
    alternatives: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    named: Mapping[str, Made] = field(default_factory=dict)
    unclear: Collection[str] = ()

    def spec(self, graph: Graph, address: str) -> NodeSpec:
        """The spec that made an instance, which may be that of an alternative."""
        return graph.instances[address].as_alternative(self.alternatives.get(address, 0)).spec


@dataclass(frozen=True, slots=True)
class Dropped:
    """What left a lock: the result or the decision at `address`. gone: the pipeline has no such instance any
    more; otherwise it has another result now. left: a merge had left it beside the result that counts."""

    address: str
    what: Made | Decision
    gone: bool
    left: bool = False


def updated_lock(
    lock: Lock, graph: Graph, known: Known, cost: Callable[[str], float | None], whole: bool
) -> Lock:
    """`lock` with an entry for every known instance; other entries stay.

    cost: USD that the result with a key cost, asked where neither `known` nor the lock has it. whole: `graph`
    is the whole pipeline, so entries of other instances are removed; their decisions go to where their result
    is now.
    """
    costs = {made.key: made.usd for made in lock.results()}
    counting = lock.named()
    blocks = dict(lock.instances)
    for address, key in known.keys.items():
        old, spec = blocks.get(address, Block()), known.spec(graph, address)
        usd = _cost(known, address, costs, cost) if spec.provider != "local" else 0.0
        made = Made(key, spec.uses, pins(known.outputs[address]), usd, _refused(known, address, old.made))
        before = counting.get(key)
        anew = address in known.spent
        blocks[address] = old.with_result(_unless_same(before, made, spec, anew))
    for address, made in known.named.items():
        blocks[address] = blocks.get(address, Block()).with_result(made)
    if whole:
        keys_now = {address: block.made.key for address, block in blocks.items() if block.made}
        moves = {**renamed(lock, keys_now, addresses_of(graph)), **graph.renamed}
        blocks = dict(_kept(followed(blocks, moves), graph, known.unclear))
    new = replace(lock, instances=dict(sorted(blocks.items())))
    return replace(new, endpoints=dict(_endpoints(new, graph, known)))


def dropped(before: Lock, after: Lock, graph: Graph) -> Iterator[Dropped]:
    """What `before` says and `after` does not: results that were bought, and decisions."""
    kept = {(made.key, made.digest) for made in after.results()}
    said = {decision for block in after.instances.values() for decision in block.decisions}
    for address, block in before.instances.items():
        gone = address not in graph.instances
        for made in block.results:
            if made.uses in before.endpoints and (made.key, made.digest) not in kept:
                yield Dropped(address, made, gone, left=len(block.results) > 1)
        for decision in block.decisions:
            if decision not in said and not after.block(address).decisions:
                yield Dropped(address, decision, gone)


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


def _unless_same(old: Made | None, new: Made, spec: NodeSpec, anew: bool) -> Made:
    """The entry of before, if it is for the same key: other bytes of a local operation are no change, and
    what a lock names of a bought result counts until it is bought `anew`."""
    if old is None or old.key != new.key:
        return new
    if spec.counts_as_recipe:
        return old
    return new if anew or old.outputs == new.outputs else old


def followed(blocks: Mapping[str, Block], moves: Mapping[str, str]) -> dict[str, Block]:
    """The blocks, with the decisions about instances that were renamed where they are now: old address →
    new."""
    found = dict(blocks)
    for address, new in moves.items():
        block = found.get(new, Block())
        decisions = joined((*block.decisions, *found[address].decisions))
        found[new] = replace(block, decisions=decisions)
        found[address] = found[address].without(*found[address].decisions)
    return found


def renamed(lock: Lock, keys_now: Mapping[str, str], there: Collection[str]) -> dict[str, str]:
    """Address with decisions that is not there any more → address that has its result now. That is one that
    the lock does not know yet, or the same element of a node that was renamed.

    keys_now: address → key. there: the addresses that the pipeline has.
    """
    nodes = {node_of(address) for address in there}
    at: dict[str, list[str]] = {}
    for address, key in keys_now.items():
        if address in there and not lock.block(address).decided:
            at.setdefault(key, []).append(address)
    found: dict[str, str] = {}
    for address, block in lock.instances.items():
        if not block.decided or address in there:
            continue
        heirs = [new for made in block.results for new in at.get(made.key, ())]
        new = [heir for heir in heirs if not lock.block(heir).results]
        if len(new) != 1 and node_of(address) not in nodes:
            new = [heir for heir in heirs if elements(heir) == elements(address)]
        if len(new) == 1 and new[0] not in found.values():
            found[address] = new[0]
    return found


def addresses_of(graph: Graph) -> set[str]:
    """Every address of `graph`, with and without the take, also of what it skips."""
    there = (*graph.instances, *graph.skipped)
    return {*there, *(TAKE.sub("", address) for address in there)}


def _kept(blocks: Mapping[str, Block], graph: Graph, unclear: Collection[str]) -> Iterator[tuple[str, Block]]:
    """The entries of instances of the graph. Of skipped instances only the decisions are kept; of others the
    results that an instance may need whose key is not known now."""
    skipped = {TAKE.sub("", address) for address in graph.skipped}
    there = addresses_of(graph) - skipped
    for address, block in blocks.items():
        if address in there:
            yield address, block
            continue
        left = [made for made in block.results if made.uses in unclear]
        kept = Block(
            left[0] if left else None,
            block.decisions if TAKE.sub("", address) in skipped or left else (),
            tuple(left[1:]),
        )
        if kept != Block():
            yield address, kept


def _endpoints(lock: Lock, graph: Graph, known: Known) -> Iterator[tuple[str, str]]:
    """The schema digest of each endpoint when it was last used: the current one if it was used in this
    run."""
    specs = {spec.uses: spec for instance in graph.instances.values() for spec in instance.specs}
    new = {known.spec(graph, address).uses for address in known.spent}
    for uses in {made.uses for made in lock.results()}:
        spec = specs.get(uses)
        if uses in lock.endpoints and uses not in new:
            yield uses, lock.endpoints[uses]
        elif spec is not None and spec.provider != "local":
            yield uses, schema_digest(spec)
