"""The films of a project, told apart by the folder that their results go to.

They are looked at as text: what a file is called in out/ can be read off it, whatever else is wrong with it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.output.file_names import file_name
from callsheet.runtime.output.layout import Layout
from callsheet.runtime.output.manifest import Manifest
from callsheet.spec.pipeline_files import ENDINGS, MOST, head_of
from callsheet.spec.project import LOCK, SETTINGS, from_root

NAME: Final = re.compile(
    r"""^name[ \t]*:[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^#\s][^#\n]*?))[ \t]*(?:#.*)?\r?$""", re.MULTILINE
)
MOST_FOLDERS: Final = 200
"""Folders of a project at most that are looked through."""
LEFT_OUT: Final = {"out", "recipes", "models", "node_modules"}
"""Folders that have no films of the project."""


def folder_name(path: Path) -> str | None:
    """What the folder of a film's results is called; None for a file that is no film."""
    head = head_of(path)
    return _called(path, head) if head else None


def _called(path: Path, head: bytes) -> str:
    """What the folder of the results of a pipeline is called. head: its beginning."""
    found = NAME.search(head.decode("utf-8", "replace"))
    return file_name(next(filter(None, found.groups()), path.stem) if found else path.stem)


def namesakes(film: Path, name: str, root: Path, leave_out: Collection[Path] = ()) -> list[Path]:
    """The other films of the project `root` that write to the same folder as `film`, which has this name.

    leave_out: files that are no films, such as recipes that it uses. All of a project is looked through where
    `callsheet.toml` says that it is one, up to a limit; otherwise the folder of the film.
    """
    known = {path.resolve() for path in (film, *leave_out)}
    folder = file_name(name).casefold()
    deep = (root / SETTINGS).exists()
    places = _candidates(root if deep else film.parent, deep)
    found = [path for path, head in places if _called(path, head).casefold() == folder]
    return [path for path in found if path.resolve() not in known]


def films_in(root: Path) -> list[Path]:
    """The films of the project `root`, the nearest first, up to a limit."""
    return [path for path, _ in _candidates(root, deep=True)]


def other_owner(layout: Layout, film: Path) -> Path | None:
    """The other film whose results are in the folder, and which is still called so; None if there is none."""
    owner = Manifest(layout.top).owner
    if owner is None or not owner.exists() or owner.resolve() == film.resolve():
        return None
    same = (folder_name(owner) or "").casefold() == layout.name.casefold()
    return from_root(owner, Path()) if same else None


def require_own_folder(layout: Layout, film: Path) -> None:
    """Raises InputError where the folder has the results of another film."""
    if owner := other_owner(layout, film):
        raise InputError(
            f"{layout.top} has the results of another film of this name, {owner}; nothing was made",
            "give one of the two another `name:`, or choose another --out",
        )


def _candidates(root: Path, deep: bool) -> Iterator[tuple[Path, bytes]]:
    """The pipelines in a folder and their beginnings. deep: also those below it, the nearest first; a folder
    that is a project of its own has none of them."""
    waiting = [str(root)]
    for folder in waiting:
        files, folders = _listed(folder, whole=folder == waiting[0])
        yield from ((path, head) for path in map(Path, files) if (head := head_of(path)))
        if deep and len(waiting) < MOST_FOLDERS:
            waiting += folders


def _listed(folder: str, whole: bool) -> tuple[list[str], list[str]]:
    """The YAML files of a folder and the folders in it that may have films, by name; nothing of a folder that
    cannot be read. whole: also where it is a project. Every `check` looks here, so that paths are texts."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(islice(listing, MOST), key=lambda entry: entry.name)
    except OSError:
        return [], []
    if not whole and any(entry.name == SETTINGS for entry in entries):
        return [], []
    files = [e.path for e in entries if e.name.endswith(ENDINGS) and not e.name.endswith(LOCK)]
    return files, [e.path for e in entries[:MOST_FOLDERS] if _may_have_films(e)]


def _may_have_films(entry: os.DirEntry[str]) -> bool:
    named = "." not in entry.name and entry.name not in LEFT_OUT
    return named and entry.is_dir(follow_symlinks=False)
