"""What the functions of the API take beside their own parameters: where things lie, and what is allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

from callsheet.dsl.graph import Graph
from callsheet.dsl.values.inputs import Files, paths_of
from callsheet.errors import InputError
from callsheet.runtime.check import load
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.workspace import Workspace
from callsheet.spec.batch import EACH, each_row_of
from callsheet.spec.permissions import PERMISSIONS, StoreTrust
from callsheet.spec.pipeline_files import pipeline_in
from callsheet.spec.profile import PROFILE, using
from callsheet.spec.project import lock_at, project_root

Pipeline = Graph | str | Path
"""A checked graph, a pipeline file, or a folder with one."""


class Place(TypedDict, total=False):
    """The keyword arguments of every function about a project.

    project: a folder in it; the current folder without it. state: the folder with its ledger and its results,
    if that is not `.callsheet` in the project.
    """

    project: str | Path
    state: str | Path | None


class Common(TypedDict, total=False):
    """Those of `Given` that every function about a pipeline takes as keywords alone."""

    lock: str | Path | None
    each: str | Path | None
    fetch: bool
    max_instances: int
    store_trust: StoreTrust


class Inputs(Common, total=False):
    """Those of `Given` for a function that takes the place of things by parameters of its own."""

    sets: Mapping[str, str] | None
    inputs: Files
    trust: bool | None


class Where(Common, total=False):
    """Those of `Given` for a function that takes inputs by parameters of its own."""

    state: str | Path | None
    store: str
    profile: str


class Given(Inputs, Where, total=False):
    """The keyword arguments of every function about a pipeline.

    sets: input name → text. inputs: a YAML or JSON file of input values, or several, of which later ones win.
    trust: run the code files beside the pipeline that it names; to import them is to run them. profile: of
    `callsheet.toml`. each: a CSV, TSV, JSON or YAML file: one film is made for each row, whose columns are
    inputs and `id`. fetch: fetch recipes from git that are not here. max_instances: how many instances the
    pipeline may have.

    state: the folder with the ledger and the results of earlier runs, if that is not `.callsheet` in the
    project. lock: the lock file, if it does not lie beside the pipeline. store: the folder or URL of a store
    that a team shares. store_trust: "team", or "own" for only what your lock file names.
    """


class Film:
    """A pipeline with its project, as long as `opened` lasts."""

    def __init__(self, pipeline: Pipeline, path: Path, workspace: Workspace, given: Given) -> None:
        self.path, self.workspace = path, workspace
        self.sets, self.inputs = dict(given.get("sets") or {}), paths_of(given.get("inputs"))
        self.store = given.get("store", "")
        self._pipeline = pipeline

    def asked(self, request: RunRequest) -> RunRequest:
        """`request` for this file with these input values."""
        return replace(request, file=self.path, sets=self.sets, inputs=self.inputs, each=EACH.get())

    def graph(self, picks: bool = True) -> Graph:
        """The checked graph. picks: use the takes that people picked. Raises PipelineError."""
        if isinstance(self._pipeline, Graph):
            return self._pipeline
        return load(self.path, self.sets, self.inputs, picks=picks, workspace=self.workspace)


@contextmanager
def opened(pipeline: Pipeline, given: Given, making: bool = False) -> Iterator[Film]:
    """A pipeline with its project; what is allowed counts as long as this lasts.

    making: something is made, so that recipes which the lock file pins are fetched without being asked for.
    Raises InputError for a folder without a pipeline, and for inputs of a graph that is checked already.
    """
    chosen = ("sets", "inputs", "each", "profile")
    if isinstance(pipeline, Graph) and any(given.get(name) for name in chosen):
        raise InputError("the graph is checked already, with its inputs and its profile", "give its file")
    path = pipeline.path if isinstance(pipeline, Graph) else pipeline_in(Path(pipeline))
    lock, state = given.get("lock"), given.get("state")
    place = lock_at(path, None if lock is None else Path(lock))
    allowed = allowing(given, making, given.get("trust"), given.get("store", ""), given.get("profile", ""))
    with allowed, place, rows_of(given), _workspace(project_root(path.parent), state) as workspace:
        yield Film(pipeline, path, workspace, given)


def rows_of(given: Common) -> AbstractContextManager[None]:
    """As long as this lasts, pipelines are made for each row of the table that is given."""
    table = given.get("each")
    return each_row_of(EACH.get() if table is None else Path(table))


@contextmanager
def project_at(place: Place) -> Iterator[Workspace]:
    """The project that a function is about."""
    with _workspace(project_root(Path(place.get("project", "."))), place.get("state")) as workspace:
        yield workspace


def _workspace(root: Path, state: str | Path | None) -> Workspace:
    return Workspace.at(root) if state is None else Workspace(root, Path(state))


@contextmanager
def allowing(
    given: Common, making: bool = False, trust: bool | None = None, store: str = "", profile: str = ""
) -> Iterator[None]:
    """Allow what was given, and what is allowed already, as long as this lasts."""
    allowed = PERMISSIONS.get()
    if trust is not None:
        allowed = replace(allowed, trust=trust)
    if given.get("fetch"):
        allowed = replace(allowed, fetch="any")
    elif making and allowed.fetch == "none":
        allowed = replace(allowed, fetch="pinned")
    if given.get("max_instances"):
        allowed = replace(allowed, max_instances=given["max_instances"])
    if given.get("store_trust"):
        allowed = replace(allowed, store=given["store_trust"])
    if store:
        allowed = replace(allowed, store_place=store)
    token = PERMISSIONS.set(allowed)
    try:
        with using(profile or PROFILE.get()):
            yield
    finally:
        PERMISSIONS.reset(token)
