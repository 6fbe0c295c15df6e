"""Instances that wait for each other in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.expression.template import names_in
from callsheet.dsl.graph import Instance
from callsheet.dsl.syntax.ast import Document, expressions_in
from callsheet.spec.rules import instances as rules


def refuse_cycle(documents: Iterable[Document], instances: Mapping[str, Instance], report: Report) -> bool:
    """Report a circle at one of its references. Returns whether there is one."""
    circle = find_cycle(instances)
    if circle is None:
        return False
    place = _reference(documents, instances[circle[0]], instances[circle[1]])
    report.add(place, rules.instances_in_a_circle(shown(circle)))
    return True


def _reference(documents: Iterable[Document], first: Instance, second: Instance) -> Span:
    """The place where `first` refers to `second`, or else the place of `first`."""
    decls = [decl for document in documents for decl in document.nodes.values() if decl.span == first.span]
    names = {second.node.rpartition("/")[2], *second.node.split("/")}
    for expression in (e for decl in decls for e in expressions_in(decl.params)):
        for named in names_in(expression):
            if named.name in names:
                return expression.part(named)
    return first.span


def find_cycle(instances: Mapping[str, Instance]) -> list[str] | None:
    """A circle as [a, b, …, a], starting at its first instance in the file, or None."""
    done: set[str] = set()
    for root in instances:
        path: dict[str, None] = {}
        stack = [] if root in done else [(root, iter(instances[root].needs))]
        path.update(dict.fromkeys(address for address, _ in stack))
        while stack:
            address, needs = stack[-1]
            following = next((n for n in needs if n not in done and n in instances), None)
            if following is None:
                stack.pop()
                path.pop(address)
                done.add(address)
            elif following in path:
                return _from_first([*path][[*path].index(following) :], list(instances))
            else:
                path[following] = None
                stack.append((following, iter(instances[following].needs)))
    return None


def shown(circle: list[str]) -> str:
    """A circle in one line; the middle of a long one is left out."""
    return " → ".join(circle if len(circle) <= 8 else [*circle[:4], "…", *circle[-3:]])


def _from_first(circle: list[str], order: list[str]) -> list[str]:
    places = {address: i for i, address in enumerate(order)}
    start = min(range(len(circle)), key=lambda i: places[circle[i]])
    turned = circle[start:] + circle[:start]
    return [*turned, turned[0]]
