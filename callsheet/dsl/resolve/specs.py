"""The specs that nodes name by `uses`: models, local operations and code files. Recipes are elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.dsl.axes.nesting import Nesting
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.context import NodeType
from callsheet.dsl.resolve.alternatives import is_alternative
from callsheet.dsl.resolve.answer_schema import own_spec
from callsheet.dsl.resolve.code_files import code_node, is_code
from callsheet.dsl.syntax.ast import Document
from callsheet.dsl.values.inputs import Given
from callsheet.dsl.values.origin import Origin
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.errors import InputError, PlugInError
from callsheet.spec.node import NodeSpec, Specs
from callsheet.spec.rules import models as rules


def find_specs(
    document: Document, specs: Specs, given: Given, origin: Origin, report: Report
) -> dict[str, NodeSpec]:
    """The spec that each node uses, recipes aside. What cannot be found or used is reported."""
    found = {}
    for name, decl in document.nodes.items():
        text = decl.uses.text
        if is_recipe(text):
            continue
        try:
            if is_code(text):
                spec = code_node(decl.uses, specs, origin, given, report)
            else:
                spec = _find(decl.uses, specs, report)
        except PlugInError as error:
            report.add(decl.uses.span, rules.broken_plug_in(error.message, error.next_step))
            continue
        if spec is not None and (own := own_spec(decl, spec, report)) is not None:
            found[name] = own
    return found


def _find(uses: YamlScalar, specs: Specs, report: Report) -> NodeSpec | None:
    text = uses.text
    if "${" in text:
        report.add(uses.span, rules.uses_an_expression())
        return None
    if text.endswith((".yaml", ".yml")):
        report.add(uses.span, rules.recipe_without_path(text))
        return None
    try:
        spec = specs.find(text)
    except PlugInError:
        raise
    except InputError as error:
        report.add(uses.span, rules.unreadable_model(error.message, error.next_step))
        return None
    if spec is None:
        report.add(uses.span, rules.unknown_uses(text, specs.nearest(text)))
    elif spec.status == "retired":
        report.add(uses.span, rules.retired(text, spec.replaced_by))
    elif spec.gone:
        report.add(uses.span, rules.gone(text, spec.gone))
    return spec


def node_types(document: Document, specs: Mapping[str, NodeSpec], nesting: Nesting) -> dict[str, NodeType]:
    """Node → its type in expressions."""
    return {
        name: NodeType(
            name,
            specs[name].outputs if name in specs else None,
            nesting.closed(a.text for a in decl.each if a.text in document.axes),
            specs.get(name),
        )
        for name, decl in document.nodes.items()
        if not is_alternative(name)
    }


def is_recipe(uses: str) -> bool:
    """Whether `uses` names a pipeline file."""
    return uses.startswith(("./", "../", "git+", "recipe/")) and not is_code(uses)
