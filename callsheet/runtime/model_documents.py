"""Keeps a project's own descriptions of endpoints up to date, and compares them with others."""

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
from callsheet.nodes.registry import Registry
from callsheet.runtime.store import atomic as disk
from callsheet.spec.disk_errors import explained
from callsheet.spec.node import NodeSpec


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


def _written(path: Path, text: bytes) -> Document:
    disk.make_folder(path.parent)
    try:
        same = path.is_file() and path.read_bytes() == text
    except OSError as error:
        raise explained(error, path) from error
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
