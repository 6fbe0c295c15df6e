"""A film without the timelines that show a cut, for `conform`, which writes the cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Final

from callsheet.dsl.cuts.timeline import shows_cut
from callsheet.dsl.expression.template import names_in
from callsheet.dsl.syntax.ast import AxisDecl, Document, NodeDecl, Value, expressions_in

LEFT_OUT: Final[ContextVar[bool]] = ContextVar("left_out", default=False)


@contextmanager
def cuts_left_out() -> Iterator[None]:
    """Pipelines that are checked inside are those `without_cuts`."""
    token = LEFT_OUT.set(True)
    try:
        yield
    finally:
        LEFT_OUT.reset(token)


def without_cuts(document: Document) -> Document:
    """The document without the nodes that show a cut, and without all that is made from them."""
    gone = {name for name, decl in document.nodes.items() if shows_cut(decl)}
    before = -1
    while before < len(gone):
        before = len(gone)
        gone |= {name for name, axis in document.axes.items() if _names_any(_of_axis(axis), gone)}
        gone |= {name for name, node in document.nodes.items() if _needs_any(node, gone)}
    return replace(
        document,
        axes={name: axis for name, axis in document.axes.items() if name not in gone},
        nodes={name: node for name, node in document.nodes.items() if name not in gone},
        outputs={n: output for n, output in document.outputs.items() if not _names_any([output.value], gone)},
    )


def _needs_any(node: NodeDecl, names: set[str]) -> bool:
    waits = {name.text for name in (*node.each, *node.needs)}
    return not names.isdisjoint(waits) or _names_any(_of_node(node), names)


def _of_axis(axis: AxisDecl) -> Iterator[Value | None]:
    yield from (axis.over, axis.item_key)


def _of_node(node: NodeDecl) -> Iterator[Value | None]:
    yield from (node.params, node.when, node.choice)
    yield from (other.params for other in node.fallback)
    yield from (other.params for other in node.override)


def _names_any(values: Iterable[Value | None], names: set[str]) -> bool:
    found = (name.name for value in values for one in expressions_in(value) for name in names_in(one))
    return any(name in names for name in found)
