"""The alternatives of `fallback` as nodes of their own.

Each gets a name that no pipeline can write. It inherits parameters from its node: those of the same name,
and media parameters with the same role.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from callsheet.dsl.address import steps
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.syntax.ast import AlternativeDecl, Document, MapValue, NodeDecl, Value
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.spec.node import NodeSpec, Specs
from callsheet.spec.rules import models as rules
from callsheet.spec.types import media_in

MARK: Final = "?"
"""Stands in the names of alternatives: `clip?1`."""


def with_alternatives(document: Document, specs: Specs, report: Report) -> Document:
    """`document` with a node for every alternative. Warns of parameters that one cannot inherit."""
    if not any(decl.fallback for decl in document.nodes.values()):
        return document
    nodes: dict[str, NodeDecl] = {}
    for name, decl in document.nodes.items():
        nodes[name] = decl
        for number, other in enumerate(decl.fallback, 1):
            nodes[f"{name}{MARK}{number}"] = _node(f"{name}{MARK}{number}", decl, other, specs, report)
    return replace(document, nodes=nodes)


def is_alternative(name: str) -> bool:
    """Whether this is the name of an alternative."""
    return MARK in name


def alternatives_in(names: Iterable[str]) -> dict[str, list[str]]:
    """Node → the names of its alternatives, in the order in which they are tried."""
    found: dict[str, list[str]] = {}
    for name in filter(is_alternative, names):
        found.setdefault(name.rpartition(MARK)[0], []).append(name)
    return found


def alternative_address(address: str, name: str) -> str:
    """The address of the alternative called `name` of the instance at `address`."""
    *recipes, own = steps(address)
    return "/".join([*recipes, name + own[len(name.rpartition(MARK)[0]) :]])


def _node(name: str, first: NodeDecl, other: AlternativeDecl, specs: Specs, report: Report) -> NodeDecl:
    own = other.params.entries if other.params else ()
    before, after = specs.find(first.uses.text), specs.find(other.uses.text)
    kept = dict(inherited(first, other, before, after, report)) if before and after else {}
    entries = (*own, *kept.values())
    return replace(
        first,
        key=replace(first.key, text=name),
        uses=other.uses,
        choice=None,
        params=MapValue(other.uses.span, entries) if entries else None,
        inherited=frozenset(kept),
        options=replace(first.options, falls_on=other.on),
        fallback=(),
        provider=None,
        span=other.uses.span,
    )


def inherited(
    first: NodeDecl, other: AlternativeDecl, before: NodeSpec, after: NodeSpec, report: Report
) -> Iterator[tuple[str, tuple[YamlScalar, Value]]]:
    """The parameters of the first that the other takes too, under the names that the other uses. Warns of the
    others."""
    own = {after.aliases.get(key.text, key.text) for key, _ in (other.params.entries if other.params else ())}
    dropped = []
    for key, value in first.params.entries if first.params else ():
        name = counterpart(before.aliases.get(key.text, key.text), before, after)
        if name is None:
            dropped += [key.text] if _is_missed(key.text, before, after) else []
        elif name not in own:
            yield name, (replace(key, text=name), value)
    if dropped:
        report.add(other.uses.span, rules.parameters_dropped(after.uses, dropped))


def _is_missed(name: str, before: NodeSpec, after: NodeSpec) -> bool:
    """Whether to warn that the other lacks it; a local operation is not expected to take what a model takes,
    such as a prompt."""
    place = before.inputs.get(before.aliases.get(name, name))
    if after.provider != "local" or before.provider == "local":
        return True
    return place is None or any(media_in(place.type))


def counterpart(name: str, before: NodeSpec, after: NodeSpec) -> str | None:
    """The parameter of the other with this name, or with the same role."""
    there = after.aliases.get(name, name)
    if there in after.inputs:
        return there
    role = before.roles.get(name)
    return (
        next((n for n, r in after.roles.items() if r == role and n in after.inputs), None) if role else None
    )
