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
    """differences: one sentence each. unclear: addresses that cannot be compared without their results.
    left: what the lock names and nothing asks for. schemas: endpoints whose schema is another one today: no
    difference, since a key does not depend on it."""

    differences: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    schemas: list[str] = field(default_factory=list)


def compare(lock: Lock, graph: Graph, forecasts: Sequence[Forecast]) -> Comparison:
    """Compare `lock` with what a run of `graph` would do.

    Local operations are not compared: they cost nothing, and every merge of two branches changes what is made
    of both. A result is found by its key, under whatever address it stands.
    """
    found, named = Comparison(), lock.named()
    differing: set[str] = set()
    for forecast in forecasts:
        address = forecast.step.address
        cause = next((need for need in forecast.step.needs if need in differing), "")
        said = _difference(forecast, lock.block(address).results, named.get(forecast.key), cause)
        if said:
            differing.add(address)
        if forecast.step.provider == "local":
            continue
        if said:
            found.differences.append(f"{address}: {said}")
        elif not forecast.key:
            found.unclear.append(address)
    asked = {forecast.key for forecast in forecasts}
    found.schemas += _schemas(lock, graph)
    found.left += _left(lock, graph, asked)
    return found


def _difference(forecast: Forecast, there: Sequence[Made], made: Made | None, cause: str) -> str:
    """How an instance differs from the lock file; "" if it does not. there: the results at its address. made:
    the result of its key."""
    if made is None and not there:
        return "" if forecast.action == "skipped" else "it is not in the lock"
    if cause and made is None:
        return f"{cause} differs, of which it is made"
    if forecast.key and made is None:
        why = f" ({forecast.reason})" if forecast.reason not in ("", "new") else ""
        has = " and ".join(_short(one.key) for one in there)
        return f"the lock has the key {has}, the file asks for {_short(forecast.key)}{why}"
    local = forecast.step.provider == "local"
    if made is None or forecast.outputs is None or isinstance(forecast.outputs, LockedOutputs) or local:
        return ""
    here = pins(forecast.outputs)
    places = sorted(place for place in {*here, *made.outputs} if here.get(place) != made.outputs.get(place))
    return f"its {' and '.join(places)} is not what the lock names" if places else ""


def _left(lock: Lock, graph: Graph, asked: set[str]) -> Iterator[str]:
    """Instances in the lock file that the pipeline no longer has. Unknown while lists are not known."""
    if graph.dynamic is not None:
        return
    for address, block in sorted(lock.instances.items()):
        paid = any(made.uses in lock.endpoints and made.key not in asked for made in block.results)
        if paid and address not in graph.instances and TAKE.sub("", address) not in graph.skipped:
            yield address


def _schemas(lock: Lock, graph: Graph) -> Iterator[str]:
    specs = {s.uses: s for i in graph.instances.values() for s in i.specs if s.provider != "local"}
    for uses, spec in sorted(specs.items()):
        if uses in lock.endpoints and lock.endpoints[uses] != schema_digest(spec):
            yield uses


def _short(key: str) -> str:
    return f"{key[:SHOWN]}…"
