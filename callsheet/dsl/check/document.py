"""All nodes and outputs of a document, checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from callsheet.dsl.axes.resolve import ResolvedAxis
from callsheet.dsl.axes.resolved_document import ResolvedDocument
from callsheet.dsl.check.nodes import CheckedNode, Checker
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.values.bindings import Maker
from callsheet.dsl.values.inputs import Inputs
from callsheet.spec.node import NodeSpec


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """The nodes that can be expanded and the outputs that can be made.

    complete: whether these are all of the document's nodes.
    """

    nodes: Mapping[str, CheckedNode]
    outputs: Mapping[str, Maker]
    complete: bool


def check_document(
    resolved: ResolvedDocument,
    inputs: Inputs,
    axes: Mapping[str, ResolvedAxis],
    find: Callable[[str], NodeSpec | None],
    report: Report,
    deferred: frozenset[str] = frozenset(),
) -> CheckedDocument:
    """The nodes and outputs without errors; the others are reported. find, deferred: see `Context`."""
    document, checker = resolved.document, Checker(resolved, inputs, axes, find, deferred)
    nodes = {n: checker.node(decl, resolved.specs.get(n), report) for n, decl in document.nodes.items()}
    outputs = {n: checker.output(decl, report) for n, decl in document.outputs.items()}
    sound = {name: node for name, node in nodes.items() if node is not None}
    makers = {name: maker for name, maker in outputs.items() if maker is not None}
    return CheckedDocument(sound, makers, len(sound) == len(nodes))
