"""Which values must never be written down."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from callsheet.dsl.graph import Graph
from callsheet.nodes import providers
from callsheet.spec.values import SecretName


def secrets_of(value: object) -> Iterator[str]:
    """The environment variables that a value tree names as secrets."""
    match value:
        case SecretName(variable):
            yield variable
        case Mapping():
            for v in value.values():
                yield from secrets_of(v)
        case list() | tuple():
            for v in value:
                yield from secrets_of(v)


def live(graph: Graph, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The values of the providers' keys, and of every secret that `graph` names."""
    named = {variable for i in graph.instances.values() for variable in secrets_of(i.params)}
    used = {spec.provider for i in graph.instances.values() for spec in i.specs}
    return (*providers.secrets(used, environ), *filter(None, map(environ.get, sorted(named))))
