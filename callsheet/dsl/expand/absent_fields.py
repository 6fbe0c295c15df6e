"""Fields that an element of a list may come without, where an instance cannot be made without them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from callsheet.dsl.axes.axis import ListUnknown
from callsheet.dsl.check.nodes import CheckedNode
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.expand.expansion import Expansion
from callsheet.dsl.expand.recipe_uses import UseUnknown
from callsheet.dsl.expression.template import Expression, names_in
from callsheet.dsl.expression.tree import nodes
from callsheet.dsl.expression.values import (
    Absent,
    EvaluationError,
    NotYet,
    Pending,
    as_declared,
    may_be_absent,
)
from callsheet.dsl.values.bindings import Computed, Fields, Items, Maker
from callsheet.spec.rules import expressions as rules
from callsheet.spec.types import Choice, ListOf, Record, Type, bare
from callsheet.spec.values import Ref

Scope = dict[str, object]
EXAMPLES: Final[Mapping[str, object]] = {"string": "text", "integer": 1, "number": 1.0, "boolean": True}


def warn_of_absent_fields(expansion: Expansion, report: Report) -> None:
    """Warn at each expression that has no value where an element of a list of outputs is without an
    optional field. Each is evaluated as in a run, with an example of such an element."""
    for node in expansion.checked.values():
        for name in node.axes:
            axis = expansion.axes[name]
            if axis.dynamic:
                for path, element in _without_one(axis.item):
                    for place in _failing(expansion, node, name, element):
                        report.add(place, rules.absent_for_some(f"{name}.{path}"))


def _without_one(wanted: Type) -> Iterator[tuple[str, dict[str, object]]]:
    """Examples of an object, each without one of the fields that may be absent; with the path of it."""
    wanted = bare(wanted)
    if not isinstance(wanted, Record):
        return
    whole = {name: _example(field.type) for name, field in wanted.fields.items()}
    for name, field in wanted.fields.items():
        if may_be_absent(field):
            yield name, {n: value for n, value in whole.items() if n != name}
        for path, inner in _without_one(field.type):
            yield f"{name}.{path}", {**whole, name: inner}


def _example(wanted: Type) -> object:
    """A value of a type; one that is not known yet where there is no plain one."""
    match bare(wanted):
        case Choice(values):
            return values[0]
        case ListOf(item):
            return [_example(item)]
        case Record(fields):
            return {name: _example(field.type) for name, field in fields.items()}
        case plain:
            return EXAMPLES.get(str(plain), Pending(Ref("example", ())))


def _failing(
    expansion: Expansion, node: CheckedNode, axis: str, element: dict[str, object]
) -> Iterator[Span]:
    """The places in a node that have no value for an element of one of its axes."""
    scope = expansion.scope((), ())
    for name in node.axes:
        scope[name] = Pending(Ref(name, ()))
    scope["axis"] = {name: Pending(Ref("axis", (name,))) for name in node.axes}
    scope[axis] = as_declared(expansion.axes[axis].item, element)
    if _is_guarded(node, axis, scope):
        return
    for option in node.options.values() or [node]:
        for name, maker in option.params.items():
            whole = isinstance(maker, Computed) and option.spec.inputs[name].required
            for expression in _expressions(maker):
                for piece, place in _pieces(expression):
                    if _names(piece, axis) and _fails(piece, scope, whole):
                        yield place


def _expressions(maker: Maker) -> Iterator[Expression]:
    match maker:
        case Computed(expression):
            yield expression
        case Items(makers):
            for inner in makers:
                yield from _expressions(inner)
        case Fields(parts):
            for inner in parts.values():
                yield from _expressions(inner)


def _is_guarded(node: CheckedNode, axis: str, scope: Scope) -> bool:
    """Whether `when` leaves the element out, or depends on it together with what is not known yet."""
    when = node.when
    if not isinstance(when, Computed) or not _names(when.expression, axis):
        return False
    try:
        return when.make(scope) is not True
    except (NotYet, ListUnknown, UseUnknown, EvaluationError):
        return True


def _names(expression: Expression, name: str) -> bool:
    return any(used.name == name for used in names_in(expression))


def _pieces(expression: Expression) -> Iterator[tuple[Expression, Span]]:
    """The expressions of a text, each by itself, so that none waits for another one; with their places."""
    if expression.native is not None:
        yield expression, expression.span
        return
    for part in expression.ast.body:
        parts = part.nodes if isinstance(part, nodes.Output) else [part]
        for one in parts:
            body = nodes.Output([one], lineno=one.lineno) if isinstance(part, nodes.Output) else one
            piece = replace(expression, ast=nodes.Template([body], lineno=1), native=None)
            yield piece, expression.span if isinstance(one, nodes.If) else expression.part(one)


def _fails(piece: Expression, scope: Scope, whole: bool) -> bool:
    """Whether an absent value is computed with. whole: nor may the value itself be absent."""
    try:
        value = piece.evaluate(scope)
    except EvaluationError as error:
        return error.problem.code == rules.ABSENT.code
    except (NotYet, ListUnknown, UseUnknown):
        return False
    return whole and isinstance(value, Absent)
