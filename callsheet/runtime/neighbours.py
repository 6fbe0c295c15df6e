"""What could be mistaken for a film or its project: another film of its name, a project around its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.graph import Graph
from callsheet.dsl.yaml.reader import read_source
from callsheet.runtime.output.films import namesakes, other_owner
from callsheet.runtime.output.layout import Layout
from callsheet.runtime.workspace import Workspace
from callsheet.spec.project import OUT, SETTINGS, STATE, outer_project
from callsheet.spec.rules import document as rules
from callsheet.spec.rules.rule import Problem

NAME: Final = re.compile(r"^name[ \t]*:[ \t]*([^\r\n]*?)[ \t]*\r?$", re.MULTILINE)


def neighbours(graph: Graph, workspace: Workspace) -> Iterator[Problem]:
    """What to tell of other films and projects. A state folder that a person chose has no neighbours."""
    if not workspace.is_own:
        return
    root = workspace.root
    layout = Layout.of(root / OUT, graph.name, profile=graph.section.profile)
    owner = other_owner(layout, graph.path)
    others = [owner] if owner else namesakes(graph.path, graph.name, root, leave_out=graph.files)
    if others:
        yield rules.film_of_same_name(others[0].as_posix(), f"{(OUT / layout.name).as_posix()}/")
    if (outer := outer_project(root)) is not None:
        yield rules.project_in_project(str(root), str(outer), _joining(root, outer))


def warn_of_neighbours(graph: Graph, workspace: Workspace, report: Report) -> None:
    """Report them at the name of the film, or at the beginning of its file."""
    found = list(neighbours(graph, workspace))
    source = read_source(graph.path, Report()) if found else None
    if source is None:
        return
    name = NAME.search(source.text)
    span = Span(source, *name.span(1)) if name else Span(source, 0, 1)
    for problem in found:
        report.add(span, problem)


def _joining(inner: Path, outer: Path) -> str:
    """How the inner project becomes a part of the outer one."""
    from callsheet.runtime.other_states import adopt_command

    steps = [adopt_command(inner / STATE, outer)] if (inner / STATE).is_dir() else []
    marks = [str(inner / mark) for mark in (SETTINGS, STATE) if (inner / mark).exists()]
    return ", then ".join([*steps, f"remove {' and '.join(marks)}"])
