"""The steps of a graph in order, with the prices of making all of them. Does not look at earlier runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from callsheet.dsl.check.static_facts import Instances, KnownFacts, Probe
from callsheet.dsl.graph import Graph, Instance
from callsheet.runtime.graph.dag import all_needs_of, needs_of, order, spare
from callsheet.runtime.plan.expected_time import expected_seconds
from callsheet.runtime.plan.outlook import outlook
from callsheet.spec.media import Facts
from callsheet.spec.price.quote import Quote
from callsheet.spec.values import Ref


@dataclass(frozen=True, slots=True)
class Step:
    """One instance to make.

    usd: its price, 0 for local work, None if unknown. facts: output name → what is known about it before it
    is made. seconds: a rough duration. most: USD if every attempt and every alternative is paid for. others:
    providers of the alternatives. spare: only an alternative of another step needs it. quote: the price as a
    range, with its reasons and its source; None where it is no call of its own. instead: number of an
    alternative that stands in for a rejected result → its step.
    """

    address: str
    node: str
    uses: str
    provider: str
    needs: tuple[str, ...]
    usd: float | None
    facts: Mapping[str, Facts]
    seconds: float
    most: float | None = None
    others: tuple[str, ...] = ()
    spare: bool = False
    quote: Quote | None = None
    instead: Mapping[int, Step] = field(default_factory=dict)

    @property
    def least(self) -> float:
        """The least that it costs, in USD; 0 if its price is unknown."""
        return (self.usd if self.quote is None else self.quote.low) or 0.0


@dataclass(frozen=True, slots=True)
class Draft:
    """The steps of a graph, each after everything that it needs, as if nothing were made yet."""

    graph: Graph
    steps: tuple[Step, ...]

    @property
    def usd(self) -> float:
        """The sum of all known prices, in USD."""
        return sum(step.usd or 0.0 for step in self.steps if not step.spare)

    @property
    def most(self) -> float:
        """The same in USD, if every attempt fails and every alternative is tried."""
        return sum(step.most or 0.0 for step in self.steps)

    @property
    def unpriced(self) -> int:
        """How many steps have no known price."""
        return sum(step.usd is None for step in self.steps if not step.spare)

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
        """The draft as JSON values; an unknown price or length is null."""
        return {
            "version": 1,
            "pipeline": self.graph.name,
            "steps": [_step_json(step) for step in self.steps],
            "skipped": list(self.graph.skipped),
            "usd": {
                "low": round(sum(step.least for step in self.steps if not step.spare), 6),
                "high": None if self.unpriced else round(self.usd, 6),
                "unpriced": self.unpriced,
            },
            "seconds": self.seconds,
        }


def draft(graph: Graph, probe: Probe = lambda _: Facts()) -> Draft:
    """The draft of `graph`. probe: reads facts of the user's own media files.

    Raises ValueError for a cycle or a missing instance; a checked graph has neither.
    """
    return Draft(graph, steps_of(graph, graph.instances, {}, probe))


def steps_of(
    graph: Graph, addresses: Collection[str], facts: dict[str, Mapping[str, Facts]], probe: Probe
) -> tuple[Step, ...]:
    """The steps of these instances, each after everything that it needs. facts: of steps that were planned
    before; those of the new ones are added."""
    needs = needs_of(graph, addresses)
    every = all_needs_of(graph, addresses)
    among = {a: tuple(n for n in before if n in needs) for a, before in every.items()}
    steps = []
    only_lent = spare(graph) if any(i.alternatives for i in graph.instances.values()) else ()
    for address in order(among):
        step = _step(graph, address, needs[address], facts, probe)
        step = replace(step, spare=True) if address in only_lent else step
        facts[address] = step.facts
        steps.append(step)
    return tuple(steps)


def _step(
    graph: Graph,
    address: str,
    needs: tuple[str, ...],
    upstream: Mapping[str, Mapping[str, Facts]],
    probe: Probe,
) -> Step:
    instance = graph.instances[address]
    step = _step_of(instance, graph, needs, upstream, probe)
    if not instance.alternatives:
        return step
    others = {
        number: instance.as_alternative(number)
        for number, other in enumerate(instance.alternatives, 1)
        if "declined" in other.kinds
    }
    return replace(
        step, instead={n: _step_of(one, graph, one.needs, upstream, probe) for n, one in others.items()}
    )


def _step_of(
    instance: Instance,
    graph: Graph,
    needs: tuple[str, ...],
    upstream: Mapping[str, Mapping[str, Facts]],
    probe: Probe,
) -> Step:
    spec = instance.spec
    seen = outlook(instance, graph.instances, upstream, probe)
    usd = seen.quote.high
    return Step(
        address=instance.address,
        node=instance.node,
        uses=spec.uses,
        provider=spec.provider,
        needs=needs,
        usd=usd,
        facts=seen.facts,
        seconds=expected_seconds(spec, seen.facts),
        most=_most(instance, usd, graph, upstream, probe),
        quote=seen.quote,
        others=tuple(sorted({other.spec.provider for other in instance.alternatives})),
    )


def _most(
    instance: Instance,
    usd: float | None,
    graph: Graph,
    upstream: Mapping[str, Mapping[str, Facts]],
    probe: Probe,
) -> float | None:
    """USD if every attempt at an instance fails, except the last attempt with the last alternative."""
    prices = [usd]
    for number in range(1, len(instance.alternatives) + 1):
        prices.append(price_of(instance.as_alternative(number), graph.instances, upstream, probe))
    known = [price for price in prices if price is not None]
    return None if len(known) < len(prices) else sum(known) * (instance.options.attempts or 1)


def price_of(instance: Instance, instances: Instances, facts: KnownFacts, probe: Probe) -> float | None:
    """The price of an instance in USD, the highest where it is a range: 0 for local work, None if unknown."""
    return outlook(instance, instances, facts, probe).quote.high


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
