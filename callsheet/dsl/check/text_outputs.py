"""Outputs that some values of a parameter turn from a file into text, used where a file is needed."""

from __future__ import annotations

from callsheet.dsl.check.source_map import SourceMap
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import Graph, Instance
from callsheet.spec.price.conditions import matches
from callsheet.spec.rules import models as rules
from callsheet.spec.types import NOTHING
from callsheet.spec.values import refs_in


def refuse_text_outputs(graph: Graph, source_map: SourceMap, report: Report) -> None:
    """Report each node whose output is used and will certainly be no file."""
    concerned = [instance for instance in graph.instances.values() if instance.spec.no_file]
    if not concerned:
        return
    trees = [*graph.outputs.values(), *(dict(i.params) for i in graph.instances.values())]
    used = {(ref.address, ref.path[0]) for ref in refs_in(trees) if ref.path}
    for instance in concerned:
        for output, when in instance.spec.no_file.items():
            if (instance.address, output) in used and matches(when, _values(instance)) is True:
                _report(instance, output, next(iter(when)), source_map, report)


def _values(instance: Instance) -> dict[str, object]:
    inputs = instance.spec.inputs
    defaults = {name: field.default for name, field in inputs.items() if field.default is not NOTHING}
    return {**defaults, **instance.params}


def _report(instance: Instance, output: str, name: str, source_map: SourceMap, report: Report) -> None:
    node = source_map.node(instance)
    place = node.places.get(name, node.decl.uses.span)
    value = _values(instance)[name]
    problem = rules.output_is_text(output, name, value, instance.spec.inputs[name].type)
    report.within(*source_map.used(instance)).add(place, problem, instance.address)
