"""Errors of single instances in a pipeline that has other errors, too."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from callsheet.dsl.axes.axis import ListUnknown
from callsheet.dsl.diagnostics.diagnostic import RuleBroken
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expand.expansion import Expansion
from callsheet.dsl.expand.recipe_bodies import RecipeBodies
from callsheet.dsl.expand.recipe_uses import Uses, UseUnknown
from callsheet.dsl.expression.template import Expression, keys_read, names_in
from callsheet.dsl.syntax.ast import Document, expressions_in


def check_sound_part(document: Document, expansion: Expansion, bodies: RecipeBodies, report: Report) -> None:
    """Expand the nodes that refer only to sound nodes and inputs; report the errors of their instances."""
    sound, broken = set(expansion.shapes), expansion.inputs.broken
    expansion.checked = {
        name: node
        for name, node in expansion.checked.items()
        if all(used in sound or used not in document.nodes for used in _names_used(document, name))
        and not (broken and any(_reads(one, broken) for one in _expressions(document, name)))
    }
    if expansion.count() > expansion.placement.most:
        return
    expansion.skipped()
    try:
        Uses(expansion, bodies).make()
    except RuleBroken as error:
        report.merge(expansion.findings)
        report.add(error.span, error.problem)
        return
    for shape in (expansion.shapes[name] for name in expansion.checked):
        for point in shape.points():
            with suppress(ListUnknown, UseUnknown):
                if point not in shape.skipped:
                    deque(expansion.at(shape.name, point), maxlen=0)
    report.merge(expansion.findings)


def _names_used(document: Document, node: str) -> Iterator[str]:
    for expression in expressions_in(document.nodes[node].params):
        yield from (name.name for name in names_in(expression))


def _expressions(document: Document, node: str) -> Iterator[Expression]:
    """The expressions of a node, and of its axes."""
    decl = document.nodes[node]
    yield from decl.expressions()
    for axis in (document.axes[name.text] for name in decl.each if name.text in document.axes):
        yield from expressions_in(axis.over)


def _reads(expression: Expression, inputs: frozenset[str]) -> bool:
    keys = keys_read(expression, "inputs")
    return keys is None or bool(inputs.intersection(keys))
