"""Reads and checks a pipeline file: text → typed graph, with every diagnostic on the way."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from callsheet.dsl.compiler import compile_file
from callsheet.dsl.cuts.without import LEFT_OUT
from callsheet.dsl.diagnostics.diagnostic import Diagnostic
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import Graph
from callsheet.dsl.values.inputs import Decided, Files, Given, ProjectInputs, paths_of
from callsheet.errors import PipelineError
from callsheet.runtime.workspace import Workspace
from callsheet.spec.batch import EACH
from callsheet.spec.permissions import PERMISSIONS
from callsheet.spec.profile import PROFILE
from callsheet.spec.project import lock_path

if TYPE_CHECKING:
    from callsheet.dsl.resolve.recipe_files import Recipes
    from callsheet.runtime.models_of_then import ModelsOfThen
    from callsheet.runtime.settings import Profile, Settings
    from callsheet.spec.json_documents import CheckJson


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of `check`. graph: None when there are errors. diagnostics: errors and warnings in file
    order. path: the file."""

    graph: Graph | None
    diagnostics: tuple[Diagnostic, ...]
    path: Path = Path()

    @property
    def ok(self) -> bool:
        """Whether there are no errors."""
        return self.graph is not None

    @property
    def nodes(self) -> int:
        """How many nodes the pipeline has; 0 where there are errors."""
        if self.graph is None:
            return 0
        return len({i.node for i in self.graph.instances.values()} | set(self._unknown))

    @property
    def pending(self) -> int:
        """How many instances at most come with lists that are not known yet."""
        return sum(self._unknown.values())

    @property
    def _unknown(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for unknown in self.graph.dynamic.unknown() if self.graph and self.graph.dynamic else ():
            found[unknown.node] = found.get(unknown.node, 0) + unknown.most
        return found

    def to_json(self) -> CheckJson:
        """The counts and every diagnostic."""
        graph = self.graph
        data: CheckJson = {
            "version": 1,
            "path": str(self.path),
            "ok": self.ok,
            "nodes": len({i.node for i in graph.instances.values()}) if graph else None,
            "instances": len(graph.instances) if graph else None,
            "diagnostics": [diagnostic.to_json() for diagnostic in self.diagnostics],
        }
        if self.pending:
            data["pending"] = self.pending
        return data


def check(
    path: str | Path,
    sets: Mapping[str, str] | None = None,
    inputs: Files = None,
    trust: bool | None = None,
    picks: bool = True,
    recipes: Recipes | None = None,
    workspace: Workspace | None = None,
) -> Checked:
    """Check a pipeline file.

    sets: input name → text, as `--set` takes it. inputs: a YAML or JSON file of input values, or several, of
    which later ones win. trust: run the code files beside the pipeline that it names; to import them is to
    run them. picks: use the takes that people picked; otherwise the first take of each instance counts.
    recipes: where recipes are looked up; None for this machine, the lock file beside the pipeline, and git.
    workspace: the project; None for that of the pipeline.

    What `callsheet.toml` says of the project counts, with the profile of `callsheet.spec.profile.using`.
    The pipeline is made for each row of the table of `callsheet.spec.batch.each_row_of`.

    Returns every diagnostic of the file, warnings included. Raises InputError for a profile that the project
    does not have.
    """
    from callsheet.runtime.recipes.pinned import PinnedRecipes
    from callsheet.runtime.settings.read import settings_of

    pipeline, allowed = Path(path), PERMISSIONS.get()
    project = workspace or Workspace.of(pipeline)
    try:
        settings = settings_of(pipeline)
    except PipelineError as error:
        return Checked(None, error.diagnostics, pipeline)
    profile = settings.profile(PROFILE.get())
    given = replace(
        _given(settings, profile),
        each=EACH.get(),
        cuts=not LEFT_OUT.get(),
        sets=dict(sets or {}),
        files=paths_of(inputs),
        permissions=allowed if trust is None else replace(allowed, trust=trust),
    )
    recipes = recipes or PinnedRecipes(project, pipeline, store=_store(settings))
    then = _models_of_then(project, pipeline, settings) if allowed.from_lock else None
    return _Compiler(pipeline, project, settings, profile, given, picks, recipes, then).checked()


@dataclass(frozen=True, slots=True)
class _Compiler:
    """Compiles the pipeline as often as instances are found under other names. then: the models as they were
    when the lock file was written; None to use those of today. The others are the parameters of `check`, as
    they were read."""

    pipeline: Path
    project: Workspace
    settings: Settings
    profile: Profile
    given: Given
    picks: bool
    recipes: Recipes
    then: ModelsOfThen | None

    def checked(self) -> Checked:
        """The graph with all instances that people decided about, and everything that is said of it."""
        from callsheet.runtime.neighbours import warn_of_neighbours

        moves: dict[str, str] = {}
        while True:
            graph, report = self._compiled(moves)
            if graph is None or report.failed:
                return Checked(None, report.sorted(), self.pipeline)
            found = _renamed(graph, self.project)
            if found.keys() <= moves.keys():
                warn_of_neighbours(graph, self.project, report)
                return Checked(replace(graph, renamed=moves), report.sorted(), self.pipeline)
            moves |= found

    def _compiled(self, moves: Mapping[str, str]) -> tuple[Graph | None, Report]:
        """The graph, None where it has errors, and what is to be said of it. moves: where instances are now
        that people decided about under another name."""
        from callsheet.nodes.media.inspector import MediaInspector
        from callsheet.runtime.project_registry import registry_of
        from callsheet.runtime.settings.apply import applied

        report = Report()

        def decided(section: str) -> Decided:
            return _decided(self.project, self.pipeline, section, self.picks, report).moved(moves)

        given = replace(self.given, decided=decided)
        known = registry_of(self.project, report, self.then)
        specs = applied(self.settings, self.profile, known, report)
        graph = compile_file(self.pipeline, given, specs, report, self.recipes, MediaInspector())
        if self.then is not None:
            self.then.warn(report)
        if self.settings.store and not PERMISSIONS.get().store_place:
            _tell_of_store(self.settings, report)
        return graph, report


def _given(settings: Settings, profile: Profile) -> Given:
    """What the project gives."""
    sets = {name: (preset.text, preset.span) for name, preset in profile.sets.items()}
    files = *settings.inputs, *profile.inputs
    return Given(profile=profile.name, project=ProjectInputs(files, sets), defaults=settings.defaults)


def _decided(project: Workspace, pipeline: Path, section: str, picks: bool, report: Report) -> Decided:
    """What people decided. Where there is no lock file, nothing is loaded that reads one."""
    if not os.path.lexists(lock_path(pipeline)):
        return Decided()
    from callsheet.runtime.lock.decisions import decided_in

    return decided_in(lambda: project.lock_file(pipeline, section), picks, report)


def _store(settings: Settings) -> str:
    """The shared store that recipes and descriptions of models may lie in. Without one, nothing is loaded
    that reads grants."""
    place = PERMISSIONS.get().store_place
    if place or not settings.store:
        return place
    from callsheet.runtime.project_store import store_for

    return store_for("", settings, required=False)


def _models_of_then(project: Workspace, pipeline: Path, settings: Settings) -> ModelsOfThen:
    """The models as they were when the lock file was written."""
    from callsheet.runtime.models_of_then import ModelsOfThen

    return ModelsOfThen(project.lock_file(pipeline), project.root, _store(settings))


def _tell_of_store(settings: Settings, report: Report) -> None:
    """Warn where nobody granted the store. Without a store, nothing is loaded that reads grants."""
    from callsheet.runtime.project_store import warn_of_store

    warn_of_store(settings, report)


def _renamed(graph: Graph, project: Workspace) -> dict[str, str]:
    """Where instances are now that people decided about under another name."""
    if not os.path.lexists(lock_path(graph.path)):
        return {}
    from callsheet.runtime.renamed import renamed_instances

    return renamed_instances(graph, project)


def load(
    path: str | Path,
    sets: Mapping[str, str] | None = None,
    inputs: Files = None,
    trust: bool | None = None,
    picks: bool = True,
    workspace: Workspace | None = None,
) -> Graph:
    """The checked graph of a pipeline file; the parameters are those of `check`.

    Raises PipelineError with every diagnostic when there are errors.
    """
    checked = check(path, sets, inputs, trust, picks, workspace=workspace)
    if checked.graph is None:
        raise PipelineError(checked.diagnostics)
    return checked.graph
