"""`check` and `load`: every mistake of a pipeline file, or its graph."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Unpack

from callsheet.api.given import Given, Pipeline, Where, opened
from callsheet.dsl.graph import Graph
from callsheet.dsl.outline import Outline, outline
from callsheet.dsl.values.inputs import Files
from callsheet.errors import PipelineError
from callsheet.runtime import check as checking
from callsheet.runtime.check import Checked
from callsheet.runtime.settings import settings_in
from callsheet.runtime.settings.films import films_of
from callsheet.spec.project import project_root


def check(
    path: str | Path,
    sets: Mapping[str, str] | None = None,
    inputs: Files = None,
    trust: bool | None = None,
    picks: bool = True,
    **given: Unpack[Where],
) -> Checked:
    """Check a pipeline file. `callsheet check`.

    path: the file, or a folder with one pipeline. sets, inputs, trust and given: see `Given`. picks: use the
    takes that people picked; otherwise the first take of each instance counts. What `callsheet.toml` says of
    the project counts.

    Returns every diagnostic of the file, warnings included. Raises InputError for a profile that the project
    does not have.
    """
    with opened(path, {**given, "sets": sets, "inputs": inputs, "trust": trust}) as film:
        return checking.check(film.path, film.sets, film.inputs, trust, picks, workspace=film.workspace)


def load(
    path: str | Path,
    sets: Mapping[str, str] | None = None,
    inputs: Files = None,
    trust: bool | None = None,
    picks: bool = True,
    **given: Unpack[Where],
) -> Graph:
    """The checked graph of a pipeline file; the parameters are those of `check`.

    Raises PipelineError with every diagnostic when there are errors.
    """
    checked = check(path, sets, inputs, trust, picks, **given)
    if checked.graph is None:
        raise PipelineError(checked.diagnostics)
    return checked.graph


def graph(pipeline: Pipeline, instances: bool = False, **given: Unpack[Given]) -> Outline:
    """The nodes of a pipeline and how they are connected. `callsheet graph`.

    instances: every instance instead of one box for each node. given: see `Given`. Raises PipelineError.
    """
    with opened(pipeline, given) as film:
        return outline(film.graph(), instances)


def films(project: str | Path = ".") -> tuple[Path, ...]:
    """The films of a project, as its `callsheet.toml` names them. Raises PipelineError, InputError."""
    return films_of(settings_in(project_root(Path(project))))
