"""What the nodes of a document name by `uses`: models, local operations, code files; not recipes."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.dsl.axes.nesting import Nesting
from callsheet.dsl.diagnostics.diagnostic import Report
from callsheet.dsl.expression.context import NodeType
from callsheet.dsl.resolve.alternatives import is_alternative
from callsheet.dsl.resolve.answer_schema import own_spec
from callsheet.dsl.resolve.code_files import code_node, is_code
from callsheet.dsl.syntax.ast import Document
from callsheet.dsl.values.inputs import Given
from callsheet.dsl.values.origin import Origin
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.errors import PlugInError
from callsheet.spec.node import NodeSpec, Specs


def find_specs(
    document: Document, specs: Specs, given: Given, origin: Origin, report: Report
) -> dict[str, NodeSpec]:
    """What each node's `uses` names, recipes aside; what cannot be found, or not be used, is reported."""
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
            report.error("bad-plug-in", decl.uses.span, error.message, error.next_step)
            continue
        if spec is not None and (own := own_spec(decl, spec, report)) is not None:
            found[name] = own
    return found


def _find(uses: YamlScalar, specs: Specs, report: Report) -> NodeSpec | None:
    text = uses.text
    if "${" in text:
        report.error(
            "unknown-uses", uses.span, "`uses` is a name, not an expression", "use two nodes with `when`"
        )
        return None
    if text.endswith((".yaml", ".yml")):
        message, hint = f"nothing is called `{text}`", f"a recipe beside this file is `./{text}`"
        report.error("unknown-uses", uses.span, message, hint)
        return None
    spec = specs.find(text)
    if spec is None:
        near = specs.nearest(text)
        hint = f"did you mean `{'` or `'.join(near)}`?" if near else "`callsheet models` lists what there is"
        report.error("unknown-uses", uses.span, f"nothing is called `{text}`", hint)
    elif spec.status == "retired":
        hint = f"use `{spec.replaced_by}`" if spec.replaced_by else "`callsheet models` lists what there is"
        report.warn("retired-endpoint", uses.span, f"`{text}` left its provider's list", hint)
    return spec


def node_types(document: Document, specs: Mapping[str, NodeSpec], nesting: Nesting) -> dict[str, NodeType]:
    """Every node as expressions see it."""
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
