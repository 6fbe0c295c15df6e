"""Turns steps into the input of the scheduler: providers, needs and alternatives of each address."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from callsheet.dsl.graph import Graph, Instance
from callsheet.errors import InputError
from callsheet.runtime.calls.protocol import PaidProvider
from callsheet.runtime.execute.scheduler import Scheduler, State, Way, Work
from callsheet.runtime.graph.dag import remaining
from callsheet.runtime.plan.draft import Step
from callsheet.runtime.plan.dynamic_graph import AddedInstances
from callsheet.spec.node import Worker


def provider_of(instance: Instance, providers: Mapping[str, Worker | PaidProvider]) -> Worker | PaidProvider:
    spec = instance.spec
    try:
        return providers[spec.provider]
    except KeyError:
        raise InputError(f"nobody makes {spec.uses}: no provider {spec.provider} here") from None


def scheduler_of(
    steps: Sequence[Step],
    graph: Graph,
    assigned: Mapping[str, Worker | PaidProvider],
    providers: Mapping[str, Worker | PaidProvider],
    held: Sequence[str],
    begun: Mapping[str, int],
    settled: Collection[str] = (),
) -> Scheduler:
    """The scheduler of a run. settled: addresses whose result exists and is only to be published."""
    ours = {*held, *(step.address for step in steps)}
    needs: dict[str, tuple[str, ...]] = dict.fromkeys(held, ())
    needs |= {step.address: tuple(need for need in step.needs if need in ours) for step in steps}
    work = Work(
        needs,
        lane={address: provider.name for address, provider in assigned.items()},
        limits={provider.name: provider.limit for provider in providers.values()},
        urgency=remaining(needs, dict.fromkeys(held, 0.0) | {step.address: step.seconds for step in steps}),
        tolerant={address: _tolerated(graph.instances[address]) for address in needs},
        ways={
            step.address: ways
            for step in steps
            if step.address not in settled and (ways := _ways(graph.instances[step.address], ours, providers))
        },
        idle={step.address for step in steps if step.spare and step.address not in settled},
        held=held,
        begun=begun,
    )
    return Scheduler(work)


def _tolerated(instance: Instance) -> Collection[str]:
    return {*instance.tolerates, *(need for other in instance.alternatives for need in other.tolerates)}


def _ways(
    instance: Instance, ours: Collection[str], providers: Mapping[str, Worker | PaidProvider]
) -> list[Way]:
    """The alternatives of an instance, with their needs and providers."""
    others = [instance.as_alternative(number) for number in range(1, len(instance.alternatives) + 1)]
    lanes = [provider_of(other, providers).name for other in others]
    needs = [tuple(need for need in other.needs if need in ours) for other in others]
    kinds = [other.kinds for other in instance.alternatives]
    return [Way(*one) for one in zip(needs, lanes, kinds, strict=True)]


def added_work(
    added: AddedInstances,
    assigned: Mapping[str, Worker | PaidProvider],
    providers: Mapping[str, Worker | PaidProvider],
    states: Mapping[str, State],
) -> Work:
    """The scheduler's input for instances that were added. Addresses that were reused are not known to it."""
    new = {step.address: step for step in added.steps}
    ours, instances = {*new, *states}, added.graph.instances
    return Work(
        needs={a: tuple(need for need in step.needs if need in ours) for a, step in new.items()},
        lane={a: assigned[a].name for a in new},
        limits={provider.name: provider.limit for provider in providers.values()},
        urgency=added.urgency,
        tolerant={a: _tolerated(instances[a]) for a in new},
        ways={a: ways for a in new if (ways := _ways(instances[a], ours, providers))},
        idle={a for a, step in new.items() if step.spare},
    )
