"""Which folder is the project that a file belongs to."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from pathlib import Path
from typing import Final

from callsheet.errors import InputError

STATE: Final = ".callsheet"
"""The folder of a project's state, in its root."""
AT_WORK: Final = "at-work"
"""The folder in the state folder with the locks of films and runs."""
LEDGER: Final = "ledger.db"
"""The file in the state folder with the ledger."""
CACHE: Final = "cache.db"
"""The file in the state folder, and in the one of previews, that says which results are here."""
LEDGER_MARK: Final = "ledger-server.json"
"""The file in the state folder that names the server with the ledger, if it is on one."""
LEDGER_VARIABLE: Final = "CALLSHEET_LEDGER"
"""The environment variable with the address of a ledger on a server."""
OUT: Final = Path("out")
"""The folder of results with readable names, in the root of the project."""
LOCK: Final = ".lock.yaml"
"""How the name of a lock file ends."""
ANSWERS: Final = ".preview.yaml"
"""How the name of a file ends that gives answers to a preview."""
SETTINGS: Final = "callsheet.toml"
"""The file that says which folder is the root of a project."""
MARKS: Final = (SETTINGS, STATE, ".git")
"""What tells the root of a project, the strongest first. `.git` may be a file (a worktree, a submodule)."""

MOST_BESIDE: Final = 1_000
"""Entries of a folder at most that are looked through for the state of another project."""


LOCK_AT: Final[ContextVar[tuple[Path, Path] | None]] = ContextVar("lock file", default=None)
"""A pipeline and the place of its lock file, where that does not lie beside it."""


def lock_path(pipeline: Path) -> Path:
    """`film.lock.yaml` beside `film.yaml`, or where `lock_at` says."""
    placed = LOCK_AT.get()
    if placed is not None and placed[0] == pipeline.absolute():
        return placed[1]
    return pipeline.parent / (pipeline.stem + LOCK)


def answers_path(pipeline: Path) -> Path:
    """`film.preview.yaml` beside `film.yaml`."""
    return pipeline.parent / (pipeline.stem + ANSWERS)


@contextmanager
def lock_at(pipeline: Path, place: Path | None) -> Iterator[None]:
    """As long as this lasts, the lock file of `pipeline` is `place`; None: where it was before."""
    token = LOCK_AT.set(LOCK_AT.get() if place is None else (pipeline.absolute(), place))
    try:
        yield
    finally:
        LOCK_AT.reset(token)


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


def require_inside(path: Path, root: Path) -> Path:
    """`path`, which is called like a file of the project `root`. Raises LeadsOutside where links lead out."""
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        inside = False
    if not inside:
        raise LeadsOutside(path)
    return path


class LeadsOutside(InputError):
    """A link out of the project, which the project may have brought along."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is a link to a place outside the project",
            "remove it; what a project that came from somebody else reads and writes must lie in it",
        )


def is_marked(folder: Path) -> bool:
    """Whether something in it says that it is the root of a project."""
    return any((folder / mark).exists() for mark in MARKS)


def outer_project(root: Path) -> Path | None:
    """The project that the project `root` lies in: the nearest folder above it that has `callsheet.toml`, or
    `.callsheet/` where `root` is no project by a file of its own."""
    if not is_marked(root):
        return None
    mark = SETTINGS if (root / SETTINGS).exists() else STATE
    place = next((place for place in list(_above(root))[1:] if (place / mark).exists()), None)
    return None if place is None else _shown(place)


def state_folders(folder: Path, root: Path, used: Path) -> Iterator[Path]:
    """Every state folder but `used` near the project `root` of a pipeline in `folder`, resolved; each once.

    Earlier versions kept it in the folder that a person stood in. It is looked for in the current folder,
    from `folder` up to the home folder, and in the folders right below those that belong to the project.
    Links and folders of another owner are left out.
    """
    own, above = root.resolve(), list(_above(folder))
    inner = [place for place in above if place.is_relative_to(own)]
    home = _home()
    ends = [home] if home and above[-1].is_relative_to(home) else []
    places = [Path.cwd(), *above, *ends, *(child for place in inner for child in _folders_in(place))]
    for place in dict.fromkeys(map(Path.resolve, places)):
        if place / STATE != used.resolve() and _is_own_folder(place / STATE):
            yield place / STATE


def _folders_in(place: Path) -> list[Path]:
    """The folders in `place`, by name; none where there are too many to look at."""
    try:
        with os.scandir(place) as entries:
            found = list(islice(entries, MOST_BESIDE + 1))
        if len(found) > MOST_BESIDE:
            return []
        return sorted(Path(entry.path) for entry in found if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _is_own_folder(path: Path) -> bool:
    """Whether it is a folder, no link, of this user."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and (os.name != "posix" or found.st_uid == os.getuid())


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


def home_folder() -> Path | None:
    """The home folder of this user; None where the system knows none, as in some containers."""
    try:
        return Path.home()
    except (OSError, RuntimeError):
        return None


def _home() -> Path | None:
    home = home_folder()
    try:
        return home.resolve() if home else None
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


def with_home(text: str) -> Path:
    """A path that a person wrote: `~` at its beginning is the home folder. The home of a user that this
    machine does not know stays as it is written."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)
