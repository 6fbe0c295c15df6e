"""What a run would make, why, and what it costs; and what differs between two states of a film."""

from __future__ import annotations

import glob
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Unpack

from callsheet.api.given import Common, Given, Inputs, Pipeline, allowing, opened, project_at, rows_of
from callsheet.dsl.graph import Graph
from callsheet.dsl.values.inputs import Files
from callsheet.errors import InputError
from callsheet.runtime.diff import diff as differences
from callsheet.runtime.diff.changes import Changes
from callsheet.runtime.diff.film_changes import FilmsChanges
from callsheet.runtime.diff.runs import RunChanges
from callsheet.runtime.explain import Explanation
from callsheet.runtime.explain import explain as explained
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.planning import planned_film
from callsheet.runtime.settings import settings_in
from callsheet.runtime.settings.films import patterns_of
from callsheet.spec.permissions import PERMISSIONS, granting
from callsheet.spec.profile import PROFILE
from callsheet.spec.project import SETTINGS


def plan(
    pipeline: Pipeline,
    state: str | Path | None = None,
    only: Sequence[str] = (),
    store: str = "",
    profile: str = "",
    own_prices: Sequence[str] = (),
    *,
    budget: float | None = None,
    unpriced: float | None = None,
    save: str | Path | None = None,
    **given: Unpack[Inputs],
) -> Plan:
    """What a run for money would do now, in order, with prices in USD where they are known. Makes nothing.
    `callsheet plan`.

    state: the folder with what earlier runs left; what is there is reused and costs nothing. only: as in
    `run`. store: the folder or URL of a store that a team shares; what the lock file names of it costs
    nothing. profile: of `callsheet.toml`. given: see `Given`. own_prices, budget, unpriced: as in `run`.
    save: a file to save the plan in; `run` executes exactly this, once.

    Raises InputError for a store that cannot be reached, PipelineError for mistakes in the file and for a
    lock file that cannot be read.
    """
    options = RunOptions(only=tuple(only), store=store, budget=budget, unpriced=unpriced)
    place: Given = {**given, "state": state, "store": store, "profile": profile}
    with granting(prices=own_prices), opened(pipeline, place) as film:
        found = planned_film(film.graph(), film.workspace, options)
        if save is not None:
            if isinstance(pipeline, Graph):
                raise InputError("the inputs of a checked graph are not known", "plan its file to save it")
            trust, profile = PERMISSIONS.get().trust, PROFILE.get()
            request = RunRequest(film.path, only=tuple(only), trust=trust, profile=profile)
            found.save(Path(save), film.asked(request))
    return found.plan


def explain(pipeline: Pipeline, address: str, **given: Unpack[Given]) -> Explanation:
    """What the instance at `address` is made of, what changed since last time, and which other instances that
    affects. `callsheet explain`.

    given: see `Given`. Raises InputError when there is no such instance, PipelineError.
    """
    with opened(pipeline, given) as film:
        return explained(film.graph(), address, film.workspace, film.store)


def diff(
    old: str,
    *new: str,
    sets: Mapping[str, str] | None = None,
    inputs: Files = None,
    profile: str = "",
    trust: bool | None = None,
    check_lock: bool = False,
    pictures: str | Path | None = None,
    project: str | Path = ".",
    state: str | Path | None = None,
    **given: Unpack[Common],
) -> Changes | RunChanges | FilmsChanges:
    """What differs, what it affects, and what it costs. Makes nothing. `callsheet diff`.

    old and new: two files; a revision of git, or a range of revisions, and films; two runs; or a film alone,
    to compare it with HEAD. Several films, a pattern, check_lock, or none at all where `callsheet.toml` names
    films give FilmsChanges. check_lock: whether a film asks for a paid result that its lock file does not
    have is in `FilmsChanges.forgotten`. pictures: a folder, which gets a strip of each shot that changes,
    before and after. The other parameters hold for both sides; see `Given`. A revision without the table of
    `each` has one film.

    A revision is unpacked into a folder that is the current folder of the whole process while it is read: do
    not call this beside other threads that use relative paths. Raises PipelineError when one of the two
    states has errors, InputError for what does not exist. Of several films, errors are in the result.
    """
    with (
        allowing(given, profile=profile, trust=trust),
        rows_of(given),
        project_at({"project": project, "state": state}) as workspace,
    ):
        names = new or films_of_project(old)
        folder = None if pictures is None else Path(pictures)
        if not (check_lock or len(names) > 1 or any(map(glob.has_magic, (old, *names)))):
            return differences.diff(workspace, old, names[0] if names else None, sets, inputs, folder)
        revisions, names = (old, names) if names else ("HEAD", (old,))
        return differences.diff_films(workspace, revisions, names, sets, inputs, folder)


def films_of_project(revisions: str) -> tuple[str, ...]:
    """What callsheet.toml in the current folder names as films, as patterns, so that deleted ones are found;
    nothing where `revisions` is a file."""
    if revisions.endswith((".yaml", ".yml")) or glob.has_magic(revisions) or not Path(SETTINGS).exists():
        return ()
    return patterns_of(settings_in(Path()))
