"""Texts that look like expressions: braces of other template languages, references without braces."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.context import NodeType
from callsheet.dsl.expression.template import Expression
from callsheet.dsl.syntax.ast import Document, ListValue, MapValue, Value
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.spec.rules import slips as rules

OWN: Final = re.compile(r"\$\{\{.*?\}\}|\$\{%.*?%\}|\$\{#.*?#\}", re.DOTALL)
OTHERS: Final = re.compile(
    r"\{\{\s*(?P<jinja>[A-Za-z_][^{}\n]*?)\s*\}\}|\$\{\s*(?P<shell>[A-Za-z_][\w.\[\]]*)\s*\}"
)
REFERENCE: Final = re.compile(
    r"(?:(?:next|prev|at|all)\(\s*(?P<inside>[a-z][a-z0-9_]*)[^()]*\)|(?P<name>[a-z][a-z0-9_]*))"
    r"(?:\.[a-z][a-z0-9_]*|\[[^\]]*\])+"
)
FIELD: Final = re.compile(r"\.([a-z][a-z0-9_]*)")


def warn_of_stray_braces(document: Document, types: Mapping[str, NodeType], report: Report) -> None:
    """Warn at each `{{ … }}` and `${…}` in a text of a parameter, an axis or an output, and at a text that is
    a reference. types: of the nodes."""
    fields: dict[str, Collection[str]] = {name: node.outputs or () for name, node in types.items()}
    fields["inputs"] = document.inputs
    params = (node.params for node in document.nodes.values())
    lists = (axis.over for axis in document.axes.values())
    outputs = (output.value for output in document.outputs.values())
    for scalar in _texts([*params, *lists, *outputs]):
        text = _without_own(scalar.text)
        for found in OTHERS.finditer(text):
            report.add(
                scalar.locate(*found.span()), rules.stray_braces(found[0], found["jinja"] or found["shell"])
            )
        if any(field in fields.get(_name(text), ()) for field in FIELD.findall(text)[:1]):
            report.add(scalar.span, rules.stray_braces(text, text))


def warn_of_braces_in_input(scalar: YamlScalar, report: Report) -> None:
    """Warn at each expression, or what looks like one, in the text of an input."""
    found = [*OWN.finditer(scalar.text), *OTHERS.finditer(_without_own(scalar.text))]
    for one in found:
        report.add(scalar.locate(*one.span()), rules.expression_in_input(one[0]))


def as_expression(text: str, names: Collection[str]) -> str:
    """The expression that a whole text was probably meant to be; "" for other texts."""
    if found := OTHERS.fullmatch(text.strip()):
        return found["jinja"] or found["shell"]
    return text if _name(text) in names else ""


def _without_own(text: str) -> str:
    """The text with blanks in place of expressions."""
    return OWN.sub(lambda own: " " * len(own[0]), text)


def _name(text: str) -> str:
    """What a text begins with that would be a reference in an expression; "" for other texts."""
    found = REFERENCE.fullmatch(text)
    return (found["name"] or found["inside"]) if found else ""


def _texts(values: list[Value | None]) -> Iterator[YamlScalar]:
    for value in values:
        match value:
            case YamlScalar(value=str()):
                yield value
            case Expression(scalar=scalar):
                yield scalar
            case ListValue(items=items):
                yield from _texts([*items])
            case MapValue(entries=entries):
                yield from _texts([part for _, part in entries])
