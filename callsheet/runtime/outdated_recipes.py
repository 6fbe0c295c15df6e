"""Finds which recipes from git have a newer commit or version than the films of a project pin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.output.films import films_in
from callsheet.runtime.recipes.git_fetch import RefusedError, Remote
from callsheet.runtime.recipes.git_url import GitUse, at_pin
from callsheet.runtime.workspace import Workspace
from callsheet.spec.project import lock_path
from callsheet.spec.rules.rule import Problem

VERSION: Final = re.compile(r"(v?)([0-9]{1,6}(?:\.[0-9]{1,6}){0,3})\Z")
AT_ONCE: Final = 8
"""Repositories that are asked at once."""


@dataclass(frozen=True, slots=True)
class PinState:
    """A ref of a repository of recipes, as films pin it.

    pin: `git+https://…@v1`. commit: the pinned one. films: which films pin it there. now: the commit of the
    ref today, "" where nobody knows. newest: the tag of a newer version, "" for none. problem: why the
    repository could not be asked.
    """

    pin: str
    commit: str
    films: tuple[Path, ...]
    now: str = ""
    newest: str = ""
    problem: str = ""

    @property
    def outdated(self) -> bool:
        """Whether there is something newer."""
        return bool(self.newest) or self.now not in ("", self.commit)


def outdated_recipes(workspace: Workspace, files: Sequence[Path] = ()) -> tuple[PinState, ...]:
    """The state of each recipe from git that the lock files of these films pin, by the name of the pin.

    files: the pipelines; all films of the project when none is named. Asks each repository once for its
    branches and tags, and fetches nothing.

    Raises InputError for a file that is not there, PipelineError for a lock file that cannot be read.
    """
    pinned: dict[tuple[str, str], list[Path]] = {}
    for film in files or films_in(workspace.root):
        if not film.is_file():
            raise InputError(f"there is no file {film}", "name pipelines, or none for all of the project")
        if lock_path(film).is_file():
            for pin, recipe in workspace.lock_file(film).lock.recipes.items():
                pinned.setdefault((pin, recipe.commit), []).append(film)
    refs = {pin: at_pin(pin) for pin, _ in pinned}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(refs, pool.map(_state, refs.values()), strict=True))
    return tuple(
        PinState(pin, commit, tuple(films), *found[pin]) for (pin, commit), films in sorted(pinned.items())
    )


def _state(use: GitUse | Problem) -> tuple[str, str, str]:
    """The commit of the ref, the newest version, and why the repository could not be asked."""
    if isinstance(use, Problem):
        return "", "", use.message
    remote = Remote(use)
    try:
        return remote.commit(), newer_version(use.ref, remote.tags()) if VERSION.match(use.ref) else "", ""
    except RefusedError as error:
        return "", "", error.message


def newer_version(ref: str, tags: Iterable[str]) -> str:
    """The tag of the newest version, if that is newer than the version `ref`; "" otherwise. Tags that are
    written otherwise (`v1.2`, `1.2`) are no versions of it."""
    own = VERSION.match(ref)
    if own is None:
        return ""
    alike = [tag for tag in tags if (found := VERSION.match(tag)) and found[1] == own[1]]
    newest = max(alike, key=_numbers, default=ref)
    return newest if _numbers(newest)[: len(_numbers(ref))] > _numbers(ref) else ""


def _numbers(tag: str) -> tuple[int, ...]:
    return tuple(map(int, tag.removeprefix("v").split(".")))
