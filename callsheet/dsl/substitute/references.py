"""What other nodes read of a node: its outputs, under the names and in the shapes of the new model."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.template import Expression, has_expression, parse_expression
from callsheet.dsl.expression.tree import nodes
from callsheet.dsl.substitute.carry import is_list, medium
from callsheet.dsl.substitute.edits import Edit
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, YamlScalar
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import Type

NEIGHBOURS = ("next", "prev", "at", "all")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A reference that the new model has nothing for."""

    node: str
    output: str


def rewritten(
    root: YamlNode, names: Collection[str], old: NodeSpec, new: NodeSpec
) -> Iterator[Edit | Unreadable]:
    """The edits to every reference to an output of the nodes `names`."""
    for scalar in scalars(root):
        if isinstance(scalar.value, str) and has_expression(scalar.text):
            expression = parse_expression(scalar, Report())
            if expression is not None:
                yield from _in_expression(expression, names, old, new)


def scalars(node: YamlNode) -> Iterator[YamlScalar]:
    """Every value in a tree, keys left out."""
    match node:
        case YamlScalar():
            yield node
        case YamlList(items=items):
            for item in items:
                yield from scalars(item)
        case YamlMap():
            for _, _, value in node:
                yield from scalars(value)


def _in_expression(
    expression: Expression, names: Collection[str], old: NodeSpec, new: NodeSpec
) -> Iterator[Edit | Unreadable]:
    picks = {id(g.node): g for g in expression.ast.find_all(nodes.Getitem)}
    for access in expression.ast.find_all(nodes.Getattr):
        name = _node(access.node)
        if name not in names or access.attr not in old.outputs:
            continue
        pick = picks.get(id(access))
        edits = _renamed(expression, access, pick, old, new)
        if edits is None:
            yield Unreadable(name, access.attr)
        else:
            yield from edits


def _node(value: nodes.Node) -> str:
    """The node that a chain starts from, as long as no output was picked yet; "" for anything else."""
    match value:
        case nodes.Name(name=name):
            return str(name)
        case nodes.Getitem(node=inner, arg=nodes.Const()):
            return _node(inner)
        case nodes.Call(node=nodes.Name(name=function), args=[first, *_]) if function in NEIGHBOURS:
            return _node(first)
    return ""


def _renamed(
    expression: Expression, access: nodes.Getattr, pick: nodes.Getitem | None, old: NodeSpec, new: NodeSpec
) -> list[Edit] | None:
    """The edits that read `old`'s output from `new`; None when it has no such output."""
    before = old.outputs[access.attr]
    found = _counterpart(access.attr, before, new)
    if found is None:
        return None
    span = expression.part(access)
    start = span.end - len(access.attr)
    if span.source.text[start : span.end] != access.attr:
        return None
    edits = [] if found == access.attr else [Edit(start, span.end, found)]
    many, now_many = is_list(before), is_list(new.outputs[found])
    if many == now_many:
        return edits
    if now_many:
        return [*edits, Edit(span.end, span.end, "[0]")]
    if pick is None or not isinstance(pick.arg, nodes.Const) or pick.arg.value != 0:
        return None
    return [*edits, Edit(span.end, expression.part(pick).end, "")]


def _counterpart(name: str, before: Type, new: NodeSpec) -> str | None:
    """The output of the same name and kind, else the only one of its kind."""
    if name in new.outputs and medium(new.outputs[name]) == medium(before):
        return name
    kind = medium(before)
    alike = [n for n, t in new.outputs.items() if kind is not None and medium(t) == kind]
    return alike[0] if len(alike) == 1 else None
