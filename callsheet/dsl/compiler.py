"""The front end in one screen: a file's text becomes a checked graph."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from callsheet.dsl.axes.axis import NotGrown
from callsheet.dsl.axes.nesting import nest
from callsheet.dsl.axes.resolve import resolve_axes
from callsheet.dsl.check.cycles import find_cycle, shown
from callsheet.dsl.check.media_limits import check_edges
from callsheet.dsl.check.nodes import Checker
from callsheet.dsl.diagnostics.diagnostic import RuleBroken
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.expand.dynamic import begin
from callsheet.dsl.expand.dynamic_frame import frame_of
from callsheet.dsl.expand.expand import MAX_INSTANCES, Expansion, Home
from callsheet.dsl.expand.fallback import folded
from callsheet.dsl.expand.recipe_bodies import Workbench
from callsheet.dsl.expand.recipe_uses import NotMade, Uses
from callsheet.dsl.expand.takes import with_takes
from callsheet.dsl.expression.template import Expression, keys_read, names_in
from callsheet.dsl.graph import Graph, Instance
from callsheet.dsl.resolve.alternatives import alternatives_in, with_alternatives
from callsheet.dsl.resolve.recipe_files import LocalRecipes, Recipes
from callsheet.dsl.resolve.recipe_loader import Library
from callsheet.dsl.resolve.specs import node_types
from callsheet.dsl.syntax.ast import Document, expressions_in
from callsheet.dsl.syntax.parser import parse
from callsheet.dsl.values.inputs import Given, resolve_inputs
from callsheet.dsl.values.origin import Origin, project_root
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.spec.media import Inspector
from callsheet.spec.node import Specs
from callsheet.spec.rules import inputs as input_rules
from callsheet.spec.rules import instances as rules


def compile_file(
    path: Path,
    given: Given,
    specs: Specs,
    report: Report,
    recipes: Recipes | None = None,
    inspector: Inspector | None = None,
) -> Graph | None:
    """The pipeline as a graph. Everything that is wrong is in `report`; with an error there is no graph.

    recipes: finds the recipes that it uses; None for those on this machine. inspector: looks into the media
    files that it names; with None their content is not checked.
    """
    source = read_source(path, report)
    return compile_source(source, given, specs, report, recipes, inspector) if source else None


def compile_source(
    source: Source,
    given: Given,
    specs: Specs,
    report: Report,
    recipes: Recipes | None = None,
    inspector: Inspector | None = None,
) -> Graph | None:
    """As `compile_file`, of a text that may differ from what its file holds."""
    document = document_of(source, report)
    if document is None:
        return None
    library = Library(specs, recipes or LocalRecipes(), given)
    origin = Origin(source.path.parent, project_root(source.path), inspector=inspector)
    graph = to_graph(with_alternatives(document, specs, report), origin, given, library, report)
    if graph is not None and not report.failed:
        graph = _completed(graph, given, report)
    return None if report.failed or graph is None else replace(graph, files=dict(report.files))


def document_of(source: Source, report: Report) -> Document | None:
    root = read_yaml(source, report)
    if root is None and report.failed:
        return None
    return parse(source, root, report)


def to_graph(
    document: Document, origin: Origin, given: Given, library: Library, report: Report
) -> Graph | None:
    """The graph without its alternatives and takes. origin: where the document is."""
    findings = Report()
    inputs = resolve_inputs(document, given, origin, report)
    found = library.specs_of(document, origin, findings, report)
    nesting = nest(document, report)
    types = node_types(document, found, nesting)
    axes = resolve_axes(document, inputs, types, nesting, report)
    checker = Checker(document, inputs, axes, types, nesting, library.specs.find, origin)
    checked = {
        n: node for n, decl in document.nodes.items() if (node := checker.node(decl, found.get(n), report))
    }
    outputs = {
        n: (maker, decl) for n, decl in document.outputs.items() if (maker := checker.output(decl, report))
    }
    home = Home(findings, late=bool(nesting.late))
    expansion = Expansion(checked, inputs, axes, origin, home)
    if len(checked) < len(document.nodes) or report.failed or findings.failed:
        _expand_what_is_sound(document, expansion, library, report)
        return None
    if _too_many(document, expansion, report):
        return None
    bench = _workbench(library, expansion)
    try:
        growth = begin(frame_of(document, nesting, outputs, given.decided), expansion, bench)
    except RuleBroken as error:
        report.merge(expansion.findings)
        report.add(error.span, error.problem)
        return None
    report.merge(expansion.findings)
    known = {**growth.instances, **growth.stuck()}
    if not _refuse_cycles([document, *library.documents], known, report):
        check_edges(growth.instances, bench.origins, origin.inspector, report)
    _warn_of_unused(document, report)
    _warn_of_nothing_gathered(document, growth.instances.values(), report)
    return growth.bare()


def _completed(graph: Graph, given: Given, report: Report) -> Graph:
    """With the alternatives and the takes of its instances."""
    findings = Report()
    graph = with_takes(folded(graph, findings), given.decided, findings)
    report.merge(findings)
    return graph


def _expand_what_is_sound(document: Document, expansion: Expansion, library: Library, report: Report) -> None:
    """Also report what only shows in single instances, for the nodes that refer to sound ones alone."""
    names = set(expansion.shapes)
    expansion.checked = {
        name: node
        for name, node in expansion.checked.items()
        if all(used in names or used not in document.nodes for used in _names_used(document, name))
    }
    if expansion.count() > MAX_INSTANCES:
        return
    if not _decided(expansion, _workbench(library, expansion), report):
        return
    for shape in (expansion.shapes[name] for name in expansion.checked):
        for point in shape.points():
            with suppress(NotGrown, NotMade):
                if point not in shape.skipped:
                    deque(expansion.at(shape.name, point), maxlen=0)
    report.merge(expansion.findings)


def _workbench(library: Library, expansion: Expansion) -> Workbench:
    bench = Workbench(library.specs.find, MAX_INSTANCES - expansion.count())
    bench.others.update(alternatives_in(expansion.checked))
    bench.origins.nodes.update((node.decl.span, node) for node in expansion.checked.values())
    return bench


def _decided(expansion: Expansion, bench: Workbench, report: Report) -> bool:
    """Decide what is skipped, inside of recipes too; False when there is too much."""
    expansion.skipped()
    try:
        Uses(expansion, bench).make()
    except RuleBroken as error:
        report.merge(expansion.findings)
        report.add(error.span, error.problem)
        return False
    return True


def _names_used(document: Document, node: str) -> Iterator[str]:
    decl = document.nodes[node]
    for expression in expressions_in(decl.params):
        yield from (name.name for name in names_in(expression))


def _too_many(document: Document, expansion: Expansion, report: Report) -> bool:
    if (count := expansion.count()) <= MAX_INSTANCES:
        return False
    biggest = max(expansion.shapes.values(), key=lambda s: len(s.axes))
    report.add(document.nodes[biggest.name].key.span, rules.too_many_counted(count, MAX_INSTANCES))
    return True


def _refuse_cycles(documents: Iterable[Document], instances: dict[str, Instance], report: Report) -> bool:
    circle = find_cycle(instances)
    if circle is None:
        return False
    place = _reference(documents, instances[circle[0]], instances[circle[1]])
    report.add(place, rules.instances_in_a_circle(shown(circle)))
    return True


def _reference(documents: Iterable[Document], first: Instance, second: Instance) -> Span:
    """Where the one refers to the other, as near as that is known."""
    decls = [decl for document in documents for decl in document.nodes.values() if decl.span == first.span]
    names = {second.node.rpartition("/")[2], *second.node.split("/")}
    for expression in (e for decl in decls for e in expressions_in(decl.params)):
        for named in names_in(expression):
            if named.name in names:
                return expression.part(named)
    return first.span


def _warn_of_unused(document: Document, report: Report) -> None:
    used: set[str] = set()
    for expression in _all_expressions(document):
        used.update(_inputs_used(expression, document))
    for name, decl in document.inputs.items():
        if name not in used:
            report.add(decl.key.span, input_rules.unused_input(name))


def _warn_of_nothing_gathered(document: Document, instances: Collection[Instance], report: Report) -> None:
    bare = {i.node for i in instances} - {i.node for i in instances if i.tolerates}
    for name, decl in document.nodes.items():
        if name in bare and decl.options.missing != "fail":
            report.add(decl.key.span, rules.nothing_gathered(name))


def _inputs_used(expression: Expression, document: Document) -> Iterable[str]:
    keys = keys_read(expression, "inputs")
    return document.inputs if keys is None else keys


def _all_expressions(document: Document) -> Iterator[Expression]:
    for axis in document.axes.values():
        yield from expressions_in(axis.over)
        yield from expressions_in(axis.item_key)
    for node in document.nodes.values():
        yield from expressions_in(node.params)
        yield from expressions_in(node.when)
    for output in document.outputs.values():
        yield from expressions_in(output.value)
