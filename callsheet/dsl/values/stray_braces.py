"""Texts that look like expressions: braces of other template languages, references without braces."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from callsheet.dsl.diagnostics.report import Report
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


def warn_of_stray_braces(document: Document, report: Report) -> None:
    """Warn at each `{{ … }}` and `${…}` in a text of a parameter, an axis or an output, and at a text that is
    a reference."""
    params = (node.params for node in document.nodes.values())
    lists = (axis.over for axis in document.axes.values())
    outputs = (output.value for output in document.outputs.values())
    for scalar in _texts([*params, *lists, *outputs]):
        text = _without_own(scalar.text)
        for found in OTHERS.finditer(text):
            report.add(
                scalar.locate(*found.span()), rules.stray_braces(found[0], found["jinja"] or found["shell"])
            )
        if _is_reference(text, {"inputs", *document.nodes, *document.axes}):
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
    return text if _is_reference(text, names) else ""


def _without_own(text: str) -> str:
    """The text with blanks in place of expressions."""
    return OWN.sub(lambda own: " " * len(own[0]), text)


def _is_reference(text: str, names: Collection[str]) -> bool:
    found = REFERENCE.fullmatch(text)
    return found is not None and (found["name"] or found["inside"]) in names


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
