"""Fallback: other ways to make what a node makes.

Each alternative is checked and expanded as a node of its own, under a name that no pipeline can write, with
what it inherits from the first: parameters of the same name, and media parameters for the same purpose.
Afterwards its instances become the alternatives of the instances that they stand in for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from callsheet.dsl.address import steps
from callsheet.dsl.check.cycles import find_cycle
from callsheet.dsl.diagnostics.diagnostic import Report
from callsheet.dsl.diagnostics.instance_errors import Findings
from callsheet.dsl.graph import Alternative, Graph, Instance
from callsheet.dsl.syntax.ast import AlternativeDecl, Document, MapValue, NodeDecl, Value
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.spec.conform import a_type, fits
from callsheet.spec.node import NodeSpec, Specs
from callsheet.spec.types import media_in
from callsheet.spec.values import refs_in

QUOTED: Final = re.compile(r'"(\\.|[^"\\])*"')
MARK: Final = "?"
"""Stands in the names of alternatives: `clip?1`."""


def with_alternatives(document: Document, specs: Specs, report: Report) -> Document:
    """`document` with a node for every alternative. What an alternative cannot inherit is said."""
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
    """Where the alternative called `name` of the instance at `address` is."""
    *recipes, own = steps(address)
    return "/".join([*recipes, name + own[len(name.rpartition(MARK)[0]) :]])


def _node(name: str, first: NodeDecl, other: AlternativeDecl, specs: Specs, report: Report) -> NodeDecl:
    own = other.params.entries if other.params else ()
    before, after = specs.find(first.uses.text), specs.find(other.uses.text)
    inherited = dict(_inherited(first, other, before, after, report)) if before and after else {}
    entries = (*own, *inherited.values())
    return replace(
        first,
        key=replace(first.key, text=name),
        uses=other.uses,
        params=MapValue(other.uses.span, entries) if entries else None,
        inherited=frozenset(inherited),
        fallback=(),
        provider=None,
        span=other.uses.span,
    )


def _inherited(
    first: NodeDecl, other: AlternativeDecl, before: NodeSpec, after: NodeSpec, report: Report
) -> Iterator[tuple[str, tuple[YamlScalar, Value]]]:
    """The parameters of the first that the other takes too, by the other's name for them."""
    own = {after.aliases.get(key.text, key.text) for key, _ in (other.params.entries if other.params else ())}
    dropped = []
    for key, value in first.params.entries if first.params else ():
        name = _counterpart(before.aliases.get(key.text, key.text), before, after)
        if name is None:
            dropped += [key.text] if _is_missed(key.text, before, after) else []
        elif name not in own:
            yield name, (replace(key, text=name), value)
    if dropped:
        names = " and ".join(f"`{name}`" for name in dropped)
        report.warn(
            "fallback-dropped",
            other.uses.span,
            f"`{after.uses}` takes no {names}, so it would be made without",
            "give what it takes instead under its own `with:`",
        )


def _is_missed(name: str, before: NodeSpec, after: NodeSpec) -> bool:
    """Whether it is worth a word that the other does without; local work is not expected to take prompts."""
    place = before.inputs.get(before.aliases.get(name, name))
    return after.provider != "local" or place is None or any(media_in(place.type))


def _counterpart(name: str, before: NodeSpec, after: NodeSpec) -> str | None:
    """The other's parameter of this name, or for this purpose."""
    there = after.aliases.get(name, name)
    if there in after.inputs:
        return there
    role = before.roles.get(name)
    return (
        next((n for n, r in after.roles.items() if r == role and n in after.inputs), None) if role else None
    )


def folded(graph: Graph, findings: Findings) -> Graph:
    """`graph` with its alternatives where they belong. One that makes something else is found."""
    if not any(is_alternative(instance.node) for instance in graph.instances.values()):
        return graph
    others: dict[tuple[str, tuple[str, ...]], list[Alternative]] = {}
    for instance in graph.instances.values():
        if is_alternative(instance.node):
            first = instance.node.rpartition(MARK)[0], instance.key
            others.setdefault(first, []).append(_alternative(instance))
    instances = {
        address: replace(instance, alternatives=tuple(others.get((instance.node, instance.key), ())))
        for address, instance in graph.instances.items()
        if not is_alternative(instance.node)
    }
    skipped = tuple(a for a in graph.skipped if not is_alternative(QUOTED.sub("", a)))
    kept = replace(graph, instances=instances, skipped=skipped)
    _check_outputs(kept, findings)
    _refuse_circles(kept, findings)
    return kept


def _alternative(instance: Instance) -> Alternative:
    return Alternative(instance.spec, instance.params, instance.needs, instance.span, instance.tolerates)


def _check_outputs(graph: Graph, findings: Findings) -> None:
    """Whatever is used of an instance, every alternative has to make as well."""
    used: dict[str, dict[str, str]] = {}
    for user, tree in _trees(graph):
        for ref in refs_in(tree):
            used.setdefault(ref.address, {}).setdefault(str(ref.path[0]) if ref.path else "", user)
    for address, names in used.items():
        instance = graph.instances.get(address)
        for other in instance.alternatives if instance else ():
            for name, user in names.items():
                _check_output(instance, other, name, user, findings)


def _trees(graph: Graph) -> Iterator[tuple[str, object]]:
    for address, instance in graph.instances.items():
        yield address, instance.params
        for other in instance.alternatives:
            yield address, other.params
    for name, tree in graph.outputs.items():
        yield f"the output {name}", tree


def _check_output(
    instance: Instance | None, other: Alternative, name: str, user: str, findings: Findings
) -> None:
    if instance is None or name not in instance.spec.outputs:
        return
    wanted, given = instance.spec.outputs[name], other.spec.outputs.get(name)
    if given is not None and fits(wanted, given, known=False):
        return
    gives = f"its `{name}` is {a_type(given)}" if given else f"it gives no `{name}`"
    findings.add(
        "fallback-output",
        other.span,
        f"`{other.spec.uses}` cannot stand in for `{instance.spec.uses}`: {gives},"
        f" and {user} needs {a_type(wanted)}",
        f"choose a model that gives `{name}`",
        instance.address,
    )


def _refuse_circles(graph: Graph, findings: Findings) -> None:
    """An alternative may not need what waits for it."""
    every = {a: replace(i, needs=i.all_needs) for a, i in graph.instances.items()}
    if circle := find_cycle(every):
        first = next((graph.instances[a] for a in circle if graph.instances[a].alternatives), None)
        if first is None:
            return
        findings.add(
            "cycle",
            first.alternatives[0].span,
            f"with its fallback these wait for each other: {' → '.join(circle[:8])}",
            "take one of the references out",
            first.address,
        )
