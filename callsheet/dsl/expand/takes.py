"""Takes: several variations of an instance, one of which is picked.

The graph is expanded with one take of each instance. Here the other takes are added, and references are
changed to the take that was picked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import Alternative, Graph, Instance, Take
from callsheet.dsl.values.inputs import Decided
from callsheet.spec.permissions import MAX_INSTANCES
from callsheet.spec.rules import instances as rules
from callsheet.spec.values import Deferred, Ref, map_leaves

SEED: Final = "seed"


def with_takes(graph: Graph, decided: Decided, findings: Report, most: int = MAX_INSTANCES) -> Graph:
    """`graph` with every take of every instance. A take that cannot exist is an error in `findings`."""
    if (
        not decided.takes
        and not decided.picks
        and all(i.options.takes == 1 for i in graph.instances.values())
    ):
        return graph
    counts = {a: _count(i, decided, findings) for a, i in graph.instances.items()}
    if _too_many(graph, counts, findings, most):
        return graph
    takes = {a: list(_takes(i, counts[a], decided, findings)) for a, i in graph.instances.items()}
    standing = {a: next(t for t in made if t.take.picked).address for a, made in takes.items()}
    moved = {a: now for a, now in standing.items() if a != now}
    instances = (_pointed(take, moved) for made in takes.values() for take in made)
    return replace(
        graph,
        instances={instance.address: instance for instance in instances},
        outputs={name: _tree(value, moved) for name, value in graph.outputs.items()},
        dynamic=graph.dynamic.redirected(lambda tree: _tree(tree, moved)) if graph.dynamic else None,
    )


def _count(instance: Instance, decided: Decided, findings: Report) -> int:
    """How many takes there are: as many as the pipeline asks for, or more after `callsheet retake`."""
    asked = max(instance.options.takes, decided.takes.get(instance.address, 1))
    if asked == 1 or instance.spec.provider != "local":
        return asked
    findings.add(instance.span, rules.same_takes(instance.spec.uses), instance.address)
    return 1


def _too_many(graph: Graph, counts: Mapping[str, int], findings: Report, limit: int) -> bool:
    total = sum(counts.values())
    if total <= limit:
        return False
    most = max(counts, key=counts.__getitem__)
    findings.add(graph.instances[most].span, rules.too_many_takes(total, limit), most)
    return True


def _takes(instance: Instance, count: int, decided: Decided, findings: Report) -> Iterator[Instance]:
    """Every take of an instance, the first under its own address."""
    address = instance.address
    picked = decided.picks.get(address, 1)
    if picked > count:
        findings.add(instance.span, rules.no_such_take(decided.where, picked, address, count), address)
        picked = 1
    if count == 1:
        yield instance
        return
    for number in range(1, count + 1):
        yield _take(instance, Take(number, count, number == picked), findings)


def _take(instance: Instance, take: Take, findings: Report) -> Instance:
    """One take. Its seed is that of the first plus its number; without a seed only the number differs."""
    if take.number == 1:
        return replace(instance, take=take)
    address, by = f"{instance.address}#{take.number}", take.number - 1
    params, seeded = _seeded(instance.params, by)
    if seeded:
        _within(instance, params[SEED], address, findings)
    others = []
    for other in instance.alternatives:
        own, told = _seeded(other.params, by)
        others.append(replace(other, params=own, seeded=told))
    take = replace(take, seeded=seeded)
    return replace(instance, address=address, take=take, params=params, alternatives=tuple(others))


def _seeded(params: Mapping[str, object], by: int) -> tuple[Mapping[str, object], bool]:
    """The parameters with `by` added to the seed, and whether the seed alone makes the take different."""
    match seed := params.get(SEED):
        case bool() | None:
            return params, False
        case int():
            return {**params, SEED: seed + by}, True
    return {**params, SEED: _later(seed, by)}, False


def _within(instance: Instance, seed: object, address: str, findings: Report) -> None:
    place = instance.spec.inputs.get(SEED)
    most = place.maximum if place else None
    if most is not None and isinstance(seed, int) and seed > most:
        findings.add(instance.span, rules.seed_too_large(address, seed, most), address)


def _later(seed: object, by: int) -> object:
    """A seed that is known only during the run, plus `by`."""

    def moved(value: object) -> object:
        return value + by if isinstance(value, int) and not isinstance(value, bool) else value

    match seed:
        case Ref():
            return Deferred((seed,), lambda lookup: moved(lookup(seed)))
        case Deferred(refs, compute):
            return replace(seed, refs=refs, compute=lambda lookup: moved(compute(lookup)))
    return seed


def _pointed(instance: Instance, moved: Mapping[str, str]) -> Instance:
    """`instance` with its references changed to the takes that were picked."""
    if not any(need in moved for need in instance.all_needs):
        return instance
    return replace(
        instance,
        params={name: _tree(value, moved) for name, value in instance.params.items()},
        needs=_addresses(instance.needs, moved),
        tolerates=_addresses(instance.tolerates, moved),
        alternatives=tuple(_other(other, moved) for other in instance.alternatives),
    )


def _other(other: Alternative, moved: Mapping[str, str]) -> Alternative:
    return replace(
        other,
        params={name: _tree(value, moved) for name, value in other.params.items()},
        needs=_addresses(other.needs, moved),
        tolerates=_addresses(other.tolerates, moved),
    )


def _addresses(addresses: tuple[str, ...], moved: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(moved.get(address, address) for address in addresses))


def _tree(value: object, moved: Mapping[str, str]) -> object:
    def move(leaf: object) -> object:
        match leaf:
            case Ref():
                return _ref(leaf, moved)
            case Deferred(refs, compute, gathered):
                return replace(
                    leaf,
                    refs=tuple(_ref(ref, moved) for ref in refs),
                    compute=_computed(compute, moved),
                    gathered=frozenset(moved.get(a, a) for a in gathered),
                )
        return leaf

    return map_leaves(value, move)


def _ref(ref: Ref, moved: Mapping[str, str]) -> Ref:
    return Ref(moved.get(ref.address, ref.address), ref.path)


def _computed(
    compute: Callable[[Callable[[Ref], object]], object], moved: Mapping[str, str]
) -> Callable[[Callable[[Ref], object]], object]:
    return lambda lookup: compute(lambda ref: lookup(_ref(ref, moved)))
