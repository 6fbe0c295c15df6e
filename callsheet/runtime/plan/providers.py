"""Finds who makes the instances of a graph: workers on this machine, and paid providers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import cast

from callsheet.dsl.graph import Graph
from callsheet.errors import InputError
from callsheet.runtime.calls.protocol import PaidProvider, is_paid
from callsheet.runtime.plan.forecast import Forecast, to_do
from callsheet.spec.node import Worker


def workers_for(graph: Graph, preview: bool) -> dict[str, Worker]:
    """The workers that `graph` needs: for local operations, and in a preview for everything else too."""
    needed = {spec.provider for instance in graph.instances.values() for spec in instance.specs}
    needed |= graph.dynamic.providers if graph.dynamic else set()
    providers: dict[str, Worker] = {}
    if "local" in needed:
        from callsheet.nodes.local import Local

        providers["local"] = Local()
    if preview and needed - {"local"}:
        from callsheet.nodes.preview.provider import Preview

        providers.update(dict.fromkeys(needed - {"local"}, Preview()))
    return providers


def workers_in(workers: Mapping[str, Worker | PaidProvider]) -> dict[str, Worker]:
    """The providers that work on this machine and cost nothing."""
    return {name: cast("Worker", maker) for name, maker in workers.items() if not is_paid(maker)}


def paid_providers(forecasts: Sequence[Forecast], workers: Collection[str], graph: Graph) -> tuple[str, ...]:
    """The names of providers from whom something is bought or fetched, sorted."""
    wanted = (f.step for f in to_do(forecasts) if f.action != "declined")
    asked = {name for step in wanted for name in (step.provider, *step.others)}
    return tuple(sorted((asked | (graph.dynamic.providers if graph.dynamic else set())) - set(workers)))


def require_keys(providers: Sequence[str]) -> None:
    """Raises InputError with the environment variables of API keys that are not set. Nothing is sent."""
    from callsheet.nodes.providers import missing

    lacking = [variable for name in providers if (variable := missing(name))]
    if lacking:
        names = " and ".join(lacking)
        raise InputError(
            f"{names} is not set, so nothing was sent",
            f"set {names}, or add --preview to watch it as an animatic, without a key",
        )
