"""The spec of a node that declares its own outputs, as `schema:` of a `text/chat` does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.template import Expression
from callsheet.dsl.syntax.ast import ListValue, MapValue, NodeDecl, Unread, Value
from callsheet.dsl.syntax.parser import NAME
from callsheet.dsl.syntax.type_parser import declare
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, YamlScalar, describe
from callsheet.spec.node import Declared, NodeSpec
from callsheet.spec.rules import models as rules
from callsheet.spec.rules import values
from callsheet.spec.types import Field, Record, media_in


def own_spec(decl: NodeDecl, spec: NodeSpec, report: Report) -> NodeSpec | None:
    """The spec of one node; None when its declaration has errors, which are reported.

    Most specs are the same for all nodes and returned as they are.
    """
    if spec.declares is None:
        _provider(decl, (spec.provider,), report)
        return spec if spec.unlisted is None else _with_unlisted(decl, spec, report)
    own = Report()
    provider = _provider(decl, spec.declares.providers, own)
    value = decl.params.get(spec.declares.parameter) if decl.params else None
    fields = None if value is None else _fields(value, own)
    report.merge(own)
    return None if own.failed else spec.declares.spec(Declared(provider, fields))


def _with_unlisted(decl: NodeDecl, spec: NodeSpec, report: Report) -> NodeSpec:
    """The spec with the parameters of this node that nobody describes; they are passed on as they are."""
    assert spec.unlisted is not None
    fields = dict(spec.inputs)
    for key, _ in decl.params.entries if decl.params else ():
        if spec.aliases.get(key.text, key.text) not in fields:
            report.add(key.span, values.unlisted_parameter(spec.uses, key.text))
            fields[key.text] = spec.unlisted(key.text)
    return replace(spec, inputs=fields)


def _provider(decl: NodeDecl, providers: tuple[str, ...], report: Report) -> str:
    """The provider that the node names, or else the first of `providers`. Another one is an error."""
    if decl.provider is None or decl.provider.text in providers:
        return providers[0] if decl.provider is None else decl.provider.text
    report.add(decl.provider.span, rules.not_served(decl.uses.text, decl.provider.text, providers))
    return providers[0]


def _fields(value: Value, report: Report) -> Record:
    written = _constant(value, report)
    if not isinstance(written, YamlMap) or not written.entries:
        if written is not None:
            report.add(value.span, rules.fields_not_a_mapping(_what(written)))
        return Record()
    if isinstance(written.get("properties"), YamlMap):
        report.add(value.span, rules.json_schema())
        return Record()
    return Record({name: _field(key, part, report) for name, key, part in written})


def _what(written: YamlNode) -> str:
    return "an empty one" if isinstance(written, YamlMap) else describe(written)


def _field(key: YamlScalar, written: YamlNode, report: Report) -> Field:
    if not NAME.match(key.text):
        report.add(key.span, rules.bad_field_name(key.text))
    field = declare(written, report)
    if medium := next(media_in(field.type), None):
        report.add(written.span, rules.medium_in_answer(medium))
    return field


def _constant(value: Value, report: Report) -> YamlNode | None:
    """The value as it was written; None when there is an expression in it, which is reported."""
    dynamic = next(_expressions(value), None)
    if isinstance(dynamic, Expression):
        report.add(dynamic.span, rules.expression_in_schema())
    return None if dynamic is not None else _written(value)


def _expressions(value: Value) -> Iterator[Expression | Unread]:
    match value:
        case Expression() | Unread():
            yield value
        case ListValue(items=items):
            for item in items:
                yield from _expressions(item)
        case MapValue(entries=entries):
            for _, item in entries:
                yield from _expressions(item)


def _written(value: Value) -> YamlNode:
    match value:
        case ListValue():
            return YamlList(value.span, tuple(map(_written, value.items)))
        case MapValue():
            return YamlMap(value.span, tuple((key, _written(item)) for key, item in value.entries))
    assert isinstance(value, YamlScalar), "expressions were refused before"
    return value
