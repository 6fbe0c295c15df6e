"""A project and its files: begun, described for editors, rewritten, and what its store keeps."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from callsheet.api.given import Given, Place, opened, project_at
from callsheet.errors import InputError
from callsheet.runtime import film_log as history
from callsheet.runtime import gc as collecting
from callsheet.runtime import init as beginning
from callsheet.runtime import stored_files as storing
from callsheet.runtime import substitute as rewriting
from callsheet.runtime.doctor.examine import examine
from callsheet.runtime.doctor.finding import Doctor
from callsheet.runtime.film_log import Entry
from callsheet.runtime.gc import Garbage, Rules
from callsheet.runtime.init import NewProject
from callsheet.runtime.init_git import GitSettings
from callsheet.runtime.init_git import init_git as set_git_up
from callsheet.runtime.shared_gc.garbage import SharedGarbage, shared_rules
from callsheet.runtime.shared_gc.remove import remove_shared
from callsheet.runtime.shared_gc.search import find_shared_garbage
from callsheet.runtime.stored_files import StoredFiles, Verified
from callsheet.runtime.substitute import Substituted
from callsheet.spec.document import Document


@dataclass(frozen=True, slots=True)
class FilmLog(Document):
    """The history of a film, newest first."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class VerifiedFiles(Document):
    """Stored files that were read again. ok: whether all of them are whole."""

    ok: bool
    files: tuple[Verified, ...]


def init(folder: str | Path = ".", example: str = "") -> NewProject:
    """Write a first pipeline and its editor schema into a folder. `callsheet init`.

    example: an example whose files are written instead, such as "lighthouse". Raises InputError when there is
    no such example, one of the files exists, or the folder cannot be written.
    """
    return beginning.init(Path(folder), example)


def init_git(folder: str | Path = ".") -> GitSettings:
    """Set git up in a clone: lock files merge by themselves. `callsheet init --git`.

    Raises InputError where it is no clone.
    """
    return set_git_up(Path(folder))


def substitute(
    pipeline: str | Path, old: str, new: str, write: bool = False, force: bool = False, **given: Unpack[Given]
) -> Substituted:
    """Replace the model `old` with `new` in a pipeline file. `callsheet substitute`.

    write: write the file, if its new text passes `check`; force: in any case. given: see `Given`. Raises
    InputError when there is no such model or the file does not use it, PipelineError, StoreError.
    """
    with opened(pipeline, given) as film:
        done = rewriting.substitute(film.path, old, new, film.sets, film.inputs)
        if write and (force or done.ok):
            done.write()
    return done


def log(pipeline: str | Path, most: int = 20) -> FilmLog:
    """The history of a film from git: who changed which shot, picked what, for how much. `callsheet log`.

    most: commits. Raises InputError where git is missing or the file is in no repository.
    """
    return FilmLog(history.film_log(Path(pipeline), most))


def doctor(online: bool = False, **place: Unpack[Place]) -> Doctor:
    """What works on this machine and in a project, without secrets. `callsheet doctor`.

    online: also ask each provider and the shared store whether they answer. place: see `Place`. Raises
    nothing: what cannot be looked at is one of the findings.
    """
    return examine(lambda: project_at(place), online)


def cache(**place: Unpack[Place]) -> StoredFiles:
    """The files in the content store of a project. `callsheet cache ls`. place: see `Place`."""
    with project_at(place) as workspace:
        return storing.stored_files(workspace)


def cache_verify(store: str = "", **place: Unpack[Place]) -> VerifiedFiles:
    """Read every stored file again. `callsheet cache verify`.

    store: a shared store to read instead. place: see `Place`. Raises InputError for one that cannot be
    reached.
    """
    with project_at(place) as workspace:
        found = tuple(storing.verify(workspace, store))
    return VerifiedFiles(all(file.whole for file in found), found)


def cache_gc(
    older_than: float | None = None,
    max_size: int | None = None,
    everything: bool = False,
    yes: bool = False,
    store: str = "",
    forget: Sequence[str] = (),
    **place: Unpack[Place],
) -> Garbage | SharedGarbage:
    """Find stored files that no lock file of the project names and no pending request needs, and delete them.
    `callsheet cache gc`.

    Nothing is deleted without `yes`. older_than: seconds; of a shared store 30 days, if it is not given.
    max_size: bytes that may be left. everything: also files that locks name or requests need; of a shared
    store, what was put there before films said there what they need. store: a shared store to clear instead.
    forget: projects, or branches as `project/branch`, that need nothing of it any more. place: see `Place`. A
    lock file outside of the project, as `lock` of `run` may be, is not looked at. Raises InputError while a
    run is in progress, StoreError.
    """
    with project_at(place) as workspace:
        if store:
            search = find_shared_garbage(
                workspace, store, shared_rules(older_than, max_size, everything, forget)
            )
            if yes:
                remove_shared(search, workspace)
            return search.garbage
        if forget:
            raise InputError("`forget` is about a shared store", "name it: store, or --store PLACE")
        before = None if older_than is None else time.time() - older_than
        found = collecting.find_garbage(workspace, Rules(before, max_size, everything))
        if yes:
            collecting.remove(found, workspace)
    return found
