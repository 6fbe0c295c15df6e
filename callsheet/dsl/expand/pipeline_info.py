"""The facts of a pipeline that stay the same while its graph is extended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from callsheet.dsl.axes.nesting import Nesting, nodes_named
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.expression.template import names_in
from callsheet.dsl.graph import Section
from callsheet.dsl.syntax.ast import Document, Value, expressions_in
from callsheet.dsl.values.bindings import Maker
from callsheet.dsl.values.inputs import Decided


@dataclass(frozen=True, slots=True)
class PipelineInfo:
    """A pipeline without its instances.

    order: its axes, each after what it depends on. outputs: how each is made, where it is written, and
    the nodes that it names. sources: node → the nodes that it names, or whose outputs its axes range over.
    section: which inputs it was given. decided: what people decided about its instances.
    """

    name: str
    path: Path
    description: str
    budget: float | None
    order: tuple[str, ...]
    outputs: Mapping[str, tuple[Maker, Span, tuple[str, ...]]]
    sources: Mapping[str, tuple[str, ...]]
    section: Section
    decided: Decided


def pipeline_info(
    document: Document,
    nesting: Nesting,
    outputs: Mapping[str, Maker],
    section: Section,
    decided: Decided,
) -> PipelineInfo:
    """The facts of a document. outputs: the makers of those outputs that are sound."""
    return PipelineInfo(
        name=document.name,
        path=document.source.path,
        description=document.description,
        budget=document.budget,
        order=nesting.order,
        outputs={
            name: (outputs[name], decl.key.span, tuple(dict.fromkeys(_named(document, decl.value))))
            for name, decl in document.outputs.items()
            if name in outputs
        },
        sources=sources_of(document, nesting),
        section=section,
        decided=decided,
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
