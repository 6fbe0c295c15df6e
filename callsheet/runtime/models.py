"""Lists models and describes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from callsheet.errors import InputError
from callsheet.nodes.registry import Entry, Registry
from callsheet.spec import shell
from callsheet.spec.describe import describe
from callsheet.spec.node import NodeSpec
from callsheet.spec.price.quote import quote


@dataclass(frozen=True, slots=True)
class Model:
    """One model in a list. price: the formula in words, "free" or "unpriced". usd: what a call with the
    defaults costs, from and to; None where nobody knows."""

    endpoint: str
    task: str
    price: str
    status: str
    usd: tuple[float, float] | None = None


def models(registry: Registry, query: str = "", task: str = "") -> list[Model]:
    """The models that match every word of `query` and have this task; see `Registry.search` for
    their order."""
    return [_listed(registry, entry) for entry in registry.search(query, task)]


def model_called(registry: Registry, uses: str) -> NodeSpec:
    """The model `uses`. Raises InputError, with the nearest names, when there is none."""
    spec = registry.find(uses)
    if spec is None:
        near = registry.nearest(uses)
        add = shell.command(["callsheet", "models", "add", uses])
        search = f"search with callsheet models QUERY, or fetch its description: {add}"
        hint = f"did you mean {', '.join(near)}?" if near else search
        raise InputError(f"there is no model {uses}", hint)
    return spec


def model(registry: Registry, uses: str) -> dict[str, Any]:
    """All that is known of a model, as JSON values. Raises InputError when there is none."""
    return describe(model_called(registry, uses), registry.record(uses))


def _listed(registry: Registry, entry: Entry) -> Model:
    spec = registry.find(entry.uses)
    if spec is None:
        return Model(entry.uses, entry.task, "unpriced", "active")
    if spec.price is None:
        return Model(spec.uses, spec.task, "free" if spec.provider == "local" else "unpriced", spec.status)
    usual = quote(spec, {})
    formula = spec.price.formula + (" (list)" if spec.price.origin == "list" else "")
    usd = None if usual.low is None or usual.high is None else (usual.low, usual.high)
    return Model(spec.uses, spec.task, formula, spec.status, usd)
