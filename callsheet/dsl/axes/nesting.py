"""Which axes lie inside which: the list of an inner one depends on the item of an outer one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.template import Expression, names_in
from callsheet.dsl.expression.tree import nodes
from callsheet.dsl.syntax.ast import AxisDecl, Document, expressions_in
from callsheet.spec.rules import axes as rules


@dataclass(frozen=True, slots=True)
class Nesting:
    """How the axes of a document lie inside each other.

    order: the axes, each after all that its list is made from, the dynamic ones last. around: axis → the
    axes it lies in, outermost first. Axes that wait for each other are in neither. dynamic: those whose list
    is made from outputs of nodes, and those inside them.
    """

    order: tuple[str, ...]
    around: Mapping[str, tuple[str, ...]]
    dynamic: frozenset[str] = frozenset()

    def closed(self, names: Iterable[str]) -> tuple[str, ...]:
        """`names`, each after the axes around it."""
        every = (axis for name in names for axis in (*self.around.get(name, ()), name))
        return tuple(dict.fromkeys(every))


def nest(document: Document, report: Report) -> Nesting:
    """How the axes of `document` lie inside each other; a circle among them is reported."""
    uses = {name: _Uses(document, decl) for name, decl in document.axes.items()}
    every = _order(document, {name: used.anything for name, used in uses.items()}, report)
    around: dict[str, tuple[str, ...]] = {}
    dynamic: set[str] = set()
    for name in every:
        around[name] = Nesting(every, around).closed(axis for axis in uses[name].aligned if axis in around)
        if uses[name].nodes or not dynamic.isdisjoint(around[name]):
            dynamic.add(name)
    return Nesting(tuple(sorted(every, key=dynamic.__contains__)), around, frozenset(dynamic))


class _Uses:
    """What the list of an axis is made from.

    aligned: axes for each of whose items there is one list. nodes: whose outputs the list uses. anything:
    all axes whose items must be known before, directly or through nodes.
    """

    def __init__(self, document: Document, decl: AxisDecl) -> None:
        self.document = document
        self.aligned: dict[str, None] = {}
        self.nodes: dict[str, None] = {}
        for expression in expressions_in(decl.over):
            whole = set(map(id, _whole(expression)))
            for name in names_in(expression):
                if name.name in document.nodes:
                    self.nodes[name.name] = None
                axes = self._axes_of(name.name)
                own = axes if id(name) not in whole else [axis for axis in axes if axis in document.each]
                self.aligned.update(dict.fromkeys(own))
            self.aligned.update(dict.fromkeys(axis for axis in _facts(expression) if axis in document.axes))
        self.anything = {**self.aligned, **self._far()}

    def _axes_of(self, name: str) -> dict[str, None]:
        if name in self.document.axes:
            return {name: None}
        node = self.document.nodes.get(name)
        return dict.fromkeys(a.text for a in node.each if a.text in self.document.axes) if node else {}

    def _far(self) -> dict[str, None]:
        """The axes of the nodes that the list is made from, and of all that those are made from."""
        found: dict[str, None] = {}
        seen = dict(self.nodes)
        frontier = list(seen)
        for name in frontier:
            found.update(self._axes_of(name))
            for used in nodes_named(self.document, name):
                if used not in seen:
                    seen[used] = None
                    frontier.append(used)
        return found


def nodes_named(document: Document, name: str) -> Iterator[str]:
    """The nodes that a node refers to, or waits for."""
    decl = document.nodes[name]
    for expression in expressions_in(decl.params):
        yield from (n.name for n in names_in(expression) if n.name in document.nodes)
    yield from (n.text for n in decl.needs if n.text in document.nodes)


def _whole(expression: Expression) -> Iterator[nodes.Node]:
    """The nodes that are named inside `all(…)` and `at(…)`."""
    for call in expression.ast.find_all(nodes.Call):
        match call:
            case nodes.Call(node=nodes.Name(name="all" | "at"), args=[first, *_]):
                yield first


def _facts(expression: Expression) -> Iterator[str]:
    """`scene` in `axis.scene.index`."""
    for node in expression.ast.find_all((nodes.Getattr, nodes.Getitem)):
        match node:
            case nodes.Getattr(node=nodes.Name(name="axis"), attr=name):
                yield name
            case nodes.Getitem(node=nodes.Name(name="axis"), arg=nodes.Const(value=str(name))):
                yield name


def _order(document: Document, needs: Mapping[str, Iterable[str]], report: Report) -> tuple[str, ...]:
    left = dict(needs)
    while True:
        try:
            order = TopologicalSorter({n: [m for m in before if m in left] for n, before in left.items()})
            return tuple(order.static_order())
        except CycleError as error:
            circle = error.args[1]
            _refuse(document, circle[:0:-1], report)
            for name in circle[1:]:
                left.pop(name, None)


def _refuse(document: Document, circle: list[str], report: Report) -> None:
    """circle: each axis once, before the one that it is made from."""
    start = min(range(len(circle)), key=lambda i: document.axes[circle[i]].key.span.start)
    turned = [*circle[start:], *circle[:start]]
    decl = document.axes[turned[0]]
    report.add(decl.over.span, rules.axes_in_a_circle(turned))
