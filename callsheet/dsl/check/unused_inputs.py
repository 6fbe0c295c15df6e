"""Inputs that no expression uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.template import Expression, keys_read
from callsheet.dsl.syntax.ast import Document, expressions_in
from callsheet.spec.rules import inputs as rules


def warn_of_unused_inputs(document: Document, report: Report) -> None:
    """Warn at each input that no expression uses."""
    used: set[str] = set()
    for expression in _expressions(document):
        used.update(_inputs_read(expression, document))
    for name, decl in document.inputs.items():
        if name not in used:
            report.add(decl.key.span, rules.unused_input(name))


def _inputs_read(expression: Expression, document: Document) -> Iterable[str]:
    keys = keys_read(expression, "inputs")
    return document.inputs if keys is None else keys


def _expressions(document: Document) -> Iterator[Expression]:
    for axis in document.axes.values():
        yield from expressions_in(axis.over)
        yield from expressions_in(axis.item_key)
    for node in document.nodes.values():
        yield from node.expressions()
    for output in document.outputs.values():
        yield from expressions_in(output.value)
