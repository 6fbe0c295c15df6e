"""Nodes whose model is chosen for each instance: `uses: ${{ shot.model }}`.

Only names that the file declares can be chosen, so that every one of them is checked and priced before
anything runs: the values of an `enum`, a list of names as an axis, or names in the expression itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.context import Context
from callsheet.dsl.expression.infer import infer
from callsheet.dsl.expression.template import Expression, names_in, parse_expression
from callsheet.dsl.expression.tree import nodes
from callsheet.dsl.resolve.alternatives import counterpart
from callsheet.dsl.syntax.ast import Document, ListValue, MapValue, NodeDecl, Value
from callsheet.dsl.values.inputs import declared
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.spec.node import NodeSpec
from callsheet.spec.rules import models as rules
from callsheet.spec.types import JSON, Choice, Field, ListOf, Maybe, Record, Type, bare


@dataclass(frozen=True, slots=True)
class ChoiceSpec(NodeSpec):
    """The models that a node may use. options: name → its spec. Outputs are those that all of them have."""

    options: Mapping[str, NodeSpec] = field(kw_only=True)


def choice_of(options: Mapping[str, NodeSpec]) -> ChoiceSpec:
    """The spec of a node that uses one of several models."""
    first = next(iter(options.values()))
    return ChoiceSpec(
        uses=" or ".join(options),
        provider=first.provider,
        task=first.task,
        inputs={},
        outputs=dict(_common_outputs(list(options.values()))),
        facts=lambda _: {},
        options=options,
    )


def providers_of(spec: NodeSpec) -> frozenset[str]:
    """The providers that may serve a node with this spec."""
    return frozenset(one.provider for one in specs_of(spec))


def specs_of(spec: NodeSpec) -> Iterable[NodeSpec]:
    """The models that a node with this spec may use."""
    return spec.options.values() if isinstance(spec, ChoiceSpec) else (spec,)


def declared_names(decl: NodeDecl, document: Document, report: Report) -> tuple[str, ...]:
    """The names among which `uses` chooses; none after an error, which is reported."""
    assert decl.choice is not None
    context = _context(document)
    for name in names_in(decl.choice):
        if name.name in document.nodes or (name.name in document.axes and name.name not in context.axes):
            report.add(decl.choice.part(name), rules.late_choice())
            return ()
    own = Report()
    infer(decl.choice, context, own)
    report.merge(own)
    found = _names(decl.choice.native, decl.choice, context) if decl.choice.native is not None else None
    if found is None and not own.failed:
        report.add(decl.choice.span, rules.undeclared_choice())
    return () if own.failed else tuple(dict.fromkeys(found or ()))


def _names(part: nodes.Expr, expression: Expression, context: Context) -> list[str] | None:
    """The declared names that a part of an expression may give; None when it may give others."""
    match part:
        case nodes.Const(value=str(name)):
            return [name]
        case nodes.CondExpr(expr1=one, expr2=nodes.Expr() as other):
            return _joined(_names(branch, expression, context) for branch in (one, other))
        case nodes.Filter(name="default" | "d", node=nodes.Expr() as one, args=[other]):
            return _joined(_names(branch, expression, context) for branch in (one, other))
    found = bare(infer(replace(expression, native=part), context, Report()))
    is_text = isinstance(found, Choice) and isinstance(found.values[0], str)
    return [str(value) for value in found.values] if isinstance(found, Choice) and is_text else None


def _joined(parts: Iterable[list[str] | None]) -> list[str] | None:
    found = list(parts)
    return None if None in found else [name for names in found for name in names or ()]


def _context(document: Document) -> Context:
    """The inputs and the elements of axes, as far as their types are declared."""
    inputs = Record({name: Field(declared(decl).type) for name, decl in document.inputs.items()})
    items: dict[str, Type] = {}
    for _ in document.axes:  # an axis may depend on one that stands after it
        for name, axis in document.axes.items():
            item = _item(axis.over, Context(inputs, items, {}))
            if item is not None:
                items[name] = item
    return Context(inputs, items, {}, document.axis_lists)


def _item(over: Value, context: Context) -> Type | None:
    match over:
        case Expression():
            report = Report()
            found = infer(over, context, report)
            return found.item if isinstance(found, ListOf) and not report.failed else None
        case ListValue(items=[MapValue() as first, *_] as items):
            fields = {
                key.text: _texts([_entry(item, key.text) for item in items]) for key, _ in first.entries
            }
            return Record({name: Field(found or JSON) for name, found in fields.items()})
        case ListValue(items=items):
            return _texts(items)
    return None


def _entry(item: Value, key: str) -> Value | None:
    return item.get(key) if isinstance(item, MapValue) else None


def _texts(values: Sequence[Value | None]) -> Choice | None:
    """These texts as a choice; None when there is anything else among them, or nothing."""
    found = [v.value for v in values if isinstance(v, YamlScalar) and isinstance(v.value, str)]
    return Choice(tuple(dict.fromkeys(found))) if found and len(found) == len(values) else None


def _common_outputs(specs: list[NodeSpec]) -> Iterable[tuple[str, Type]]:
    for name in specs[0].outputs:
        types = [spec.outputs[name] for spec in specs if name in spec.outputs]
        if len(types) == len(specs) and len({str(bare(t)) for t in types}) == 1:
            yield name, next((t for t in types if isinstance(t, Maybe)), types[0])


def decl_for(decl: NodeDecl, spec: NodeSpec, choice: ChoiceSpec) -> NodeDecl:
    """The declaration for one of the models: parameters under the names that it has for them.

    Expressions are parsed again, since their check depends on the model.
    """
    entries = decl.params.entries if decl.params else ()
    named = tuple((_renamed(key, spec, choice), _parsed_again(value)) for key, value in entries)
    uses = replace(decl.uses, text=spec.uses)
    return replace(decl, uses=uses, params=replace(decl.params, entries=named) if decl.params else None)


def _renamed(key: YamlScalar, spec: NodeSpec, choice: ChoiceSpec) -> YamlScalar:
    if spec.aliases.get(key.text, key.text) in spec.inputs:
        return key
    for other in choice.options.values():
        own = other.aliases.get(key.text, key.text)
        if own in other.inputs and (name := counterpart(own, other, spec)) is not None:
            return replace(key, text=name)
    return key


def _parsed_again(value: Value) -> Value:
    match value:
        case Expression(scalar=scalar):
            return parse_expression(scalar, Report()) or value
        case ListValue():
            return replace(value, items=tuple(map(_parsed_again, value.items)))
        case MapValue():
            return replace(value, entries=tuple((key, _parsed_again(part)) for key, part in value.entries))
    return value
