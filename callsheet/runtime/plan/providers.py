"""Finds who makes the instances of a graph: workers on this machine, and paid providers."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import cast

from callsheet.dsl.graph import Graph, Instance
from callsheet.errors import InputError
from callsheet.nodes.plugins.secrets import variables
from callsheet.nodes.providers import PAID_NODES
from callsheet.runtime.calls.protocol import PaidProvider, is_paid
from callsheet.runtime.plan.forecast import Forecast, to_do
from callsheet.spec.node import Worker


def workers_for(
    graph: Graph, preview: bool, whole: Graph | None = None, voice: str = "tone", size: int = 0
) -> dict[str, Worker]:
    """The workers that `graph` needs: for local operations, and in a preview for everything else too.
    whole: the graph that it was chosen from. voice, size: of a preview, see `RunOptions`.

    Raises PipelineError for answers to a preview that do not fit, InputError for a voice that is missing or a
    size that shows nothing.
    """
    needed = {spec.provider for instance in graph.instances.values() for spec in instance.specs}
    needed |= graph.dynamic.providers if graph.dynamic else set()
    providers: dict[str, Worker] = {}
    if "local" in needed:
        from callsheet.nodes.local import Local

        providers["local"] = Local(preview=preview)
    if preview and needed - {"local"}:
        from callsheet.nodes.local import Local
        from callsheet.nodes.preview.provider import Preview
        from callsheet.runtime.plan.known_answers import known_of

        of_nodes = {name for name in needed if name.endswith(PAID_NODES)}
        providers.update(dict.fromkeys(needed - {"local"}, Preview(known_of(whole or graph, voice, size))))
        providers.update(dict.fromkeys(of_nodes, Local(preview=True)))
    return providers


def workers_in(workers: Mapping[str, Worker | PaidProvider]) -> dict[str, Worker]:
    """The providers that work on this machine and cost nothing."""
    return {name: cast("Worker", maker) for name, maker in workers.items() if not is_paid(maker)}


def paid_providers(forecasts: Sequence[Forecast], workers: Collection[str], graph: Graph) -> tuple[str, ...]:
    """The names of providers from whom something is bought or fetched, sorted."""
    wanted = (f.step for f in to_do(forecasts) if f.action != "declined")
    asked = {name for step in wanted for name in (step.provider, *step.others)}
    return tuple(sorted((asked | (graph.dynamic.providers if graph.dynamic else set())) - set(workers)))


def require_keys(
    providers: Sequence[str], instances: Iterable[Instance], environ: Mapping[str, str] = os.environ
) -> None:
    """Raises InputError with the environment variables of keys that are not set. Nothing is sent.

    instances: what is made; nodes of plug-ins among them have keys of their own.
    """
    from callsheet.nodes.providers import missing

    lacking = [variable for name in providers if (variable := missing(name))]
    of_nodes = (name for one in instances for name in _keys_of_nodes(one))
    lacking += [name for name in dict.fromkeys(of_nodes) if not environ.get(name, "").strip()]
    if lacking:
        names = " and ".join(dict.fromkeys(lacking))
        raise InputError(
            f"{names} is not set, so nothing was sent",
            f"set {names}, or add --preview to watch it as an animatic, without a key",
        )


def _keys_of_nodes(instance: Instance) -> Iterator[str]:
    """The variables that nodes of plug-ins need for an instance, however it is made."""
    for number in range(len(instance.alternatives) + 1):
        one = instance.as_alternative(number)
        if one.spec.perform is not None:
            yield from variables(one.spec, one.params)
