"""Reads the declared type of an input or a field: `{type: integer, minimum: 1, default: 5}`."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.syntax.value_parser import known_keys
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, YamlScalar, describe, to_data
from callsheet.spec.rules import document as rules
from callsheet.spec.types import JSON, NAMED, NOTHING, Choice, Field, ListOf, Maybe, Record, Type, parse_type

KEYS: Final = ("type", "items", "fields", "enum", "minimum", "maximum", "default", "description")
SHAPES: Final = ("list", "object")


def declare(node: YamlNode, report: Report) -> Field:
    """The field that a declaration means; anything unreadable is reported and becomes json."""
    if isinstance(node, YamlScalar):
        named = _named_type(node, report)
        return Field(named.inner) if isinstance(named, Maybe) else Field(named, required=True)
    if not isinstance(node, YamlMap):
        report.add(node.span, rules.not_a_type(describe(node), isinstance(node, YamlList)))
        return Field(JSON)
    return _from_map(known_keys(node, KEYS, "a declaration", report), report)


def _from_map(node: YamlMap, report: Report) -> Field:
    type_ = _declared_type(node, report)
    optional = isinstance(type_, Maybe)
    default = node.get("default")
    value = NOTHING if default is None else to_data(default)
    if isinstance(type_, Maybe):
        type_ = type_.inner
    about = node.get("description")
    field = Field(
        type_,
        required=default is None and not optional,
        default=value,
        description=about.text if isinstance(about, YamlScalar) else "",
    )
    return _bounded(field, _bound(node, "minimum", report), _bound(node, "maximum", report))


def _bounded(field: Field, low: float | None, high: float | None) -> Field:
    """`minimum` and `maximum` bound a number itself, and how many elements a list has."""
    if not isinstance(field.type, ListOf):
        return replace(field, minimum=low, maximum=high)
    least = None if low is None else math.ceil(low)
    return replace(field, min_items=least, max_items=None if high is None else math.floor(high))


def _declared_type(node: YamlMap, report: Report) -> Type:
    named, items, fields, enum = (node.get(k) for k in ("type", "items", "fields", "enum"))
    if enum is not None:
        return _enum(enum, report)
    if named is None and (items is not None or fields is not None):
        return ListOf(_items(items, report)) if items is not None else _fields(fields, report)
    if named is None:
        report.add(node.span, rules.no_type())
        return JSON
    if not isinstance(named, YamlScalar):
        report.add(named.span, rules.type_not_a_name(describe(named)))
        return JSON
    if named.text.removesuffix("?") not in SHAPES:
        return _named_type(named, report)
    shape: Type
    if named.text.startswith("list"):
        shape = ListOf(_items(items, report) if items else JSON)
    else:
        shape = _fields(fields, report)
    return Maybe(shape) if named.text.endswith("?") else shape


def _items(node: YamlNode, report: Report) -> Type:
    if isinstance(node, YamlMap) and not _is_declaration(node):
        return _record(node, report)
    return declare(node, report).type


def _is_declaration(node: YamlMap) -> bool:
    """Whether a mapping under `items` declares the element itself, and not its fields."""
    own = isinstance(node.get("type"), YamlScalar) or isinstance(node.get("enum"), YamlList)
    return own and all(name in KEYS for name, _, _ in node)


def _fields(node: YamlNode | None, report: Report) -> Record:
    return _record(node, report) if isinstance(node, YamlMap) else Record(open=True)


def _record(node: YamlMap, report: Report) -> Record:
    return Record({name: declare(value, report) for name, _, value in node})


def _enum(node: YamlNode, report: Report) -> Type:
    values = to_data(node)
    if isinstance(node, YamlList) and values and (_all(values, str) or _all(values, int | float)):
        return Choice(tuple(values))  # type: ignore[arg-type]
    report.add(node.span, rules.bad_enum())
    return JSON


def _all(values: object, kind: object) -> bool:
    return isinstance(values, list) and all(isinstance(v, kind) and not isinstance(v, bool) for v in values)  # type: ignore[arg-type]


def _named_type(node: YamlScalar, report: Report) -> Type:
    found = parse_type(node.text)
    if found is None:
        report.add(node.span, rules.unknown_type(node.text, (*NAMED, "list[string]", *SHAPES)))
    return found or JSON


def _bound(node: YamlMap, name: str, report: Report) -> float | None:
    bound = node.get(name)
    if bound is None:
        return None
    if (
        isinstance(bound, YamlScalar)
        and isinstance(bound.value, int | float)
        and not isinstance(bound.value, bool)
    ):
        return bound.value
    report.add(bound.span, rules.bad_bound(name))
    return None
