"""The compiler: a file's text becomes a checked graph. `to_graph` is the list of its stages."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from callsheet.dsl.axes.resolve import resolve_axes
from callsheet.dsl.axes.rows import resolve_batch
from callsheet.dsl.axes.there import has_instance
from callsheet.dsl.check.cycles import refuse_cycle
from callsheet.dsl.check.document import check_document
from callsheet.dsl.check.media_limits import check_edges
from callsheet.dsl.check.positions import warn_of_positions
from callsheet.dsl.check.size import refuse_size
from callsheet.dsl.check.slips import name_slips
from callsheet.dsl.check.text_outputs import refuse_text_outputs
from callsheet.dsl.check.unused_inputs import warn_of_unused_inputs
from callsheet.dsl.check.useless_missing import warn_of_useless_missing
from callsheet.dsl.cuts.shown import with_cuts
from callsheet.dsl.cuts.without import without_cuts
from callsheet.dsl.diagnostics.diagnostic import RuleBroken
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source
from callsheet.dsl.expand.absent_fields import warn_of_absent_fields
from callsheet.dsl.expand.dynamic import begin
from callsheet.dsl.expand.expansion import Expansion, Placement
from callsheet.dsl.expand.fallback import join_alternatives
from callsheet.dsl.expand.pipeline_info import pipeline_info
from callsheet.dsl.expand.recipe_bodies import bodies_for
from callsheet.dsl.expand.sound_part import check_sound_part
from callsheet.dsl.expand.takes import with_takes
from callsheet.dsl.graph import Graph
from callsheet.dsl.resolve.defaults import with_defaults
from callsheet.dsl.resolve.override_places import point_at_overrides
from callsheet.dsl.resolve.recipe_files import LocalRecipes, Recipes
from callsheet.dsl.resolve.recipe_loader import RecipeLoader
from callsheet.dsl.syntax.ast import Document
from callsheet.dsl.syntax.parser import parse
from callsheet.dsl.values.inputs import Decided, Given
from callsheet.dsl.values.inspected_files import InspectedFiles
from callsheet.dsl.values.origin import Origin
from callsheet.dsl.values.section import section_of
from callsheet.dsl.values.stray_braces import warn_of_stray_braces
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.spec.media import Inspector
from callsheet.spec.node import Specs
from callsheet.spec.project import project_root


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
    document = read_document(source, report)
    if document is None:
        return None
    document = with_defaults(document if given.cuts else without_cuts(document), given.defaults, specs)
    files = InspectedFiles(inspector) if inspector else None
    origin = Origin(source.path.parent, project_root(source.path.parent), inspector=files)
    loader = RecipeLoader(specs, recipes or LocalRecipes(), given)
    graph = to_graph(document, origin, loader, report)
    point_at_overrides(report, loader.overridden)
    if report.failed:
        name_slips([document, *loader.documents], report)
    return None if report.failed or graph is None else replace(graph, files=dict(report.files))


def read_document(source: Source, report: Report) -> Document | None:
    """The declarations in a file's text; None when its outermost shape is wrong."""
    root = read_yaml(source, report)
    return None if root is None and report.failed else parse(source, root, report)


def to_graph(document: Document, origin: Origin, loader: RecipeLoader, report: Report) -> Graph | None:
    """The stages of the compiler, in order. origin: where the document is.

    What is wrong with recipes and with single instances is collected apart, so that the stages can tell it
    from what is wrong with the document.
    """
    given, findings = loader.given, Report()
    most = given.permissions.max_instances
    document, inputs = resolve_batch(document, given, origin, report)
    section = section_of(document, given)
    decided = given.decided(section.name)
    resolved = loader.resolve(document, origin, findings, report)
    axes = resolve_axes(resolved, inputs, report)
    there = partial(has_instance, resolved, axes)
    resolved = replace(resolved, document=with_cuts(resolved.document, origin, report, there))
    checked = check_document(resolved, inputs, axes, loader.specs.find, report)
    expansion = Expansion(
        checked.nodes,
        inputs,
        axes,
        origin,
        Placement(findings, deferred=bool(resolved.nesting.dynamic), most=most, is_test=bool(given.example)),
    )
    bodies = bodies_for(expansion, loader.specs)
    document = resolved.document
    if not checked.complete or report.failed or findings.failed:
        check_sound_part(document, expansion, bodies, report)
        return None
    if refuse_size(document, expansion.shapes, expansion.count(), most, report):
        return None
    try:
        info = pipeline_info(resolved, checked.outputs, axes, section, decided)
        dynamic = begin(info, expansion, bodies)
    except RuleBroken as error:
        findings.add(error.span, error.problem)
        return None
    finally:
        report.merge(findings)
    waiting = {**dynamic.instances, **dynamic.stuck()}
    if not refuse_cycle([document, *loader.documents], waiting, report):
        check_edges(dynamic.instances, bodies.source_map, origin.inspector, report)
        refuse_text_outputs(dynamic.without_takes(), bodies.source_map, report)
    warn_of_stray_braces(document, resolved.types, report)
    warn_of_positions(document, expansion.shapes, report)
    warn_of_absent_fields(expansion, report)
    warn_of_unused_inputs(document, report)
    warn_of_useless_missing(document, dynamic.instances.values(), report)
    return None if report.failed else _completed(dynamic.without_takes(), decided, most, report)


def _completed(graph: Graph, decided: Decided, most: int, report: Report) -> Graph:
    """With the alternatives and the takes of its instances."""
    findings = Report()
    graph = with_takes(join_alternatives(graph, findings), decided, findings, most)
    report.merge(findings)
    return graph
