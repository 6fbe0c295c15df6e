"""What is known of the instances of a film before its preview is drawn: a person's answers, and what later
nodes look up."""

from __future__ import annotations

from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expand.look_ups import look_ups
from callsheet.dsl.graph import Graph
from callsheet.dsl.values.origin import Origin
from callsheet.dsl.values.preview_answers import Answers, read_answers
from callsheet.errors import InputError, PipelineError
from callsheet.nodes.media.inspector import MediaInspector
from callsheet.nodes.preview.answers import Known
from callsheet.nodes.preview.voice import version
from callsheet.spec.project import answers_path, project_root

SMALLEST: Final = 90
"""Pixels of the shorter side of a preview, at least."""


def known_of(graph: Graph, voice: str, size: int = 0) -> Known:
    """What is known of the instances of `graph`. voice: `espeak` to have lines spoken. size: pixels of the
    shorter side of pictures, at most; 0 for the models' own sizes.

    Raises PipelineError for answers that do not fit, InputError where the program that speaks is missing, and
    for a size that shows nothing.
    """
    if size and size < SMALLEST:
        raise InputError(f"a preview of {size} pixels shows nothing", f"give a size from {SMALLEST} on")
    return Known(answers_to(graph), look_ups(graph), version() if voice == "espeak" else "", size)


def answers_to(graph: Graph) -> Answers:
    """What a person answers to the preview of a film, in a file beside its pipeline. Raises PipelineError."""
    path = answers_path(graph.path)
    if not path.is_file():
        return {}
    waiting = {one.node: one.sample.spec for one in graph.dynamic.unknown()} if graph.dynamic else {}
    here = {name: one.spec for one in graph.instances.values() for name in (one.node, one.base)}
    specs = {**waiting, **here}
    report = Report()
    origin = Origin(path.parent, project_root(path.parent), inspector=MediaInspector())
    answers = read_answers(path, specs, origin, report)
    if report.failed:
        raise PipelineError(report.sorted())
    return answers
