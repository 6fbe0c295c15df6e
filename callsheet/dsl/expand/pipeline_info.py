"""The facts of a pipeline that stay the same while its graph is extended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from callsheet.dsl.axes.axis import Axis, Point, key_at, points
from callsheet.dsl.axes.nesting import Nesting, nodes_named
from callsheet.dsl.axes.resolve import ResolvedAxis
from callsheet.dsl.axes.resolved_document import ResolvedDocument
from callsheet.dsl.axes.scope import address
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.expression.template import names_in
from callsheet.dsl.graph import Section
from callsheet.dsl.syntax.ast import Document, Value, expressions_in
from callsheet.dsl.values.bindings import Maker
from callsheet.dsl.values.inputs import Decided


@dataclass(frozen=True, slots=True)
class Output:
    """An output of a pipeline. maker: of its value. place: where it is written. nodes: those that it names.
    axes, point: the element of the axes around all outputs that it is for, if there are any."""

    maker: Maker
    place: Span
    nodes: tuple[str, ...]
    axes: tuple[Axis, ...] = ()
    point: Point = ()


@dataclass(frozen=True, slots=True)
class PipelineInfo:
    """A pipeline without its instances.

    order: its axes, each after what it depends on. outputs: by name, `film`, or `film["dawn"]` where they go
    over an axis. sources: node → the nodes that it names, or whose outputs its axes range over.
    section: which inputs it was given. decided: what people decided about its instances. rows: the
    keys of those that it is made for.
    """

    name: str
    path: Path
    description: str
    budget: float | None
    order: tuple[str, ...]
    outputs: Mapping[str, Output]
    sources: Mapping[str, tuple[str, ...]]
    section: Section
    decided: Decided
    rows: tuple[str, ...]


def pipeline_info(
    resolved: ResolvedDocument,
    outputs: Mapping[str, Maker],
    axes: Mapping[str, ResolvedAxis],
    section: Section,
    decided: Decided,
) -> PipelineInfo:
    """The facts of a document. outputs: the makers of those outputs that are sound. axes: those
    of the document."""
    document, nesting = resolved.document, resolved.nesting
    around = tuple(axes[name].axis for name in document.each)
    return PipelineInfo(
        name=document.name,
        path=document.source.path,
        description=document.description,
        budget=document.budget,
        order=nesting.order,
        outputs=dict(_outputs(document, outputs, around)),
        sources=sources_of(document, nesting),
        section=section,
        decided=decided,
        rows=tuple(key for axis in around for key in axis.branches[()].keys),
    )


def _outputs(
    document: Document, makers: Mapping[str, Maker], axes: tuple[Axis, ...]
) -> Iterator[tuple[str, Output]]:
    for point in points(axes):
        for name, decl in document.outputs.items():
            if name in makers:
                named = tuple(dict.fromkeys(_named(document, decl.value)))
                yield (
                    address(name, key_at(axes, point)),
                    Output(makers[name], decl.key.span, named, axes, point),
                )


def sources_of(document: Document, nesting: Nesting) -> dict[str, tuple[str, ...]]:
    """Node → the nodes that it names, or whose outputs its axes range over."""
    return {name: tuple(dict.fromkeys(_sources(document, nesting, name))) for name in document.nodes}


def _sources(document: Document, nesting: Nesting, name: str) -> Iterator[str]:
    for axis in nesting.closed(each.text for each in document.nodes[name].each):
        if axis in document.axes:
            yield from _named(document, document.axes[axis].over)
    yield from nodes_named(document, name)


def _named(document: Document, value: Value) -> Iterator[str]:
    for expression in expressions_in(value):
        yield from (name.name for name in names_in(expression) if name.name in document.nodes)
