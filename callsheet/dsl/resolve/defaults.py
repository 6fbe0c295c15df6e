"""Options that a project gives to its nodes, by endpoint or task, where they do not say them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from callsheet.dsl.graph import NodeDefaults
from callsheet.dsl.resolve.code_files import is_code
from callsheet.dsl.resolve.specs import is_recipe
from callsheet.dsl.syntax.ast import Document, NodeDecl
from callsheet.dsl.yaml.nodes import YamlMap
from callsheet.errors import InputError
from callsheet.spec.node import Specs

KEYS: Final = {"takes": "takes", "attempts": "retry", "approve": "approve"}
"""Option → the key of a node that says it."""


def with_defaults(document: Document, defaults: Mapping[str, NodeDefaults], specs: Specs) -> Document:
    """The document with these options. What is said of an endpoint wins over what is said of its task. Nodes
    inside of recipes stay as they are: a recipe gives the same in every project."""
    if not defaults:
        return document
    nodes = {
        name: replace(decl, options=replace(decl.options, **_missing(document, decl, defaults, specs)))
        for name, decl in document.nodes.items()
    }
    return replace(document, nodes=nodes)


def _missing(
    document: Document, decl: NodeDecl, defaults: Mapping[str, NodeDefaults], specs: Specs
) -> dict[str, Any]:
    """The options of a node that it does not say itself."""
    written = _keys(document, decl.name)
    found: dict[str, Any] = {}
    for given in _defaults_of(decl, defaults, specs):
        for option, key in KEYS.items():
            if key not in written and (value := getattr(given, option)) is not None:
                found[option] = value
    return found


def _defaults_of(
    decl: NodeDecl, defaults: Mapping[str, NodeDefaults], specs: Specs
) -> Iterator[NodeDefaults]:
    """What is said of its task, then of its endpoint."""
    uses = decl.uses.text
    if decl.choice is not None or is_recipe(uses) or is_code(uses):
        return
    try:
        spec = specs.find(uses)
    except InputError:
        return
    if spec is not None and spec.task in defaults:
        yield defaults[spec.task]
    if uses in defaults:
        yield defaults[uses]


def _keys(document: Document, name: str) -> frozenset[str]:
    """The keys that the node has in the file."""
    nodes = document.root.get("nodes") if isinstance(document.root, YamlMap) else None
    node = nodes.get(name) if isinstance(nodes, YamlMap) else None
    return frozenset(key for key, _, _ in node) if isinstance(node, YamlMap) else frozenset()
