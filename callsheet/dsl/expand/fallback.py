"""The alternatives of `fallback` join the instances that they stand in for.

Until here each alternative was checked and expanded as a node of its own (see `resolve.alternatives`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from callsheet.dsl.check.cycles import find_cycle
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import Alternative, Graph, Instance
from callsheet.dsl.resolve.alternatives import MARK, is_alternative
from callsheet.spec.conform import fits
from callsheet.spec.rules import instances as rules
from callsheet.spec.values import refs_in

QUOTED: Final = re.compile(r'"(\\.|[^"\\])*"')


def join_alternatives(graph: Graph, findings: Report) -> Graph:
    """`graph` with each alternative in its instance. Errors go into `findings`."""
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
    return Alternative(
        instance.spec,
        instance.params,
        instance.needs,
        instance.span,
        instance.tolerates,
        kinds=instance.options.falls_on,
    )


def _check_outputs(graph: Graph, findings: Report) -> None:
    """Every alternative has to make all outputs of an instance that are used."""
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
    instance: Instance | None, other: Alternative, name: str, user: str, findings: Report
) -> None:
    if instance is None or name not in instance.spec.outputs:
        return
    wanted, given = instance.spec.outputs[name], other.spec.outputs.get(name)
    if given is not None and fits(wanted, given, known=False):
        return
    uses = (other.spec.uses, instance.spec.uses)
    findings.add(other.span, rules.unlike_output(uses, name, (wanted, given), user), instance.address)


def _refuse_circles(graph: Graph, findings: Report) -> None:
    """An alternative must not need an instance that waits for it."""
    every = {a: replace(i, needs=i.all_needs) for a, i in graph.instances.items()}
    if circle := find_cycle(every):
        first = next((graph.instances[a] for a in circle if graph.instances[a].alternatives), None)
        if first is None:
            return
        place = first.alternatives[0].span
        findings.add(place, rules.fallback_in_a_circle(" → ".join(circle[:8])), first.address)
