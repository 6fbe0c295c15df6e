"""`callsheet models add` and `callsheet models diff`: the endpoints that a project describes itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from callsheet.errors import InputError

if TYPE_CHECKING:
    from callsheet.nodes.openapi.drift import Drift
    from callsheet.nodes.registry import Registry
    from callsheet.spec.node import NodeSpec

Comparison = tuple[str, str, "tuple[Drift, ...]"]


def add(registry: Registry, endpoints: Sequence[str]) -> None:
    """Write the live document of each endpoint into models/. All are fetched before any is written."""
    from callsheet.nodes.openapi.document import record_of
    from callsheet.nodes.openapi.live import fetch
    from callsheet.nodes.openapi.project_models import written
    from callsheet.runtime.store import atomic as disk

    paths = {endpoint: registry.own.path(endpoint) for endpoint in endpoints}
    documents: dict[str, Any] = {}
    for endpoint, found in fetch(endpoints).items():
        if isinstance(found, InputError):
            raise found
        record_of(endpoint, found, registry.catalogued(endpoint))
        documents[endpoint] = found
    for endpoint, path in paths.items():
        text = written(documents[endpoint]).encode()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            same = path.is_file() and path.read_bytes() == text
        except OSError as error:
            raise disk.explained(error, path) from error
        if not same:
            disk.replace(path, [text])
        click.echo(f"{path} is as it was" if same else f"wrote {path}")


def diff(registry: Registry, endpoints: Sequence[str], offline: bool, as_json: bool) -> bool:
    """Show how what is known of each endpoint drifts; whether the live documents are other than ours."""
    asked = tuple(endpoints) or tuple(registry.own)
    if not asked:
        raise InputError("the project has no models of its own", "callsheet models add ID, or models diff ID")
    live = {} if offline else _live(registry, asked)
    found = {endpoint: list(_compared(registry, endpoint, live.get(endpoint))) for endpoint in asked}
    notes = {e: problem.message for e, problem in live.items() if isinstance(problem, InputError)}
    click.echo(_json(found, notes) if as_json else _text(found, notes))
    return any(new == "live" and drifts for each in found.values() for _, new, drifts in each)


def _live(registry: Registry, endpoints: Sequence[str]) -> dict[str, NodeSpec | InputError]:
    from callsheet.nodes.catalogue.build import build
    from callsheet.nodes.openapi.document import record_of
    from callsheet.nodes.openapi.live import fetch

    specs: dict[str, NodeSpec | InputError] = {}
    for endpoint in endpoints:
        registry.own.path(endpoint)
    for endpoint, found in fetch(endpoints).items():
        try:
            if isinstance(found, InputError):
                raise found
            specs[endpoint] = build(record_of(endpoint, found, registry.catalogued(endpoint)))
        except InputError as error:
            specs[endpoint] = error
    return specs


def _compared(registry: Registry, endpoint: str, live: NodeSpec | InputError | None) -> Iterator[Comparison]:
    """catalogue → project → live, each step where both ends are known."""
    from callsheet.nodes.catalogue.build import build
    from callsheet.nodes.openapi.drift import drift

    catalogued = registry.catalogued(endpoint)
    own = registry.own.record(endpoint, catalogued)
    steps = [("catalogue", build(catalogued))] if catalogued else []
    steps += [(str(registry.own.path(endpoint)), build(own))] if own else []
    if live is not None and not isinstance(live, InputError):
        steps.append(("live", live))
    if not steps and live is None:
        raise InputError(f"there is no model {endpoint}", "callsheet models QUERY lists what there is")
    for (old, before), (new, after) in pairwise(steps):
        yield old, new, drift(before, after)


def _text(found: dict[str, list[Comparison]], notes: dict[str, str]) -> str:
    from callsheet.cli.views.wording import printable

    lines = []
    for endpoint, comparisons in found.items():
        lines.append(endpoint)
        for old, new, drifts in comparisons:
            lines.append(f"  {old} → {new}" + ("" if drifts else ": no drift"))
            lines += [f"    {printable(str(d))}" for d in drifts]
        if endpoint in notes:
            lines.append(f"  {printable(notes[endpoint])}")
    return "\n".join(lines)


def _json(found: dict[str, list[Comparison]], notes: dict[str, str]) -> str:
    data = [
        {
            "endpoint": endpoint,
            "compared": [
                {
                    "old": old,
                    "new": new,
                    "drift": [
                        {"what": d.what, "name": d.name, "said": d.said, "breaks": d.breaks} for d in drifts
                    ],
                }
                for old, new, drifts in comparisons
            ],
            **({"problem": notes[endpoint]} if endpoint in notes else {}),
        }
        for endpoint, comparisons in found.items()
    ]
    return json.dumps(data, ensure_ascii=False, indent=2)
