"""The specs that nodes name by `uses`: models, local operations and code files. Recipes are elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from callsheet.dsl.axes.nesting import Nesting
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.context import NodeType
from callsheet.dsl.expression.template import has_expression
from callsheet.dsl.resolve.alternatives import is_alternative
from callsheet.dsl.resolve.answer_schema import own_spec
from callsheet.dsl.resolve.choice import choice_of, declared_names
from callsheet.dsl.resolve.code_files import code_node, is_code
from callsheet.dsl.syntax.ast import Document, NodeDecl
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
    lookup = _Lookup(specs, given, origin, report)
    found = {name: lookup.spec(decl, document) for name, decl in document.nodes.items()}
    return {name: spec for name, spec in found.items() if spec is not None}


@dataclass(frozen=True, slots=True)
class _Lookup:
    """Finds the specs of one document."""

    specs: Specs
    given: Given
    origin: Origin
    report: Report

    def spec(self, decl: NodeDecl, document: Document) -> NodeSpec | None:
        if decl.choice is not None:
            return self._chosen(decl, document)
        if has_expression(decl.uses.text):
            if is_alternative(decl.name):
                self.report.add(decl.uses.span, rules.expression_in_alternative())
            return None
        return None if is_recipe(decl.uses.text) else self._used(decl)

    def _chosen(self, decl: NodeDecl, document: Document) -> NodeSpec | None:
        """The spec of a node whose `uses` is an expression."""
        names = declared_names(decl, document, self.report)
        options: dict[str, NodeSpec] = {}
        for name in names:
            if is_recipe(name) or is_code(name):
                self.report.add(decl.uses.span, rules.chosen_file(name))
            elif spec := self._used(replace(decl, uses=replace(decl.uses, text=name))):
                options[name] = spec
        return choice_of(options) if names and len(options) == len(names) else None

    def _used(self, decl: NodeDecl) -> NodeSpec | None:
        uses = decl.uses
        try:
            if is_code(uses.text):
                spec = code_node(uses, self.specs, self.origin, self.given, self.report)
            else:
                spec = _find(uses, self.specs, self.report)
        except PlugInError as error:
            self.report.add(uses.span, rules.broken_plug_in(error.message, error.next_step))
            return None
        return None if spec is None else own_spec(decl, spec, self.report)


def _find(uses: YamlScalar, specs: Specs, report: Report) -> NodeSpec | None:
    text = uses.text
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
        report.add(uses.span, rules.gone(text, spec.gone, spec.replaced_by))
    return spec


def node_types(document: Document, specs: Mapping[str, NodeSpec], nesting: Nesting) -> dict[str, NodeType]:
    """Node → its type in expressions."""
    return {
        name: NodeType(
            name,
            specs[name].outputs if name in specs else None,
            nesting.closed(a.text for a in decl.each if a.text in document.axes),
            None if decl.choice is not None else specs.get(name),
            decl.choice is not None,
        )
        for name, decl in document.nodes.items()
        if not is_alternative(name)
    }


def is_recipe(uses: str) -> bool:
    """Whether `uses` names a pipeline file."""
    return uses.startswith(("./", "../", "git+", "recipe/")) and not is_code(uses)
