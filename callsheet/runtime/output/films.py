"""The films of a project, told apart by the folder that their results go to.

They are looked at as text: what a file is called in out/ can be read off it, whatever else is wrong with it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.output.file_names import file_name
from callsheet.runtime.output.layout import Layout
from callsheet.runtime.output.manifest import Manifest
from callsheet.spec.project import SETTINGS, is_marked
from callsheet.spec.regular_file import read_regular

VERSION: Final = re.compile(r"^callsheet[ \t]*:", re.MULTILINE)
NAME: Final = re.compile(
    r"""^name[ \t]*:[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^#\s][^#\n]*?))[ \t]*(?:#.*)?\r?$""", re.MULTILINE
)
HEAD: Final = 8_192
"""Bytes of a file in which its name stands."""
MOST_ENTRIES: Final = 2_000
MOST_FILES: Final = 300
"""Entries and files of a project at most that are looked through."""
LEFT_OUT: Final = {"out", "recipes", "models", "node_modules"}
"""Folders that have no films of the project."""


def folder_name(path: Path) -> str | None:
    """What the folder of a film's results is called; None for a file that is no film."""
    try:
        text = read_regular(path, HEAD).decode("utf-8", "replace")
    except OSError:
        return None
    if not VERSION.search(text):
        return None
    found = NAME.search(text)
    return file_name(next(filter(None, found.groups()), path.stem) if found else path.stem)


def namesakes(film: Path, name: str, root: Path, leave_out: Collection[Path] = ()) -> list[Path]:
    """The other films of the project `root` that write to the same folder as `film`, which has this name.

    leave_out: files that are no films, such as recipes that it uses. Large projects are looked through in
    part.
    """
    known = {path.resolve() for path in (film, *leave_out)}
    folder = file_name(name).casefold()
    found = [path for path in _candidates(root) if (folder_name(path) or "").casefold() == folder]
    return [path for path in found if path.resolve() not in known]


def require_own_folder(layout: Layout, film: Path) -> None:
    """Raises InputError where the folder has the results of another film, which is still called so."""
    owner = Manifest(layout.top).owner
    if owner is None or not owner.exists() or owner.resolve() == film.resolve():
        return
    if (folder_name(owner) or "").casefold() == layout.name.casefold():
        raise InputError(
            f"{layout.top} has the results of another film of this name, {owner}; nothing was made",
            "give one of the two another `name:`, or choose another --out",
        )


def _candidates(root: Path) -> Iterator[Path]:
    """The files of a project that may be films, those that are nearest to its root first."""
    deep, entries, files = is_marked(root), 0, 0
    waiting = [root]
    for folder in waiting:
        for path in _listed(folder):
            entries += 1
            if entries > MOST_ENTRIES or files == MOST_FILES:
                return
            if path.suffix in (".yaml", ".yml") and not path.stem.endswith(".lock"):
                files += 1
                yield path
            elif deep and not path.suffix and path.name not in LEFT_OUT and _is_part(path):
                waiting.append(path)


def _listed(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as found:
            return sorted(folder / entry.name for entry in found if not entry.name.startswith("."))
    except OSError:
        return []


def _is_part(path: Path) -> bool:
    """Whether it is a folder that belongs to the same project."""
    return path.is_dir() and not path.is_symlink() and not (path / SETTINGS).exists()
