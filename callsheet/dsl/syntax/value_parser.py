"""Reads what occurs in many places of a document: texts, options, values with expressions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.template import has_expression, parse_expression
from callsheet.dsl.syntax.ast import ListValue, MapValue, Unread, Value
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, YamlScalar, describe
from callsheet.spec.rules import document as rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.suggest import nearest

MAPPINGS: Final = ("inputs", "axes", "nodes", "outputs", "with")
"""Keys whose value is a mapping."""
SURE: Final = 0.7
"""The least similarity of a key and the one that it may mean, from 0 to 1: `seed` is no misspelt `needs`."""


def known_keys(mapping: YamlMap, known: tuple[str, ...], what: str, report: Report) -> YamlMap:
    """Report the keys of `mapping` that the language does not know there.

    Returns it as it is probably meant, with misspelt keys under their right names: what refers to them is no
    second mistake.
    """
    entries = [entry for entry in mapping.entries if entry[0].text in known]
    there = {key.text for key, _ in entries}
    for name, key, value in mapping:
        if name not in known:
            meant = nearest(name, [k for k in known if k not in there], SURE)
            report.add(key.span, rules.unknown_key(what, name, known, meant))
            if meant and (meant in MAPPINGS) == isinstance(value, YamlMap):
                entries.append((replace(key, text=meant), value))
    return replace(mapping, entries=tuple(entries)) if len(there) < len(mapping.entries) else mapping


def text_of(mapping: YamlMap, name: str, report: Report) -> str | None:
    """The text under the key `name`, if it is there; anything else is reported."""
    node = mapping.get(name)
    if node is None:
        return None
    if isinstance(node, YamlScalar) and node.value is not None:
        return node.text
    report.add(node.span, rules.not_text(name, describe(node)))
    return None


def option(node: YamlNode | None, good: Callable[[Any], bool], problem: Problem, report: Report) -> Any:
    """The value of `node` if it is `good`; otherwise `problem` is reported. None when it is absent."""
    if node is None:
        return None
    if isinstance(node, YamlScalar) and good(node.value):
        return node.value
    report.add(node.span, problem)
    return None


def value_of(node: YamlNode, report: Report) -> Value:
    """The node with its expressions parsed; a broken one is reported."""
    match node:
        case YamlScalar() if isinstance(node.value, str) and has_expression(node.text):
            return parse_expression(node, report) or Unread(node.span)
        case YamlScalar():
            return node
        case YamlList():
            return ListValue(node.span, tuple(value_of(item, report) for item in node.items))
        case YamlMap():
            return MapValue(node.span, tuple((k, value_of(v, report)) for k, v in node.entries))


def is_from(value: object, least: float, most: float) -> bool:
    """Whether it is a number from `least` to `most`."""
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def is_positive(value: object) -> bool:
    """Whether it is a number above zero."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
