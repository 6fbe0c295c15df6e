"""Which folder is the project that a file belongs to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

STATE: Final = ".callsheet"
"""The folder of a project's state, in its root."""
OUT: Final = Path("out")
"""The folder of results with readable names, in the root of the project."""
MARKS: Final = ("callsheet.toml", STATE, ".git")
"""What tells the root of a project, the strongest first. `.git` may be a file (a worktree, a submodule)."""


def project_root(folder: Path) -> Path:
    """The root of the project that `folder` lies in.

    It is the nearest folder at or above it that has `callsheet.toml`, else `.callsheet/`, else `.git`, else
    `folder` itself, or what is there of it. The search does not reach the home folder from below, another
    file system, or a folder of another owner. The result is relative where it is the current folder or lies
    in it, else absolute.
    """
    above = list(_above(folder))
    found = (place for mark in MARKS for place in above if (place / mark).exists())
    return _shown(next(found, above[0]))


def _above(folder: Path) -> Iterator[Path]:
    """`folder` and those above it that may be the project's."""
    start = folder.resolve()
    while not start.is_dir() and start != start.parent:
        start = start.parent
    place = start
    yield start
    home = _home()
    try:
        first = start.stat()
        while place != place.parent and place != home:
            place = place.parent
            status = place.stat()
            if place == home or (status.st_dev, status.st_uid) != (first.st_dev, first.st_uid):
                return
            yield place
    except OSError:
        return


def _home() -> Path | None:
    try:
        return Path.home().resolve()
    except (OSError, RuntimeError):
        return None


def _shown(root: Path) -> Path:
    here = Path.cwd()
    if root.is_relative_to(here):
        return root.relative_to(here)
    return root


def from_root(path: Path, root: Path) -> Path:
    """`path`, which starts at the current folder, as it is called from `root`."""
    return Path(os.path.relpath(path.absolute(), root.absolute()))
