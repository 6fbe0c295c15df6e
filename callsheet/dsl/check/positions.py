"""Positions that look like keys: `take[3]`, where the keys are "1" to "7"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from callsheet.dsl.axes.axis import ListUnknown
from callsheet.dsl.axes.scope import NodeShape
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.template import Expression
from callsheet.dsl.expression.tree import nodes
from callsheet.dsl.syntax.ast import Document, expressions_in
from callsheet.spec.rules import expressions as rules


def warn_of_positions(document: Document, shapes: Mapping[str, NodeShape], report: Report) -> None:
    """Warn at each instance that is taken by its position, where this number is the key of another one."""
    for place, expression in _expressions(document):
        fixed = {axis.name for axis in shapes[place].axes} if place in shapes else set()
        for item in expression.ast.find_all(nodes.Getitem):
            match item:
                case nodes.Getitem(node=nodes.Name(name=name), arg=nodes.Const(value=int(index))):
                    keys = _keys(shapes[name], fixed) if name in shapes else ()
                    if str(index) in keys and index < len(keys) and keys[index] != str(index):
                        report.add(expression.part(item), rules.position_like_a_key(name, index, keys[index]))


def _expressions(document: Document) -> Iterator[tuple[str, Expression]]:
    for name, node in document.nodes.items():
        yield from ((name, expression) for expression in expressions_in(node.params))
    for output in document.outputs.values():
        yield from (("", expression) for expression in expressions_in(output.value))


def _keys(shape: NodeShape, fixed: set[str]) -> tuple[str, ...]:
    """The keys along the first axis of a node that is not fixed; none where they are not known."""
    axis = next((axis for axis in shape.axes if axis.name not in fixed), None)
    if axis is None or axis.around:
        return ()
    try:
        return tuple(axis.branch({}).keys)
    except ListUnknown:
        return ()
