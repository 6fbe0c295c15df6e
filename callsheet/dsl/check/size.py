"""More instances than a pipeline may have."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.dsl.axes.scope import NodeShape
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.syntax.ast import Document
from callsheet.spec.rules import instances as rules


def refuse_size(
    document: Document, shapes: Mapping[str, NodeShape], count: int, most: int, report: Report
) -> bool:
    """Report a pipeline with too many instances, at the node with most axes. Returns whether it is one."""
    if count <= most:
        return False
    largest = max(shapes.values(), key=lambda shape: len(shape.axes))
    report.add(
        document.nodes[largest.name].key.span, rules.too_many_counted(count, most, bool(document.each))
    )
    return True
