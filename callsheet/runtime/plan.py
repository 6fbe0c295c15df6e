"""What a run would do and cost, before anything is done. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from callsheet.dsl.graph import Graph, Instance, Late, LocalFile, Ref, SecretName
from callsheet.dsl.types import NOTHING, ListOf, Maybe, Media, Type
from callsheet.nodes.artifact import Artifact, Facts
from callsheet.runtime.graph import needs_of, order
from callsheet.runtime.work import expected_seconds

Probe = Callable[[Path], Facts]


@dataclass(frozen=True, slots=True)
class Step:
    """One instance to make.

    usd: its price, 0 for local work, None when it is not known. facts: output name → what is known of
    it by now. seconds: roughly how long it takes.
    """

    address: str
    node: str
    uses: str
    provider: str
    needs: tuple[str, ...]
    usd: float | None
    facts: Mapping[str, Facts]
    seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of a run, each after all that it needs."""

    graph: Graph
    steps: tuple[Step, ...]

    @property
    def usd(self) -> float:
        """The sum of every known price, in USD; what is unpriced comes on top."""
        return sum(step.usd or 0.0 for step in self.steps)

    @property
    def unpriced(self) -> int:
        """How many steps have no known price."""
        return sum(step.usd is None for step in self.steps)

    @property
    def seconds(self) -> float | None:
        """The length of the first video among the pipeline's outputs, in seconds, if known."""
        facts = {step.address: step.facts for step in self.steps}
        for value in self.graph.outputs.values():
            if isinstance(value, Ref) and value.address in facts:
                known = facts[value.address].get(str(value.path[0]), Facts()).seconds
                if known is not None:
                    return known
        return None

    def to_json(self) -> dict[str, object]:
        """The plan as JSON values; an unknown price or length is null."""
        return {
            "version": 1,
            "pipeline": self.graph.name,
            "steps": [_step_json(step) for step in self.steps],
            "skipped": list(self.graph.skipped),
            "usd": {
                "low": round(self.usd, 6),
                "high": None if self.unpriced else round(self.usd, 6),
                "unpriced": self.unpriced,
            },
            "seconds": self.seconds,
        }


def plan(graph: Graph, probe: Probe = lambda _: Facts()) -> Plan:
    """The plan of `graph`. `probe` tells the facts of the user's own media files.

    Raises ValueError for a graph with a cycle or a missing instance; a checked one has neither.
    """
    needs = needs_of(graph)
    facts: dict[str, Mapping[str, Facts]] = {}
    steps = []
    for address in order(needs):
        step = _step(graph, address, needs[address], facts, probe)
        facts[address] = step.facts
        steps.append(step)
    return Plan(graph, tuple(steps))


def _step(
    graph: Graph,
    address: str,
    needs: tuple[str, ...],
    upstream: Mapping[str, Mapping[str, Facts]],
    probe: Probe,
) -> Step:
    instance = graph.instances[address]
    spec = instance.spec
    parameters = known_parameters(instance, graph, upstream, probe)
    facts = spec.facts(parameters)
    return Step(
        address=address,
        node=instance.node,
        uses=spec.uses,
        provider=spec.provider,
        needs=needs,
        usd=_usd(instance, parameters, facts),
        facts=facts,
        seconds=expected_seconds(spec, facts),
    )


def _usd(instance: Instance, parameters: Mapping[str, object], facts: Mapping[str, Facts]) -> float | None:
    if instance.spec.provider == "local":
        return 0.0
    price = instance.spec.price
    return price.usd(parameters, facts) if price else None


def known_parameters(
    instance: Instance, graph: Graph, upstream: Mapping[str, Mapping[str, Facts]], probe: Probe
) -> dict[str, object]:
    """The parameters of `instance` that are known before the run, defaults included.

    Media is there as an `Artifact` with the facts known so far and no bytes; a parameter of which any
    part is not known is left out.
    """

    def known(value: object) -> object:
        match value:
            case Ref():
                return _artifact(value, graph, upstream)
            case Late() | SecretName():
                return NOTHING
            case LocalFile(kind, path):
                return Artifact(kind, path, facts=probe(path))
            case dict():
                return _whole({k: known(v) for k, v in value.items()})
            case list() | tuple():
                return _whole([known(v) for v in value])
        return value

    given = {name: known(value) for name, value in instance.params.items()}
    defaults = {
        name: field.default
        for name, field in instance.spec.inputs.items()
        if field.default is not NOTHING and name not in given
    }
    return {name: value for name, value in {**defaults, **given}.items() if value is not NOTHING}


def _whole(value: dict[str, object] | list[object]) -> object:
    parts = value.values() if isinstance(value, dict) else value
    return NOTHING if any(part is NOTHING for part in parts) else value


def _artifact(ref: Ref, graph: Graph, upstream: Mapping[str, Mapping[str, Facts]]) -> object:
    """The media that `ref` will be, or NOTHING when it is not one media value."""
    instance = graph.instances.get(ref.address)
    if instance is None or not ref.path:
        return NOTHING
    name = str(ref.path[0])
    found = _follow(instance.spec.outputs.get(name), ref.path[1:])
    if not isinstance(found, Media):
        return NOTHING
    return Artifact(found.kind, Path(), facts=upstream[ref.address].get(name, Facts()))


def _follow(t: Type | None, path: Sequence[str | int]) -> Type | None:
    """The type at `path` inside `t`; a record is not followed, its facts are not told apart."""
    while isinstance(t, Maybe):
        t = t.inner
    if not path:
        return t
    return _follow(t.item, path[1:]) if isinstance(t, ListOf) else None


def _step_json(step: Step) -> dict[str, object]:
    return {
        "address": step.address,
        "node": step.node,
        "uses": step.uses,
        "needs": list(step.needs),
        "usd": None if step.usd is None else round(step.usd, 6),
        "outputs": {
            name: {f: v for f, v in _facts_json(facts).items() if v is not None}
            for name, facts in step.facts.items()
        },
    }


def _facts_json(facts: Facts) -> dict[str, object]:
    return {name: getattr(facts, name) for name in ("seconds", "width", "height", "fps", "audio")}
