"""Braces of other template languages, left in a text that goes to a model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.template import Expression
from callsheet.dsl.syntax.ast import Document, ListValue, MapValue, Value
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.spec.rules import expressions as rules

OWN: Final = re.compile(r"\$\{\{.*?\}\}|\$\{%.*?%\}|\$\{#.*?#\}", re.DOTALL)
OTHERS: Final = re.compile(
    r"\{\{\s*(?P<jinja>[A-Za-z_][^{}\n]*?)\s*\}\}|\$\{\s*(?P<shell>[A-Za-z_][\w.\[\]]*)\s*\}"
)


def warn_of_stray_braces(document: Document, report: Report) -> None:
    """Warn at each `{{ … }}` and `${…}` in a text of a parameter or an output."""
    values = [node.params for node in document.nodes.values()]
    for scalar in _texts([*values, *(output.value for output in document.outputs.values())]):
        text = OWN.sub(lambda own: " " * len(own[0]), scalar.text)
        for found in OTHERS.finditer(text):
            report.add(
                scalar.locate(*found.span()), rules.stray_braces(found[0], found["jinja"] or found["shell"])
            )


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
