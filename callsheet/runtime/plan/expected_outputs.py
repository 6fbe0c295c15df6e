"""What is known of results before they are made, and which of it is only a guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

from callsheet.dsl.check.static_facts import Probe, known_parameters
from callsheet.dsl.graph import Graph
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.store.output_codec import Outputs
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.values import leaves

NAMES: Final = tuple(field.name for field in fields(Facts))


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a result before it is made. guesses: the names of facts that are only expected."""

    facts: Facts
    guesses: frozenset[str]


def expected_outputs(
    graph: Graph, forecasts: Sequence[Forecast], probe: Probe
) -> dict[str, dict[str, Expected]]:
    """Address → output → what is known of it; only of what is not here yet.

    forecasts: each after those that it needs. probe: reads facts of the user's own media files.
    """
    certain: dict[str, Mapping[str, Facts]] = {}
    found: dict[str, dict[str, Expected]] = {}
    for forecast in forecasts:
        address, instance = forecast.step.address, graph.instances[forecast.step.address]
        if forecast.outputs is not None:
            certain[address] = _here(forecast.outputs)
            continue
        parameters = known_parameters(instance, graph.instances, certain, probe)
        certain[address] = known = instance.spec.determined(parameters)
        facts = forecast.step.facts
        found[address] = {name: _expected(facts[name], known.get(name, Facts())) for name in facts}
    return found


def _expected(facts: Facts, certain: Facts) -> Expected:
    """The facts of one output, the certain ones first."""
    unsure = {
        n: value for n in NAMES if getattr(certain, n) is None and (value := getattr(facts, n)) is not None
    }
    return Expected(replace(certain, **unsure), frozenset(unsure))


def _here(outputs: Outputs) -> dict[str, Facts]:
    """The facts of results that exist; of a list, those of its first element."""
    media = {name: next(leaves(value, Artifact), None) for name, value in outputs.items()}
    return {name: artifact.facts for name, artifact in media.items() if artifact is not None}
