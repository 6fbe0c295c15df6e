"""The lock file of a pipeline: written, compared, settled after a merge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from callsheet.api.given import Given, Pipeline, opened
from callsheet.runtime.check import load
from callsheet.runtime.check_lock import LockDrift, check_lock, profiles_in_lock
from callsheet.runtime.lock.short_text import short_text
from callsheet.runtime.renew_lock import RenewedLock, renew_lock
from callsheet.runtime.settle_lock import PrunedLock, SettledLock, merge_lock, prune_lock, settle_lock
from callsheet.runtime.upgrade_recipes import UpgradedRecipes, upgrade_recipes
from callsheet.spec.batch import EACH
from callsheet.spec.document import Document
from callsheet.spec.profile import PROFILE, using


@dataclass(frozen=True, slots=True)
class ComparedSection:
    """A section of a lock file, compared with its pipeline. profile: whose inputs it is about, "" for the
    usual ones."""

    profile: str
    drift: LockDrift


@dataclass(frozen=True, slots=True)
class ComparedLock(Document):
    """A lock file, compared with its pipeline. ok: whether they agree."""

    ok: bool
    sections: tuple[ComparedSection, ...]


@dataclass(frozen=True, slots=True)
class MergedLock(Document):
    """Three versions of a lock file that were joined. left: where two decisions differ, a sentence each."""

    left: tuple[str, ...]


def lock(
    pipeline: Pipeline,
    ours: Sequence[str] = (),
    theirs: Sequence[str] = (),
    settle: bool = True,
    **given: Unpack[Given],
) -> RenewedLock:
    """Write the lock file of a pipeline from the results that exist. Makes nothing, costs nothing.
    `callsheet lock`.

    With a shared store, all local results are uploaded to it. ours and theirs: see `lock_settle`. settle:
    False after `lock_settle`, whose choices git does not know before `git add`. given: see `Given`. Raises
    PipelineError, InputError for a store that cannot be reached, StoreError.
    """
    with opened(pipeline, given) as film:
        if settle:
            settle_lock(film.path, ours, theirs)
        return renew_lock(film.workspace, film.graph(), film.store)


def lock_check(pipeline: Pipeline, **given: Unpack[Given]) -> ComparedLock:
    """Compare a pipeline with its lock file. Changes nothing. `callsheet lock --check`.

    Each section whose inputs are known is compared: that of what was given, or without anything the usual one
    and those of the project's profiles. given: see `Given`. Raises PipelineError, InputError.
    """
    with opened(pipeline, given) as film:
        chosen = bool(film.sets or film.inputs or PROFILE.get() or EACH.get())
        profiles = (PROFILE.get(),) if chosen else profiles_in_lock(film.workspace, film.path)
        found = []
        for profile in profiles:
            with using(profile):
                graph = load(film.path, film.sets, film.inputs, workspace=film.workspace)
            besides = () if chosen else profiles
            drift = check_lock(film.workspace, graph, film.store, besides=besides)
            found.append(ComparedSection(profile, drift))
    return ComparedLock(not any(section.drift.differences for section in found), tuple(found))


def lock_settle(
    pipeline: Pipeline, ours: Sequence[str] = (), theirs: Sequence[str] = (), **given: Unpack[Given]
) -> SettledLock:
    """Join what a merge left in the lock file; results and decisions of both sides are kept.
    `callsheet lock --ours`, `--theirs`.

    ours and theirs: addresses where two people decided differently, `recipes/git+…` for a recipe, or `all`,
    with the side that counts. given: see `Given`. Raises PipelineError where decisions still differ,
    InputError for an address where nobody disputes anything, StoreError.
    """
    with opened(pipeline, given) as film:
        return settle_lock(film.path, ours, theirs)


def lock_upgrade(pipeline: Pipeline, recipes: Sequence[str], **given: Unpack[Given]) -> UpgradedRecipes:
    """Pin the newest commits of recipes from git. `callsheet lock --upgrade`.

    recipes: `recipes/NAME`, or `recipes` for all. given: see `Given`. Raises PipelineError, InputError for a
    recipe that is not pinned or cannot be had, StoreError.
    """
    with opened(pipeline, given) as film:
        return upgrade_recipes(film.workspace, film.path, recipes, film.sets, film.inputs)


def lock_prune(pipeline: Pipeline, sections: Sequence[str], **given: Unpack[Given]) -> PrunedLock:
    """Remove what the lock file says for other inputs. `callsheet lock --prune`.

    sections: names of sections, or `all`. given: see `Given`. Raises PipelineError, InputError, StoreError.
    """
    with opened(pipeline, given) as film:
        return prune_lock(film.path, sections)


def lock_text(path: str | Path) -> str:
    """A lock file in short lines, as `git diff` shows it. `callsheet lock --textconv`."""
    return short_text(Path(path))


def merge_driver(base: str | Path, ours: str | Path, theirs: str | Path) -> MergedLock:
    """Merge three versions of a lock file into `ours`, for git. `callsheet merge-driver`.

    Raises PipelineError for a version that cannot be read.
    """
    return MergedLock(tuple(merge_lock(Path(base), Path(ours), Path(theirs))))
