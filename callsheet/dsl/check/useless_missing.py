"""`missing` on a node that gathers no list."""

from __future__ import annotations

from collections.abc import Collection

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import Instance
from callsheet.dsl.syntax.ast import Document
from callsheet.spec.rules import instances as rules


def warn_of_useless_missing(document: Document, instances: Collection[Instance], report: Report) -> None:
    """Warn at each node whose `missing` changes nothing, because it takes no list of results."""
    gathering = {instance.node for instance in instances if instance.tolerates}
    needless = {instance.node for instance in instances} - gathering
    for name, decl in document.nodes.items():
        if name in needless and decl.options.missing != "fail":
            report.add(decl.key.span, rules.nothing_gathered(name))
