"""Compares a pipeline with its lock file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from callsheet.dsl.graph import Graph
from callsheet.runtime.lock.digests import pins
from callsheet.runtime.lock.model import Lock, Made
from callsheet.runtime.lock.update import TAKE, schema_digest
from callsheet.runtime.plan.assume_lock import LockedOutputs
from callsheet.runtime.plan.forecast import Forecast

SHOWN = 12
"""Digits of a digest that are shown."""


@dataclass(slots=True)
class Comparison:
    """differences: one sentence each. unclear: addresses that cannot be compared without their results."""

    differences: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


def compare(lock: Lock, graph: Graph, forecasts: Sequence[Forecast]) -> Comparison:
    """Compare `lock` with what a run of `graph` would do."""
    found = Comparison()
    differing: set[str] = set()
    for forecast in forecasts:
        address = forecast.step.address
        made = lock.block(address).made
        cause = next((need for need in forecast.step.needs if need in differing), "")
        said = _difference(forecast, graph, made, cause)
        if said:
            differing.add(address)
            found.differences.append(f"{address}: {said}")
        elif not forecast.key:
            found.unclear.append(address)
    found.differences += [*_too_many(lock, graph), *_schemas(lock, graph)]
    return found


def _difference(forecast: Forecast, graph: Graph, made: Made | None, cause: str) -> str:
    """How an instance differs from the lock file; "" if it does not."""
    spec = graph.instances[forecast.step.address].as_alternative(forecast.way).spec
    if made is None:
        return "" if forecast.action == "skipped" else "it is not in the lock"
    if cause:
        return f"{cause} differs, of which it is made"
    if forecast.key and forecast.key != made.key:
        why = f" ({forecast.reason})" if forecast.reason not in ("", "new") else ""
        return f"the lock has the key {_short(made.key)}, the file asks for {_short(forecast.key)}{why}"
    if forecast.outputs is None or isinstance(forecast.outputs, LockedOutputs) or spec.counts_as_recipe:
        return ""
    here = pins(forecast.outputs)
    places = sorted(place for place in {*here, *made.outputs} if here.get(place) != made.outputs.get(place))
    return f"its {' and '.join(places)} is not what the lock names" if places else ""


def _too_many(lock: Lock, graph: Graph) -> Iterator[str]:
    """Instances in the lock file that the pipeline no longer has. Unknown while lists are not known."""
    if graph.dynamic is not None:
        return
    for address, block in sorted(lock.instances.items()):
        if block.made and address not in graph.instances:
            skipped = TAKE.sub("", address) in graph.skipped
            yield f"{address}: it is in the lock, but {'skipped' if skipped else 'not in the file'}"


def _schemas(lock: Lock, graph: Graph) -> Iterator[str]:
    specs = {s.uses: s for i in graph.instances.values() for s in i.specs if s.provider != "local"}
    for uses, spec in sorted(specs.items()):
        if uses in lock.endpoints and lock.endpoints[uses] != schema_digest(spec):
            yield f"{uses}: its schema is not the one that it was used with"


def _short(key: str) -> str:
    return f"{key[:SHOWN]}…"
