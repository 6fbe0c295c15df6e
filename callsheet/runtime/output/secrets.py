"""The values that must never be written down."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from callsheet.dsl.graph import Graph
from callsheet.nodes import providers
from callsheet.spec.values import SecretName, leaves


def secret_names(tree: object) -> Iterator[str]:
    """The environment variables that a value tree names as secrets."""
    return (secret.variable for secret in leaves(tree, SecretName))


def live(graph: Graph, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The values of the providers' keys, and of every secret that `graph` names."""
    named = {name for i in graph.instances.values() for name in secret_names(i.params)}
    named |= {name for i in graph.instances.values() for spec in i.specs for name in spec.keys}
    used = {spec.provider for i in graph.instances.values() for spec in i.specs}
    return (*providers.secrets(used, environ), *filter(None, map(environ.get, sorted(named))))
