"""Lists models, describes one, and keeps a project's own descriptions of endpoints up to date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from callsheet.errors import InputError
from callsheet.nodes.catalogue import catalogue
from callsheet.nodes.catalogue.build import build
from callsheet.nodes.openapi.document import record_of
from callsheet.nodes.openapi.drift import Drift, drift
from callsheet.nodes.openapi.project_models import written
from callsheet.nodes.registry import Entry, Registry
from callsheet.runtime.store import atomic as disk
from callsheet.spec.describe import describe
from callsheet.spec.node import NodeSpec


@dataclass(frozen=True, slots=True)
class Model:
    """One model in a list. price: the formula in words, "free" or "unpriced"."""

    endpoint: str
    task: str
    price: str
    status: str


@dataclass(frozen=True, slots=True)
class Document:
    """The description of an endpoint in models/. changed: whether its bytes are new."""

    path: Path
    changed: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """One step of catalogue → models/ → live. old and new: names of the two ends."""

    old: str
    new: str
    drift: tuple[Drift, ...]


@dataclass(frozen=True, slots=True)
class Drifts:
    """How what is known of one endpoint differs. problem: why its live document could not be compared."""

    endpoint: str
    compared: tuple[Comparison, ...]
    problem: str = ""

    @property
    def drifted(self) -> bool:
        """Whether the live document differs from what is known here."""
        return any(step.new == "live" and step.drift for step in self.compared)


def models(registry: Registry, query: str = "", task: str = "") -> list[Model]:
    """The models that match every word of `query` and have this task; curated ones first, then the closest
    match."""
    return [_listed(registry, entry) for entry in registry.search(query, task)]


def model_called(registry: Registry, uses: str) -> NodeSpec:
    """The model `uses`. Raises InputError, with the nearest names, when there is none."""
    spec = registry.find(uses)
    if spec is None:
        near = registry.nearest(uses)
        search = f"search with callsheet models QUERY, or fetch its description: callsheet models add {uses}"
        hint = f"did you mean {', '.join(near)}?" if near else search
        raise InputError(f"there is no model {uses}", hint)
    return spec


def model(registry: Registry, uses: str) -> dict[str, Any]:
    """All that is known of a model, as JSON values. Raises InputError when there is none."""
    return describe(model_called(registry, uses), registry.record(uses))


def add_models(registry: Registry, endpoints: Sequence[str]) -> list[Document]:
    """Write the live document of each endpoint into models/. All are fetched before any is written.

    Raises InputError when one cannot be fetched or read, StoreError when one cannot be written.
    """
    from callsheet.nodes.openapi.live import fetch

    paths = {endpoint: registry.own.path(endpoint) for endpoint in endpoints}
    documents: dict[str, Mapping[str, Any]] = {}
    for endpoint, found in fetch(endpoints).items():
        if isinstance(found, InputError):
            raise found
        record_of(endpoint, found, catalogue.record(endpoint))
        documents[endpoint] = found
    return [_written(path, written(documents[endpoint]).encode()) for endpoint, path in paths.items()]


def compare_models(registry: Registry, endpoints: Sequence[str] = (), live: bool = True) -> list[Drifts]:
    """How the catalogue, the project's own documents and the live ones differ.

    endpoints: all of the project's own when none is named. live: fetch the live documents.
    Raises InputError when there is nothing to compare.
    """
    asked = tuple(endpoints) or tuple(registry.own)
    if not asked:
        raise InputError("the project has no models of its own", "callsheet models add ID, or models diff ID")
    found = _live(registry, asked) if live else {}
    return [_drifts(registry, endpoint, found.get(endpoint)) for endpoint in asked]


def _listed(registry: Registry, entry: Entry) -> Model:
    spec = registry.find(entry.uses)
    if spec is None:
        return Model(entry.uses, entry.task, "unpriced", "active")
    free = "free" if spec.provider == "local" else "unpriced"
    return Model(spec.uses, spec.task, spec.price.formula if spec.price else free, spec.status)


def _written(path: Path, text: bytes) -> Document:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        same = path.is_file() and path.read_bytes() == text
    except OSError as error:
        raise disk.explained(error, path) from error
    if not same:
        disk.replace(path, [text])
    return Document(path, changed=not same)


def _live(registry: Registry, endpoints: Sequence[str]) -> dict[str, NodeSpec | InputError]:
    from callsheet.nodes.openapi.live import fetch

    specs: dict[str, NodeSpec | InputError] = {}
    for endpoint in endpoints:
        registry.own.path(endpoint)
    for endpoint, found in fetch(endpoints).items():
        try:
            if isinstance(found, InputError):
                raise found
            specs[endpoint] = build(record_of(endpoint, found, catalogue.record(endpoint)))
        except InputError as error:
            specs[endpoint] = error
    return specs


def _drifts(registry: Registry, endpoint: str, live: NodeSpec | InputError | None) -> Drifts:
    problem = live.message if isinstance(live, InputError) else ""
    return Drifts(endpoint, tuple(_compared(registry, endpoint, live)), problem)


def _compared(registry: Registry, endpoint: str, live: NodeSpec | InputError | None) -> Iterator[Comparison]:
    """catalogue → project → live, each step where both ends are known."""
    catalogued = catalogue.record(endpoint)
    own = registry.own.record(endpoint, catalogued)
    steps = [("catalogue", build(catalogued))] if catalogued else []
    steps += [(str(registry.own.path(endpoint)), build(own))] if own else []
    if live is not None and not isinstance(live, InputError):
        steps.append(("live", live))
    if not steps and live is None:
        raise InputError(f"there is no model {endpoint}", "callsheet models QUERY lists the models")
    for (old, before), (new, after) in pairwise(steps):
        yield Comparison(old, new, drift(before, after))
